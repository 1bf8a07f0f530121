using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.H265;

/// <summary>Measures the headers of H.265 slices by the parameter sets of a configuration record (H.265 §7.3.6).</summary>
internal sealed class H265SliceHeaders : SliceHeaders
{
    private const uint TypeB = 0;
    private const uint TypeI = 2;

    private readonly Dictionary<int, H265SequenceFields> _sequences = [];
    private readonly Dictionary<int, H265Pps> _pictures = [];
    private readonly H265ReferenceSet _ownSet = new();

    /// <param name="record">The record; one that is damaged has no sets.</param>
    public H265SliceHeaders(ReadOnlySpan<byte> record)
    {
        if (!HevcConfiguration.TryParse(record, out var configuration)) return;
        for (var sets = configuration.Sets; sets.TryRead(out _, out var nal);)
        {
            if (H265SequenceFields.TryParse(nal, out var fields)) _sequences[fields!.Sps.Id] = fields;
            else if (H265Pps.TryParse(nal, out var pps)) _pictures[pps.Id] = pps;
        }
    }

    /// <inheritdoc />
    public override bool IsSlice(ReadOnlySpan<byte> nal) => H265NalHeader.TryRead(nal, out var header) && header.IsSlice;

    /// <inheritdoc />
    public override bool TryMeasure(ReadOnlySpan<byte> nal, out int length)
    {
        length = 0;
        if (!H265NalHeader.TryRead(nal, out var header) || header is not { IsSlice: true, LayerId: 0 }) return false;
        Span<byte> buffer = stackalloc byte[MaxBytes];
        var rest = nal[H265NalHeader.Length..];
        var reader = new BitReader(buffer[..EmulationPrevention.Remove(rest, buffer)]);
        if (!TryRead(ref reader, header)) return false;

        // A one and zeros up to the next byte end the header: anything else was read wrongly.
        if (!reader.Bit()) return false;
        while ((reader.Position & 7) != 0)
        {
            if (reader.Bit()) return false;
        }

        if (reader.Overrun) return false;
        length = H265NalHeader.Length + EmulationPrevention.Measure(rest, reader.Position >> 3);
        return true;
    }

    private bool TryRead(ref BitReader reader, H265NalHeader header)
    {
        var isFirst = reader.Bit();
        if (header.IsRandomAccess) reader.Skip(1); // no_output_of_prior_pics_flag
        if (!_pictures.TryGetValue((int)Math.Min(reader.UnsignedExpGolomb(), int.MaxValue), out var pps) || !_sequences.TryGetValue(pps.SequenceId, out var sps)) return false;
        var isDependent = !isFirst && pps.HasDependent && reader.Bit();
        if (!isFirst) reader.Skip(sps.AddressBits);
        if (!isDependent && !TryReadSlice(ref reader, header, sps, in pps)) return false;
        if (pps.HasEntryPoints && !TrySkipEntryPoints(ref reader)) return false;
        if (!pps.HasExtension) return true;
        var length = reader.UnsignedExpGolomb();
        if (length > 256) return false;
        reader.Skip(8 * (int)length);
        return true;
    }

    private bool TryReadSlice(ref BitReader reader, H265NalHeader header, H265SequenceFields sps, in H265Pps pps)
    {
        reader.Skip(pps.ExtraBits);
        var type = reader.UnsignedExpGolomb();
        if (type > TypeI) return false;
        if (pps.HasOutputFlag) reader.Skip(1);
        if (sps.Sps.HasSeparatePlanes) reader.Skip(2);
        var (used, hasMotion) = (0, false);
        if (header.Type is not (H265NalType.IdrWithDecodableLeading or H265NalType.IdrWithoutLeading))
        {
            reader.Skip(sps.Sps.OrderCountBits);
            if (!TryReadShortTerm(ref reader, sps, ref used) || (sps.HasLongTerm && !TryReadLongTerm(ref reader, sps, ref used))) return false;
            hasMotion = sps.HasTemporalMotion && reader.Bit();
        }

        var hasChroma = sps.Sps is { ChromaFormat: not 0, HasSeparatePlanes: false };
        var isOffset = sps.HasAdaptiveOffset && reader.Bit() | (hasChroma && reader.Bit());
        if (type != TypeI && !TryReadPrediction(ref reader, type, in pps, used, hasMotion, hasChroma)) return false;
        reader.SignedExpGolomb(); // slice_qp_delta
        for (var fields = pps.HasChromaOffsets ? 2 : 0; fields > 0; fields--) reader.SignedExpGolomb();
        if (pps.HasChromaOffsetList) reader.Skip(1);
        var isDeblockingOff = pps.IsDeblockingOff;
        if (pps.MayOverrideDeblocking && reader.Bit())
        {
            isDeblockingOff = reader.Bit();
            for (var fields = isDeblockingOff ? 0 : 2; fields > 0; fields--) reader.SignedExpGolomb();
        }

        if (pps.FiltersAcross && (isOffset || !isDeblockingOff)) reader.Skip(1);
        return true;
    }

    private bool TryReadShortTerm(ref BitReader reader, H265SequenceFields sps, ref int used)
    {
        var set = _ownSet;
        if (reader.Bit())
        {
            var index = reader.Bits(H265SequenceFields.BitsFor(sps.Sets.Length));
            if (index >= sps.Sets.Length) return false;
            set = sps.Sets[index];
        }
        else if (!set.TryRead(ref reader, sps.Sets, isOfSlice: true))
        {
            return false;
        }

        used += set.Used;
        return true;
    }

    private static bool TryReadLongTerm(ref BitReader reader, H265SequenceFields sps, ref int used)
    {
        var known = sps.LongTerm > 0 ? reader.UnsignedExpGolomb() : 0;
        var own = reader.UnsignedExpGolomb();
        if (known > H265Pps.MaxReferences + 1 || own > H265Pps.MaxReferences + 1) return false;
        for (var i = 0; i < known + own; i++)
        {
            if (i < known)
            {
                used += (int)(sps.LongTermUsed >> (int)reader.Bits(H265SequenceFields.BitsFor(sps.LongTerm)) & 1);
            }
            else
            {
                reader.Skip(sps.Sps.OrderCountBits);
                used += (int)reader.Bits(1);
            }

            if (reader.Bit()) reader.UnsignedExpGolomb(); // delta_poc_msb_cycle_lt
        }

        return true;
    }

    private static bool TryReadPrediction(ref BitReader reader, uint type, in H265Pps pps, int used, bool hasMotion, bool hasChroma)
    {
        var isB = type == TypeB;
        var (first, second) = (pps.References0, isB ? pps.References1 : 0);
        if (reader.Bit())
        {
            first = H265Pps.References(ref reader);
            if (isB) second = H265Pps.References(ref reader);
        }

        if (Math.Max(first, second) > H265Pps.MaxReferences) return false;
        if (pps.MayReorderLists && used > 1)
        {
            var bits = H265SequenceFields.BitsFor(used);
            if (reader.Bit()) reader.Skip(first * bits);
            if (isB && reader.Bit()) reader.Skip(second * bits);
        }

        if (isB) reader.Skip(1); // mvd_l1_zero_flag
        if (pps.HasArithmeticStart) reader.Skip(1);
        if (hasMotion && (isB && !reader.Bit() ? second : first) > 1) reader.UnsignedExpGolomb(); // collocated_ref_idx
        if (isB ? pps.WeighsBoth : pps.WeighsForward) ReadWeights(ref reader, hasChroma, first, second);
        reader.UnsignedExpGolomb(); // five_minus_max_num_merge_cand
        return true;
    }

    private static void ReadWeights(ref BitReader reader, bool hasChroma, int first, int second)
    {
        reader.UnsignedExpGolomb();
        if (hasChroma) reader.SignedExpGolomb();
        ReadWeightsOfList(ref reader, hasChroma, first);
        ReadWeightsOfList(ref reader, hasChroma, second);
    }

    // All flags come before the first weight.
    private static void ReadWeightsOfList(ref BitReader reader, bool hasChroma, int count)
    {
        var luma = reader.Bits(count);
        var chroma = hasChroma ? reader.Bits(count) : 0;
        for (var i = count - 1; i >= 0; i--)
        {
            for (var fields = (luma >> i & 1) * 2 + (chroma >> i & 1) * 4; fields > 0; fields--) reader.SignedExpGolomb();
        }
    }

    private static bool TrySkipEntryPoints(ref BitReader reader)
    {
        var count = reader.UnsignedExpGolomb();
        if (count == 0) return true;
        var bits = reader.UnsignedExpGolomb() + 1L;
        if (bits > 32 || count * bits > MaxBytes * 8) return false;
        reader.Skip((int)(count * bits));
        return true;
    }
}
