using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.H265;

/// <summary>What the headers of slices depend on of a picture parameter set (H.265 §7.3.2.3).</summary>
internal readonly record struct H265Pps
{
    /// <summary>The most pictures of a list (§7.4.7.1).</summary>
    public const int MaxReferences = 15;

    private const int MaxBytes = ParameterSetTable.MaxLength;
    private const int MaxTiles = 64;

    /// <summary>pps_pic_parameter_set_id.</summary>
    public int Id { get; init; }

    /// <summary>The sequence parameter set.</summary>
    public int SequenceId { get; init; }

    /// <summary>dependent_slice_segments_enabled_flag.</summary>
    public bool HasDependent { get; init; }

    /// <summary>output_flag_present_flag.</summary>
    public bool HasOutputFlag { get; init; }

    /// <summary>num_extra_slice_header_bits.</summary>
    public int ExtraBits { get; init; }

    /// <summary>cabac_init_present_flag.</summary>
    public bool HasArithmeticStart { get; init; }

    /// <summary>Pictures of the first list, unless a slice says otherwise.</summary>
    public int References0 { get; init; }

    /// <summary>Pictures of the second list.</summary>
    public int References1 { get; init; }

    /// <summary>pps_slice_chroma_qp_offsets_present_flag.</summary>
    public bool HasChromaOffsets { get; init; }

    /// <summary>chroma_qp_offset_list_enabled_flag.</summary>
    public bool HasChromaOffsetList { get; init; }

    /// <summary>weighted_pred_flag.</summary>
    public bool WeighsForward { get; init; }

    /// <summary>weighted_bipred_flag.</summary>
    public bool WeighsBoth { get; init; }

    /// <summary>Slices say where their parts begin: tiles, or rows that are coded at once.</summary>
    public bool HasEntryPoints { get; init; }

    /// <summary>pps_loop_filter_across_slices_enabled_flag.</summary>
    public bool FiltersAcross { get; init; }

    /// <summary>deblocking_filter_override_enabled_flag.</summary>
    public bool MayOverrideDeblocking { get; init; }

    /// <summary>pps_deblocking_filter_disabled_flag.</summary>
    public bool IsDeblockingOff { get; init; }

    /// <summary>lists_modification_present_flag.</summary>
    public bool MayReorderLists { get; init; }

    /// <summary>slice_segment_header_extension_present_flag.</summary>
    public bool HasExtension { get; init; }

    /// <summary>Parses a unit with its two header bytes. False where it is no such set, is damaged, or of an extension that is not understood.</summary>
    public static bool TryParse(ReadOnlySpan<byte> nal, out H265Pps pps)
    {
        pps = default;
        if (!H265NalHeader.TryRead(nal, out var header) || header is not { Type: H265NalType.Pps, LayerId: 0 }) return false;
        Span<byte> buffer = stackalloc byte[MaxBytes];
        var reader = new BitReader(buffer[..EmulationPrevention.Remove(nal[H265NalHeader.Length..], buffer)]);
        var id = reader.UnsignedExpGolomb();
        var sequence = reader.UnsignedExpGolomb();
        if (id > 63 || sequence > 15) return false;
        pps = new H265Pps { Id = (int)id, SequenceId = (int)sequence, HasDependent = reader.Bit(), HasOutputFlag = reader.Bit(), ExtraBits = (int)reader.Bits(3) };
        reader.Skip(1); // sign_data_hiding_enabled_flag
        pps = pps with { HasArithmeticStart = reader.Bit(), References0 = References(ref reader), References1 = References(ref reader) };
        if (Math.Max(pps.References0, pps.References1) > MaxReferences) return false;
        reader.SignedExpGolomb(); // init_qp_minus26
        reader.Skip(1); // constrained_intra_pred_flag
        var skipsTransforms = reader.Bit();
        if (reader.Bit()) reader.UnsignedExpGolomb(); // diff_cu_qp_delta_depth
        reader.SignedExpGolomb(); // pps_cb_qp_offset
        reader.SignedExpGolomb(); // pps_cr_qp_offset
        pps = pps with { HasChromaOffsets = reader.Bit(), WeighsForward = reader.Bit(), WeighsBoth = reader.Bit() };
        reader.Skip(1); // transquant_bypass_enabled_flag
        var hasTiles = reader.Bit();
        pps = pps with { HasEntryPoints = reader.Bit() || hasTiles };
        if (hasTiles && !TrySkipTiles(ref reader)) return false;
        pps = pps with { FiltersAcross = reader.Bit() };
        if (reader.Bit())
        {
            pps = pps with { MayOverrideDeblocking = reader.Bit(), IsDeblockingOff = reader.Bit() };
            for (var fields = pps.IsDeblockingOff ? 0 : 2; fields > 0; fields--) reader.SignedExpGolomb();
        }

        if (reader.Bit()) H265SequenceFields.SkipScalingLists(ref reader);
        pps = pps with { MayReorderLists = reader.Bit() };
        reader.UnsignedExpGolomb(); // log2_parallel_merge_level_minus2
        pps = pps with { HasExtension = reader.Bit() };
        return TryReadExtensions(ref reader, skipsTransforms, ref pps) && !reader.Overrun;
    }

    /// <summary>Reads a count of pictures that is coded as one less; more than can be is <see cref="MaxReferences"/> and one.</summary>
    public static int References(ref BitReader reader) => (int)Math.Min(reader.UnsignedExpGolomb(), MaxReferences) + 1;

    private static bool TrySkipTiles(ref BitReader reader)
    {
        var columns = reader.UnsignedExpGolomb();
        var rows = reader.UnsignedExpGolomb();
        if (columns > MaxTiles || rows > MaxTiles) return false;
        if (!reader.Bit())
        {
            for (var left = columns + rows; left > 0; left--) reader.UnsignedExpGolomb();
        }

        reader.Skip(1); // loop_filter_across_tiles_enabled_flag
        return true;
    }

    // Range extensions have a say in slices; several layers, 3D and screen content have too much of it.
    private static bool TryReadExtensions(ref BitReader reader, bool skipsTransforms, ref H265Pps pps)
    {
        if (!reader.Bit()) return true;
        var hasRange = reader.Bit();
        if (reader.Bits(7) != 0) return false;
        if (!hasRange) return true;
        if (skipsTransforms) reader.UnsignedExpGolomb();
        reader.Skip(1); // cross_component_prediction_enabled_flag
        pps = pps with { HasChromaOffsetList = reader.Bit() };
        return true;
    }
}
