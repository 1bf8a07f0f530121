using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.H264;

/// <summary>What the headers of slices depend on of a picture parameter set (H.264 §7.3.2.2).</summary>
/// <param name="Id">pic_parameter_set_id.</param>
/// <param name="SequenceId">The sequence parameter set.</param>
/// <param name="IsArithmetic">entropy_coding_mode_flag: CABAC.</param>
/// <param name="HasBottomOrder">bottom_field_pic_order_in_frame_present_flag.</param>
/// <param name="References0">Pictures of the first list, unless a slice says otherwise.</param>
/// <param name="References1">Pictures of the second list.</param>
/// <param name="WeighsForward">weighted_pred_flag.</param>
/// <param name="WeighsBoth">weighted_bipred_idc is 1: weights are said.</param>
/// <param name="ControlsDeblocking">deblocking_filter_control_present_flag.</param>
/// <param name="CountsRedundant">redundant_pic_cnt_present_flag.</param>
internal readonly record struct H264Pps(
    int Id, int SequenceId, bool IsArithmetic, bool HasBottomOrder, int References0, int References1, bool WeighsForward, bool WeighsBoth, bool ControlsDeblocking, bool CountsRedundant)
{
    /// <summary>The most pictures of a list (§7.4.3).</summary>
    public const int MaxReferences = 32;

    // Behind what is read come scaling lists only.
    private const int MaxBytes = 64;

    /// <summary>Parses a unit with its header byte. False where it is no such set, is too short, or has several slice groups, which no encoder of today makes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> nal, out H264Pps pps)
    {
        pps = default;
        if (nal.IsEmpty || new H264NalHeader(nal[0]).Type != H264NalType.Pps) return false;
        Span<byte> buffer = stackalloc byte[MaxBytes];
        var reader = new BitReader(buffer[..EmulationPrevention.Remove(nal[1..], buffer)]);
        var id = reader.UnsignedExpGolomb();
        var sequence = reader.UnsignedExpGolomb();
        var isArithmetic = reader.Bit();
        var hasBottomOrder = reader.Bit();
        var groups = reader.UnsignedExpGolomb();
        var first = reader.UnsignedExpGolomb();
        var second = reader.UnsignedExpGolomb();
        if (id > 255 || sequence > 31 || groups > 0 || first >= MaxReferences || second >= MaxReferences) return false;
        var weighsForward = reader.Bit();
        var weighsBoth = reader.Bits(2) == 1;
        reader.SignedExpGolomb(); // pic_init_qp_minus26
        reader.SignedExpGolomb(); // pic_init_qs_minus26
        reader.SignedExpGolomb(); // chroma_qp_index_offset
        var controlsDeblocking = reader.Bit();
        reader.Skip(1); // constrained_intra_pred_flag
        var countsRedundant = reader.Bit();
        pps = new H264Pps(
            (int)id, (int)sequence, isArithmetic, hasBottomOrder, (int)first + 1, (int)second + 1, weighsForward, weighsBoth, controlsDeblocking, countsRedundant);
        return !reader.Overrun;
    }
}
