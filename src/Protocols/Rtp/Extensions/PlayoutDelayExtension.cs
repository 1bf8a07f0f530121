namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>
/// The playout delay the sender wishes the receiver to keep, in steps of 10 ms up to 40.95 s. Both zero means: show at once.
/// <code>
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |       MIN delay       |       MAX delay       |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// </code>
/// </summary>
/// <param name="MinimumSteps">The smallest delay in steps of 10 ms, 0 to 4095.</param>
/// <param name="MaximumSteps">The largest delay in steps of 10 ms, not below the smallest.</param>
public readonly record struct PlayoutDelayExtension(ushort MinimumSteps, ushort MaximumSteps)
{
    /// <summary>The name in <c>a=extmap</c>.</summary>
    public const string Uri = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";

    /// <summary>Bytes of the element.</summary>
    public const int Length = 3;

    private const int LargestStep = 0xfff;

    /// <summary>The smallest delay.</summary>
    public TimeSpan Minimum => TimeSpan.FromMilliseconds(MinimumSteps * 10);

    /// <summary>The largest delay.</summary>
    public TimeSpan Maximum => TimeSpan.FromMilliseconds(MaximumSteps * 10);

    /// <summary>From two spans, each cut to the range the wire can carry; the largest is at least the smallest.</summary>
    public static PlayoutDelayExtension From(TimeSpan minimum, TimeSpan maximum)
    {
        var min = (ushort)Math.Clamp(minimum.TotalMilliseconds / 10, 0, LargestStep);
        return new(min, (ushort)Math.Clamp(maximum.TotalMilliseconds / 10, min, LargestStep));
    }

    /// <summary>Reads the element; false unless it has three bytes and its smallest delay is not above its largest.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, out PlayoutDelayExtension value)
    {
        value = default;
        if (data.Length != Length) return false;
        var read = new PlayoutDelayExtension((ushort)(data[0] << 4 | data[1] >> 4), (ushort)((data[1] & 0x0f) << 8 | data[2]));
        if (read.MinimumSteps > read.MaximumSteps) return false;
        value = read;
        return true;
    }

    /// <summary>Writes the element.</summary>
    public int Write(Span<byte> destination)
    {
        destination[2] = (byte)MaximumSteps;
        destination[1] = (byte)(MinimumSteps << 4 | MaximumSteps >> 8 & 0x0f);
        destination[0] = (byte)(MinimumSteps >> 4);
        return Length;
    }
}
