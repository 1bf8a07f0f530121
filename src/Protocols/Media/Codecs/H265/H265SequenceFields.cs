using System.Numerics;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.H265;

/// <summary>What the headers of slices depend on of a sequence parameter set (H.265 §7.3.2.2.1).</summary>
internal sealed class H265SequenceFields
{
    private const int MaxBytes = ParameterSetTable.MaxLength;
    private const int MaxSets = 64;
    private const int MaxLongTerm = 32;

    // Behind the range extensions and high throughput come scalable, 3D and screen content, whose slices have other headers.
    private const int LastProfile = 5;

    private H265SequenceFields(in H265Sps sps) => Sps = sps;

    /// <summary>The front of the set.</summary>
    public H265Sps Sps { get; }

    /// <summary>Bits of slice_segment_address.</summary>
    public int AddressBits { get; private set; }

    /// <summary>sample_adaptive_offset_enabled_flag.</summary>
    public bool HasAdaptiveOffset { get; private set; }

    /// <summary>The short-term reference picture sets.</summary>
    public H265ReferenceSet[] Sets { get; private set; } = [];

    /// <summary>long_term_ref_pics_present_flag.</summary>
    public bool HasLongTerm { get; private set; }

    /// <summary>num_long_term_ref_pics_sps.</summary>
    public int LongTerm { get; private set; }

    /// <summary>Which of them pictures refer to: a bit for each.</summary>
    public ulong LongTermUsed { get; private set; }

    /// <summary>sps_temporal_mvp_enabled_flag.</summary>
    public bool HasTemporalMotion { get; private set; }

    /// <summary>Parses a unit with its two header bytes. False where it is no such set, is damaged, or of an extension that is not understood.</summary>
    public static bool TryParse(ReadOnlySpan<byte> nal, out H265SequenceFields? fields)
    {
        fields = null;
        if (!H265NalHeader.TryRead(nal, out var header) || header is not { Type: H265NalType.Sps, LayerId: 0 }) return false;
        Span<byte> buffer = stackalloc byte[MaxBytes];
        var reader = new BitReader(buffer[..EmulationPrevention.Remove(nal[H265NalHeader.Length..], buffer)]);
        if (!H265Sps.TryRead(ref reader, out var sps) || sps.ProfileIdc > LastProfile) return false;
        fields = new H265SequenceFields(in sps);
        return fields.TryReadBlocks(ref reader) && fields.TryReadReferences(ref reader) && !reader.Overrun;
    }

    /// <summary>Passes over scaling_list_data (§7.3.4).</summary>
    public static void SkipScalingLists(ref BitReader reader)
    {
        for (var size = 0; size < 4; size++)
        {
            for (var matrix = 0; matrix < 6 && !reader.Overrun; matrix += size == 3 ? 3 : 1)
            {
                if (!reader.Bit())
                {
                    reader.UnsignedExpGolomb();
                    continue;
                }

                if (size > 1) reader.SignedExpGolomb();
                for (var left = Math.Min(64, 1 << (4 + 2 * size)); left > 0; left--) reader.SignedExpGolomb();
            }
        }
    }

    /// <summary>Bits that tell one of so many: Ceil(Log2(count)).</summary>
    public static int BitsFor(long count) => count <= 1 ? 0 : BitOperations.Log2((ulong)count - 1) + 1;

    private bool TryReadBlocks(ref BitReader reader)
    {
        var smallest = reader.UnsignedExpGolomb();
        var difference = reader.UnsignedExpGolomb();
        if (smallest > 3 || difference > 3) return false;
        var log = (int)(smallest + 3 + difference);
        AddressBits = BitsFor((Sps.CodedColumns + (1 << log) - 1 >> log) * (Sps.CodedRows + (1 << log) - 1 >> log));
        for (var i = 0; i < 4; i++) reader.UnsignedExpGolomb(); // transform blocks
        if (reader.Bit() && reader.Bit()) SkipScalingLists(ref reader);
        reader.Skip(1); // amp_enabled_flag
        HasAdaptiveOffset = reader.Bit();
        if (!reader.Bit()) return true;

        // Samples coded as they are.
        reader.Skip(8);
        reader.UnsignedExpGolomb();
        reader.UnsignedExpGolomb();
        reader.Skip(1);
        return true;
    }

    private bool TryReadReferences(ref BitReader reader)
    {
        var count = reader.UnsignedExpGolomb();
        if (count > MaxSets) return false;
        Sets = new H265ReferenceSet[count];
        for (var i = 0; i < Sets.Length; i++)
        {
            Sets[i] = new H265ReferenceSet();
            if (!Sets[i].TryRead(ref reader, Sets.AsSpan(0, i), isOfSlice: false)) return false;
        }

        HasLongTerm = reader.Bit();
        var longTerm = HasLongTerm ? reader.UnsignedExpGolomb() : 0;
        if (longTerm > MaxLongTerm) return false;
        LongTerm = (int)longTerm;
        for (var i = 0; i < LongTerm; i++)
        {
            reader.Skip(Sps.OrderCountBits);
            if (reader.Bit()) LongTermUsed |= 1UL << i;
        }

        HasTemporalMotion = reader.Bit();
        return true;
    }
}
