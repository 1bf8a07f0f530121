using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.Av1;

/// <summary>What a sequence header says of samples and colour (AV1 §5.5.2).</summary>
/// <param name="BitDepth">8, 10 or 12.</param>
/// <param name="IsMonochrome">There is no colour.</param>
/// <param name="IsSubsampledX">Chroma has half the columns.</param>
/// <param name="IsSubsampledY">Chroma has half the rows.</param>
/// <param name="ChromaPosition">chroma_sample_position: 0 unknown, 1 vertical, 2 colocated.</param>
public readonly record struct Av1Samples(byte BitDepth, bool IsMonochrome, bool IsSubsampledX, bool IsSubsampledY, byte ChromaPosition)
{
    /// <summary>Parses the payload of a sequence header unit; false where it cannot be read to its colours.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out Av1Samples samples)
    {
        samples = default;
        var reader = new BitReader(payload);
        if (!Av1SequenceHeader.TryRead(ref reader, out var header)) return false;
        if (!header.IsReducedStill && reader.Bit()) reader.Skip(4 + 3); // lengths of frame ids
        reader.Skip(3); // superblock size, intra tools
        if (!header.IsReducedStill) SkipInterTools(ref reader);
        reader.Skip(3); // superres, cdef, restoration
        samples = Read(ref reader, header.Profile);
        return !reader.Overrun;
    }

    private static void SkipInterTools(ref BitReader reader)
    {
        reader.Skip(4);
        var hasOrderHint = reader.Bit();
        if (hasOrderHint) reader.Skip(2);
        var mayUseScreenTools = reader.Bit() || reader.Bit();
        if (mayUseScreenTools && !reader.Bit()) reader.Skip(1); // force_integer_mv
        if (hasOrderHint) reader.Skip(3);
    }

    private static Av1Samples Read(ref BitReader reader, byte profile)
    {
        const uint Unspecified = 2, Bt709 = 1, Srgb = 13, Identity = 0;
        var isHigh = reader.Bit();
        var depth = isHigh ? profile == 2 && reader.Bit() ? (byte)12 : (byte)10 : (byte)8;
        var isMonochrome = profile != 1 && reader.Bit();
        var (primaries, transfer, matrix) = (Unspecified, Unspecified, Unspecified);
        if (reader.Bit())
        {
            primaries = reader.Bits(8);
            transfer = reader.Bits(8);
            matrix = reader.Bits(8);
        }

        if (isMonochrome)
        {
            reader.Skip(1); // range
            return new Av1Samples(depth, true, true, true, 0);
        }

        if (primaries == Bt709 && transfer == Srgb && matrix == Identity) return new Av1Samples(depth, false, false, false, 0);
        reader.Skip(1);
        var x = profile != 1;
        var y = profile == 0;
        if (profile == 2 && depth == 12)
        {
            x = reader.Bit();
            y = x && reader.Bit();
        }

        return new Av1Samples(depth, false, x, y, x && y ? (byte)reader.Bits(2) : (byte)0);
    }
}
