using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.H265;

/// <summary>What a sequence parameter set says about the pictures that follow (H.265 §7.3.2.2).</summary>
/// <param name="ProfileSpace">general_profile_space; 0 for all that exists.</param>
/// <param name="ProfileIdc">general_profile_idc: 1 Main, 2 Main 10, 3 Main Still Picture, 4 range extensions.</param>
/// <param name="IsHighTier">general_tier_flag.</param>
/// <param name="LevelIdc">general_level_idc: thirty times the level.</param>
/// <param name="CompatibilityFlags">general_profile_compatibility_flag, that of profile 0 highest.</param>
/// <param name="Resolution">The size within the conformance window.</param>
/// <param name="ChromaFormat">0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.</param>
/// <param name="BitDepth">Bits of a luma sample.</param>
/// <param name="MaxReorderFrames">
/// How many pictures may precede a picture in decoding order and follow it in output order, at the highest sub-layer; above 0 B-frames may come.
/// </param>
public readonly record struct H265Sps(
    byte ProfileSpace,
    byte ProfileIdc,
    bool IsHighTier,
    byte LevelIdc,
    uint CompatibilityFlags,
    Resolution Resolution,
    byte ChromaFormat,
    byte BitDepth,
    int MaxReorderFrames)
{
    /// <summary>sps_seq_parameter_set_id, 0 to 15.</summary>
    public byte Id { get; init; }

    /// <summary>Bits of a chroma sample.</summary>
    public byte ChromaDepth { get; init; }

    /// <summary>Temporal sub-layers, 1 to 7.</summary>
    public byte SubLayers { get; init; }

    /// <summary>sps_temporal_id_nesting_flag: a decoder may go up a sub-layer at any picture.</summary>
    public bool IsTemporalIdNested { get; init; }

    /// <summary>Luma columns before cropping.</summary>
    internal long CodedColumns { get; init; }

    /// <summary>Luma rows before cropping.</summary>
    internal long CodedRows { get; init; }

    /// <summary>Bits of slice_pic_order_cnt_lsb.</summary>
    internal int OrderCountBits { get; init; }

    /// <summary>separate_colour_plane_flag.</summary>
    internal bool HasSeparatePlanes { get; init; }

    // Profile, tier and level with seven sub-layers take 12 + 1 + 6 * 12 bytes; what follows here is short.
    private const int MaxBytes = 256;
    private const int MaxSubLayers = 7;
    private const int MaxDecodedPictures = 16;

    /// <summary>Parses a unit with its two header bytes. False where it is no SPS, too short, or says something no encoder says.</summary>
    public static bool TryParse(ReadOnlySpan<byte> nal, out H265Sps sps)
    {
        sps = default;
        if (!H265NalHeader.TryRead(nal, out var header) || header is not { IsDamaged: false, Type: H265NalType.Sps }) return false;
        Span<byte> buffer = stackalloc byte[MaxBytes];
        var length = EmulationPrevention.Remove(nal[H265NalHeader.Length..], buffer);
        var reader = new BitReader(buffer[..length]);
        return TryRead(ref reader, out sps);
    }

    /// <summary>Reads a set, header and escapes removed, up to the sizes of its coding blocks.</summary>
    internal static bool TryRead(ref BitReader reader, out H265Sps sps)
    {
        sps = default;
        reader.Skip(4); // the video parameter set's id
        var subLayers = (int)reader.Bits(3) + 1;
        if (subLayers > MaxSubLayers) return false;
        var isNested = reader.Bit();

        var space = (byte)reader.Bits(2);
        var highTier = reader.Bit();
        var profile = (byte)reader.Bits(5);
        var compatibility = reader.Bits(32);
        reader.Skip(48); // source and constraint flags
        var level = (byte)reader.Bits(8);
        SkipSubLayerProfiles(ref reader, subLayers);

        var setId = reader.UnsignedExpGolomb();
        if (setId > 15) return false;
        var chroma = reader.UnsignedExpGolomb();
        if (chroma > 3) return false;
        var format = (byte)chroma;
        if (chroma == 3 && reader.Bit())
        {
            chroma = 0; // separate colour planes: each is coded like monochrome
        }

        long columns = reader.UnsignedExpGolomb();
        long rows = reader.UnsignedExpGolomb();
        var (codedColumns, codedRows) = (columns, rows);
        if (reader.Bit())
        {
            columns -= ((long)reader.UnsignedExpGolomb() + reader.UnsignedExpGolomb()) * (chroma is 1 or 2 ? 2 : 1);
            rows -= ((long)reader.UnsignedExpGolomb() + reader.UnsignedExpGolomb()) * (chroma == 1 ? 2 : 1);
        }

        var depth = reader.UnsignedExpGolomb();
        var chromaDepth = reader.UnsignedExpGolomb();
        if (depth > 8 || chromaDepth > 8) return false;
        var orderBits = reader.UnsignedExpGolomb();
        var reorder = ReadReorder(ref reader, subLayers);
        if (reader.Overrun || reorder > MaxDecodedPictures || !Resolution.TryCreate(columns, rows, out var resolution)) return false;
        sps = new H265Sps(space, profile, highTier, level, compatibility, resolution, format, (byte)(depth + 8), (int)reorder)
        {
            Id = (byte)setId,
            ChromaDepth = (byte)(chromaDepth + 8),
            SubLayers = (byte)subLayers,
            IsTemporalIdNested = isNested,
            CodedColumns = codedColumns,
            CodedRows = codedRows,
            OrderCountBits = (int)Math.Min(orderBits, 12) + 4,
            HasSeparatePlanes = format == 3 && chroma == 0,
        };
        return true;
    }

    private static void SkipSubLayerProfiles(ref BitReader reader, int subLayers)
    {
        if (subLayers == 1) return;
        var flags = reader.Bits(16); // profile and level presence, two bits a sub-layer, eight sub-layers
        for (var i = 0; i < subLayers - 1; i++)
        {
            if ((flags >> (15 - 2 * i) & 1) != 0) reader.Skip(88);
            if ((flags >> (14 - 2 * i) & 1) != 0) reader.Skip(8);
        }
    }

    private static uint ReadReorder(ref BitReader reader, int subLayers)
    {
        uint reorder = 0;
        for (var i = reader.Bit() ? 0 : subLayers - 1; i < subLayers; i++)
        {
            reader.UnsignedExpGolomb(); // sps_max_dec_pic_buffering_minus1
            reorder = reader.UnsignedExpGolomb();
            reader.UnsignedExpGolomb(); // sps_max_latency_increase_plus1
        }

        return reorder;
    }
}
