namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>
/// How the receiver must turn the picture before it shows it (3GPP TS 26.114 §7.4.5, RFC 7742 §4).
/// <code>
///  0 1 2 3 4 5 6 7
/// +-+-+-+-+-+-+-+-+
/// |0 0 0 0 C F R R|
/// +-+-+-+-+-+-+-+-+
/// </code>
/// </summary>
/// <param name="QuarterTurns">Turns by 90 degrees, 0 to 3, that the receiver makes clockwise.</param>
/// <param name="Flipped">True where the picture is mirrored left to right.</param>
/// <param name="BackCamera">True where the camera on the back took it.</param>
public readonly record struct VideoOrientationExtension(byte QuarterTurns, bool Flipped, bool BackCamera)
{
    /// <summary>The name in <c>a=extmap</c>.</summary>
    public const string Uri = "urn:3gpp:video-orientation";

    /// <summary>Bytes of the element.</summary>
    public const int Length = 1;

    /// <summary>Reads the element; the upper four bits are ignored.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, out VideoOrientationExtension value)
    {
        value = data.Length == Length ? new((byte)(data[0] & 3), (data[0] & 4) != 0, (data[0] & 8) != 0) : default;
        return data.Length == Length;
    }

    /// <summary>Writes the element.</summary>
    public int Write(Span<byte> destination)
    {
        destination[0] = (byte)((BackCamera ? 8 : 0) | (Flipped ? 4 : 0) | QuarterTurns & 3);
        return Length;
    }
}
