using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.H264;

/// <summary>Measures the headers of H.264 slices by the parameter sets of a configuration record (H.264 §7.3.3).</summary>
internal sealed class H264SliceHeaders : SliceHeaders
{
    private readonly Dictionary<int, H264Sps> _sequences = [];
    private readonly Dictionary<int, H264Pps> _pictures = [];

    private enum SliceType
    {
        P,
        B,
        I,
        SwitchingP,
        SwitchingI,
    }

    /// <param name="record">The record; one that is damaged has no sets.</param>
    public H264SliceHeaders(ReadOnlySpan<byte> record)
    {
        if (!AvcConfiguration.TryParse(record, out var configuration)) return;
        for (var sets = configuration.SequenceSets; sets.TryRead(out var nal);)
        {
            if (H264Sps.TryParse(nal, out var sps)) _sequences[sps.Id] = sps;
        }

        for (var sets = configuration.PictureSets; sets.TryRead(out var nal);)
        {
            if (H264Pps.TryParse(nal, out var pps)) _pictures[pps.Id] = pps;
        }
    }

    /// <inheritdoc />
    public override bool IsSlice(ReadOnlySpan<byte> nal) => new H264NalHeader(nal[0]).Type is >= H264NalType.Slice and <= H264NalType.IdrSlice;

    /// <inheritdoc />
    public override bool TryMeasure(ReadOnlySpan<byte> nal, out int length)
    {
        length = 0;
        if (nal.IsEmpty || new H264NalHeader(nal[0]) is not { Type: H264NalType.Slice or H264NalType.IdrSlice } header) return false;
        Span<byte> buffer = stackalloc byte[MaxBytes];
        var reader = new BitReader(buffer[..EmulationPrevention.Remove(nal[1..], buffer)]);
        if (!TryRead(ref reader, header) || reader.Overrun) return false;
        length = 1 + EmulationPrevention.Measure(nal[1..], reader.Position + 7 >> 3);
        return true;
    }

    private bool TryRead(ref BitReader reader, H264NalHeader header)
    {
        reader.UnsignedExpGolomb(); // first_mb_in_slice
        var coded = reader.UnsignedExpGolomb();
        if (coded > 9) return false;
        var type = (SliceType)(coded % 5);
        if (!_pictures.TryGetValue((int)Math.Min(reader.UnsignedExpGolomb(), int.MaxValue), out var pps) || !_sequences.TryGetValue(pps.SequenceId, out var sps)) return false;
        var isRefresh = header.Type == H264NalType.IdrSlice;
        ReadOrder(ref reader, in sps, in pps, isRefresh);
        if (pps.CountsRedundant) reader.UnsignedExpGolomb();
        if (!TryReadReferences(ref reader, type, in pps, out var first, out var second)) return false;
        if ((pps.WeighsForward && type is SliceType.P or SliceType.SwitchingP) || (pps.WeighsBoth && type == SliceType.B))
        {
            ReadWeights(ref reader, sps.SliceFields.HasChroma, first, second);
        }

        if (header.ReferenceIdc != 0) ReadMarking(ref reader, isRefresh);
        if (pps.IsArithmetic && type is not (SliceType.I or SliceType.SwitchingI)) reader.UnsignedExpGolomb(); // cabac_init_idc
        reader.SignedExpGolomb(); // slice_qp_delta
        if (type == SliceType.SwitchingP) reader.Skip(1);
        if (type is SliceType.SwitchingP or SliceType.SwitchingI) reader.SignedExpGolomb();
        if (pps.ControlsDeblocking && reader.UnsignedExpGolomb() != 1)
        {
            reader.SignedExpGolomb();
            reader.SignedExpGolomb();
        }

        // Only ones lie between the header and an arithmetic code: anything else was read wrongly.
        while (pps.IsArithmetic && (reader.Position & 7) != 0)
        {
            if (!reader.Bit()) return false;
        }

        return true;
    }

    private static void ReadOrder(ref BitReader reader, in H264Sps sps, in H264Pps pps, bool isRefresh)
    {
        var (numberBits, order, _, hasSeparatePlanes) = sps.SliceFields;
        if (hasSeparatePlanes) reader.Skip(2);
        reader.Skip(numberBits);
        var isField = !sps.IsProgressive && reader.Bit();
        if (isField) reader.Skip(1);
        if (isRefresh) reader.UnsignedExpGolomb(); // idr_pic_id
        var hasBottom = pps.HasBottomOrder && !isField;
        if (order.Type == 0)
        {
            reader.Skip(order.Bits);
            if (hasBottom) reader.SignedExpGolomb();
        }
        else if (order is { Type: 1, IsDeltaZero: false })
        {
            reader.SignedExpGolomb();
            if (hasBottom) reader.SignedExpGolomb();
        }
    }

    private static bool TryReadReferences(ref BitReader reader, SliceType type, in H264Pps pps, out int first, out int second)
    {
        (first, second) = (pps.References0, type == SliceType.B ? pps.References1 : 0);
        if (type is SliceType.I or SliceType.SwitchingI) return true;
        if (type == SliceType.B) reader.Skip(1); // direct_spatial_mv_pred_flag
        if (reader.Bit())
        {
            first = (int)Math.Min(reader.UnsignedExpGolomb(), H264Pps.MaxReferences) + 1;
            if (type == SliceType.B) second = (int)Math.Min(reader.UnsignedExpGolomb(), H264Pps.MaxReferences) + 1;
        }

        ReadOrderOfList(ref reader);
        if (type == SliceType.B) ReadOrderOfList(ref reader);
        return Math.Max(first, second) <= H264Pps.MaxReferences;
    }

    private static void ReadOrderOfList(ref BitReader reader)
    {
        if (!reader.Bit()) return;
        while (!reader.Overrun && reader.UnsignedExpGolomb() != 3) reader.UnsignedExpGolomb();
    }

    private static void ReadWeights(ref BitReader reader, bool hasChroma, int first, int second)
    {
        reader.UnsignedExpGolomb();
        if (hasChroma) reader.UnsignedExpGolomb();
        for (var i = 0; i < first + second; i++)
        {
            for (var fields = reader.Bit() ? 2 : 0; fields > 0; fields--) reader.SignedExpGolomb();
            for (var fields = hasChroma && reader.Bit() ? 4 : 0; fields > 0; fields--) reader.SignedExpGolomb();
        }
    }

    private static void ReadMarking(ref BitReader reader, bool isRefresh)
    {
        if (isRefresh)
        {
            reader.Skip(2);
            return;
        }

        if (!reader.Bit()) return;
        while (!reader.Overrun)
        {
            var operation = reader.UnsignedExpGolomb();
            if (operation == 0) return;
            if (operation != 5) reader.UnsignedExpGolomb();
            if (operation == 3) reader.UnsignedExpGolomb();
        }
    }
}
