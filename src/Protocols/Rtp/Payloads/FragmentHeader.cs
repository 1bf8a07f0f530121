using Sluice.Protocols.Media;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>
/// What stands before each fragment of a NAL unit: FU-A of H.264 (RFC 6184 §5.8) and the fragmentation unit of H.265 (RFC 7798 §4.4.3).
/// </summary>
/// <param name="Unit">All bits that every fragment of one unit has alike, the start and end bits left out.</param>
/// <param name="Length">Bytes before the fragment's body: 2 or 3.</param>
/// <param name="Starts">The unit begins here.</param>
/// <param name="Ends">The unit ends here.</param>
public readonly record struct FragmentHeader(uint Unit, int Length, bool Starts, bool Ends)
{
    /// <summary>The longest there is, in bytes.</summary>
    public const int MaxLength = 3;

    private const byte StartBit = 0x80, EndBit = 0x40;
    private const int FuA = 28, FragmentationUnit = 49;

    /// <summary>Reads one; false where the payload is no fragment, has no body, or both starts and ends, which neither RFC allows.</summary>
    public static bool TryParse(Codec codec, ReadOnlySpan<byte> payload, out FragmentHeader header)
    {
        header = default;
        var length = codec switch
        {
            Codec.H264 => 2,
            Codec.H265 => 3,
            _ => int.MaxValue,
        };
        if (payload.Length <= length) return false;
        if (codec == Codec.H264 ? (payload[0] & 0x1f) != FuA : (payload[0] >> 1 & 0x3f) != FragmentationUnit) return false;
        var last = payload[length - 1];
        var unit = 0u;
        foreach (var octet in payload[..(length - 1)]) unit = unit << 8 | octet;
        unit = unit << 8 | (uint)(last & ~(StartBit | EndBit));
        header = new FragmentHeader(unit, length, (last & StartBit) != 0, (last & EndBit) != 0);
        return !(header.Starts && header.Ends);
    }

    /// <summary>Writes it: <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        for (var i = 0; i < Length; i++) destination[i] = (byte)(Unit >> 8 * (Length - 1 - i));
        destination[Length - 1] |= (byte)((Starts ? StartBit : 0) | (Ends ? EndBit : 0));
    }
}
