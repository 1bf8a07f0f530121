using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>
/// The sender's clock when the packet left: seconds in 6.18 fixed point, wrapping every 64 seconds.
/// <code>
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |  seconds  |        fraction of a second       |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// </code>
/// </summary>
/// <param name="Value">The 24 bits, in units of 2^-18 s.</param>
public readonly record struct AbsSendTimeExtension(uint Value)
{
    /// <summary>The name in <c>a=extmap</c>.</summary>
    public const string Uri = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";

    /// <summary>Bytes of the element.</summary>
    public const int Length = 3;

    /// <summary>The value for an instant of any monotonic clock: only differences matter.</summary>
    public static AbsSendTimeExtension From(Instant at) =>
        new((uint)((UInt128)(ulong)at.Nanoseconds * (1 << 18) / 1_000_000_000) & 0xff_ffff);

    /// <summary>Reads the element; false unless it has three bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, out AbsSendTimeExtension value)
    {
        value = data.Length == Length ? new((uint)(data[0] << 16 | data[1] << 8 | data[2])) : default;
        return data.Length == Length;
    }

    /// <summary>The signed time from an earlier value to this one, right within 32 seconds.</summary>
    public TimeSpan Since(AbsSendTimeExtension earlier)
    {
        var difference = (int)((Value - earlier.Value) << 8) >> 8;
        return TimeSpan.FromTicks(difference * TimeSpan.TicksPerSecond >> 18);
    }

    /// <summary>Writes the element.</summary>
    public int Write(Span<byte> destination)
    {
        destination[2] = (byte)Value;
        destination[1] = (byte)(Value >> 8);
        destination[0] = (byte)(Value >> 16);
        return Length;
    }
}
