using System.Buffers.Binary;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>
/// The wall-clock time at which the first sample of a packet was captured, and optionally the offset between the capturer's clock and
/// the sender's. A relay that rewrites sender reports fills the offset.
/// <code>
/// |  absolute capture timestamp, NTP 32.32 (64 bits)                              |
/// |  optional: estimated capture clock offset, signed 32.32 (64 bits)             |
/// </code>
/// </summary>
/// <param name="Capture">When the capturer's clock saw the sample.</param>
/// <param name="ClockOffset">Capturer's clock minus sender's clock in 2^-32 s; null where the sender did not say.</param>
public readonly record struct AbsCaptureTimeExtension(NtpTime Capture, long? ClockOffset)
{
    /// <summary>The name in <c>a=extmap</c>.</summary>
    public const string Uri = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";

    /// <summary>Bytes of the element with these fields.</summary>
    public int Length => ClockOffset.HasValue ? 16 : 8;

    /// <summary>Reads the short or the long element.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, out AbsCaptureTimeExtension value)
    {
        if (data.Length is not (8 or 16))
        {
            value = default;
            return false;
        }

        long? offset = data.Length == 16 ? BinaryPrimitives.ReadInt64BigEndian(data[8..]) : null;
        value = new(new NtpTime(BinaryPrimitives.ReadUInt64BigEndian(data)), offset);
        return true;
    }

    /// <summary>Writes the element.</summary>
    public int Write(Span<byte> destination)
    {
        if (ClockOffset is { } offset)
        {
            BinaryPrimitives.WriteInt64BigEndian(destination[8..], offset);
        }

        BinaryPrimitives.WriteUInt64BigEndian(destination, Capture.Value);
        return Length;
    }
}
