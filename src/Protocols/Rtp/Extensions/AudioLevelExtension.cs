namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>
/// The loudness of an audio packet (RFC 6464 §3).
/// <code>
///  0 1 2 3 4 5 6 7
/// +-+-+-+-+-+-+-+-+
/// |V|    level    |
/// +-+-+-+-+-+-+-+-+
/// </code>
/// </summary>
/// <param name="Level">Loudness as -dBov, 0 (loudest) to 127 (silence).</param>
/// <param name="Voice">True where the sender believes the packet holds speech.</param>
public readonly record struct AudioLevelExtension(byte Level, bool Voice)
{
    /// <summary>The name in <c>a=extmap</c>.</summary>
    public const string Uri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

    /// <summary>Bytes of the element as written.</summary>
    public const int Length = 1;

    /// <summary>Reads the element; the two-byte form may append a zero byte (RFC 6464 §3).</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, out AudioLevelExtension value)
    {
        if (data.Length is not (1 or 2))
        {
            value = default;
            return false;
        }

        value = new((byte)(data[0] & 0x7f), (data[0] & 0x80) != 0);
        return true;
    }

    /// <summary>Writes the element.</summary>
    public int Write(Span<byte> destination)
    {
        destination[0] = (byte)((Voice ? 0x80 : 0) | Level & 0x7f);
        return Length;
    }
}
