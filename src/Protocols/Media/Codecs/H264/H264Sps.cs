using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.H264;

/// <summary>What a sequence parameter set says about the pictures that follow (H.264 §7.3.2.1.1 and §E.1.1).</summary>
/// <param name="ProfileLevelId">Profile, constraints and level.</param>
/// <param name="Resolution">The size after cropping.</param>
/// <param name="FrameRate">From the VUI timing; empty where absent. An upper bound where the rate varies.</param>
/// <param name="SampleAspectWidth">Sample aspect ratio, width; 0 where not announced.</param>
/// <param name="SampleAspectHeight">Sample aspect ratio, height; 0 where not announced.</param>
/// <param name="IsProgressive">frame_mbs_only_flag: no field coding.</param>
/// <param name="MaxReorderFrames">
/// How many frames may precede a frame in decoding order and follow it in output order; -1 where the stream leaves it to inference.
/// </param>
/// <param name="MayReorder">
/// True unless the set rules out that output order differs from decoding order: B-frames may come, which WebRTC cannot play.
/// </param>
public readonly record struct H264Sps(
    ProfileLevelId ProfileLevelId,
    Resolution Resolution,
    FrameRate FrameRate,
    ushort SampleAspectWidth,
    ushort SampleAspectHeight,
    bool IsProgressive,
    int MaxReorderFrames,
    bool MayReorder)
{
    /// <summary>seq_parameter_set_id, 0 to 31.</summary>
    public byte Id { get; init; }

    /// <summary>0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.</summary>
    public byte ChromaFormat { get; init; }

    /// <summary>Bits of a luma sample.</summary>
    public byte LumaDepth { get; init; }

    /// <summary>Bits of a chroma sample.</summary>
    public byte ChromaDepth { get; init; }

    /// <summary>What the headers of slices depend on.</summary>
    internal H264SliceFields SliceFields { get; init; }

    // The longest useful part: all scaling lists and the VUI. What lies beyond is cut off and treated like a short unit.
    private const int MaxBytes = 1024;

    // log2_max_frame_num_minus4 and its like (§7.4.2.1.1).
    private const int MaxCountBits = 12;

    /// <summary>
    /// Parses a unit with its header byte. False where it is no SPS, too short, or says something no encoder says. Damage in the optional
    /// VUI only loses what the VUI carries.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> nal, out H264Sps sps)
    {
        sps = default;
        if (nal.Length < 4 || new H264NalHeader(nal[0]) is not { IsDamaged: false, Type: H264NalType.Sps }) return false;
        Span<byte> buffer = stackalloc byte[MaxBytes];
        var length = EmulationPrevention.Remove(nal[1..], buffer);
        var reader = new BitReader(buffer[..length]);
        var id = new ProfileLevelId((byte)reader.Bits(8), (byte)reader.Bits(8), (byte)reader.Bits(8));
        var setId = reader.UnsignedExpGolomb();
        if (id.IsEmpty || setId > 31) return false;

        var samples = new ChromaSamples(1, 1, 8, 8);
        if (HasChromaFormat(id.ProfileIdc) && !TryReadChroma(ref reader, out samples)) return false;
        var chroma = samples.CodedFormat;
        var numberBits = reader.UnsignedExpGolomb();
        if (!TryReadOrderCount(ref reader, out var order)) return false;
        reader.UnsignedExpGolomb(); // max_num_ref_frames
        reader.Skip(1);
        var columns = (reader.UnsignedExpGolomb() + 1L) * 16;
        var rows = (reader.UnsignedExpGolomb() + 1L) * 16;
        var progressive = reader.Bit();
        if (!progressive)
        {
            rows *= 2;
            reader.Skip(1);
        }

        reader.Skip(1);
        if (reader.Bit())
        {
            var unitX = chroma is 1 or 2 ? 2 : 1;
            var unitY = (chroma == 1 ? 2 : 1) * (progressive ? 1 : 2);
            columns -= ((long)reader.UnsignedExpGolomb() + reader.UnsignedExpGolomb()) * unitX;
            rows -= ((long)reader.UnsignedExpGolomb() + reader.UnsignedExpGolomb()) * unitY;
        }

        var hasVui = reader.Bit();
        if (reader.Overrun || !Resolution.TryCreate(columns, rows, out var resolution)) return false;

        var vui = hasVui ? H264Vui.Read(ref reader) : H264Vui.Absent;
        sps = new H264Sps(
            id,
            resolution,
            vui.FrameRate,
            vui.SampleAspectWidth,
            vui.SampleAspectHeight,
            progressive,
            vui.MaxReorderFrames,
            vui.MaxReorderFrames >= 0 ? vui.MaxReorderFrames > 0 : OrderMayDiffer(id, order.Type))
        {
            Id = (byte)setId,
            ChromaFormat = (byte)samples.Format,
            LumaDepth = (byte)samples.LumaDepth,
            ChromaDepth = (byte)samples.ChromaDepth,
            SliceFields = new H264SliceFields((int)Math.Min(numberBits, MaxCountBits) + 4, order, chroma > 0, samples is { Format: 3, CodedFormat: 0 }),
        };
        return true;
    }

    // Where nothing restricts reordering: Baseline has no B-slices, order count type 2 means output order (§8.2.1.3), and the
    // intra-only profiles infer 0 (§E.2.1).
    private static bool OrderMayDiffer(ProfileLevelId id, uint orderCountType) =>
        orderCountType != 2
        && id.Profile is not (H264Profile.ConstrainedBaseline or H264Profile.Baseline or H264Profile.ConstrainedHigh)
        && !((id.Constraints & 0x10) != 0 && id.ProfileIdc is 44 or 86 or 100 or 110 or 122 or 244);

    // CodedFormat differs from Format where the colour planes are coded like three monochrome pictures.
    private readonly record struct ChromaSamples(uint Format, uint CodedFormat, uint LumaDepth, uint ChromaDepth);

    internal static bool HasChromaFormat(byte profileIdc) =>
        profileIdc is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135;

    private static bool TryReadChroma(ref BitReader reader, out ChromaSamples samples)
    {
        samples = default;
        var chroma = reader.UnsignedExpGolomb();
        if (chroma > 3) return false;
        var lists = chroma == 3 ? 12 : 8;
        var areSeparate = chroma == 3 && reader.Bit();
        var luma = reader.UnsignedExpGolomb();
        var other = reader.UnsignedExpGolomb();
        if (luma > 6 || other > 6) return false;
        samples = new ChromaSamples(chroma, areSeparate ? 0 : chroma, luma + 8, other + 8);
        reader.Skip(1);
        if (!reader.Bit()) return true;
        for (var i = 0; i < lists && !reader.Overrun; i++)
        {
            if (reader.Bit())
            {
                SkipScalingList(ref reader, i < 6 ? 16 : 64);
            }
        }

        return !reader.Overrun;
    }

    private static void SkipScalingList(ref BitReader reader, int size)
    {
        var last = 8;
        var next = 8;
        for (var i = 0; i < size && next != 0 && !reader.Overrun; i++)
        {
            next = last + reader.SignedExpGolomb() & 0xff;
            last = next == 0 ? last : next;
        }
    }

    private static bool TryReadOrderCount(ref BitReader reader, out H264OrderCount order)
    {
        var type = reader.UnsignedExpGolomb();
        order = new H264OrderCount(type, 0, false);
        if (type > 2) return false;
        if (type == 0)
        {
            order = order with { Bits = (int)Math.Min(reader.UnsignedExpGolomb(), MaxCountBits) + 4 };
        }
        else if (type == 1)
        {
            order = order with { IsDeltaZero = reader.Bit() };
            reader.SignedExpGolomb();
            reader.SignedExpGolomb();
            var cycle = reader.UnsignedExpGolomb();
            if (cycle > 255) return false;
            for (var i = 0; i < cycle && !reader.Overrun; i++)
            {
                reader.SignedExpGolomb();
            }
        }

        return true;
    }
}

/// <summary>How a sequence's slices say when their pictures are shown (H.264 §8.2.1).</summary>
/// <param name="Type">pic_order_cnt_type, 0 to 2.</param>
/// <param name="Bits">Bits of pic_order_cnt_lsb, where the type is 0.</param>
/// <param name="IsDeltaZero">delta_pic_order_always_zero_flag, where the type is 1.</param>
internal readonly record struct H264OrderCount(uint Type, int Bits, bool IsDeltaZero);

/// <summary>What the headers of slices depend on of their sequence (H.264 §7.3.3).</summary>
/// <param name="NumberBits">Bits of frame_num.</param>
/// <param name="Order">When pictures are shown.</param>
/// <param name="HasChroma">Slices have chroma: ChromaArrayType is not 0.</param>
/// <param name="HasSeparatePlanes">separate_colour_plane_flag.</param>
internal readonly record struct H264SliceFields(int NumberBits, H264OrderCount Order, bool HasChroma, bool HasSeparatePlanes);
