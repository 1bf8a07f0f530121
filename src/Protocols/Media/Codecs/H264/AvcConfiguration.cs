using System.Buffers.Binary;

namespace Sluice.Protocols.Media.Codecs.H264;

/// <summary>
/// AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1): what MP4 and FLV say of H.264 before the first frame. A view of the caller's
/// bytes; the extension of the High profiles is written and not read.
/// </summary>
public readonly ref struct AvcConfiguration
{
    private const int HeaderLength = 6;
    private const int ExtensionLength = 4;

    private readonly ReadOnlySpan<byte> _sequenceSets;
    private readonly ReadOnlySpan<byte> _pictureSets;

    private AvcConfiguration(ReadOnlySpan<byte> record, ReadOnlySpan<byte> sequenceSets, ReadOnlySpan<byte> pictureSets)
    {
        ProfileLevelId = new ProfileLevelId(record[1], record[2], record[3]);
        LengthSize = (record[4] & 3) + 1;
        _sequenceSets = sequenceSets;
        _pictureSets = pictureSets;
    }

    /// <summary>Profile, constraints and level.</summary>
    public ProfileLevelId ProfileLevelId { get; }

    /// <summary>Bytes of the length before each NAL unit: 1, 2 or 4.</summary>
    public int LengthSize { get; }

    /// <summary>The sequence parameter sets; there is at least one byte of them in every record of use, but encoders send none at times.</summary>
    public ParameterSetReader SequenceSets => new(_sequenceSets);

    /// <summary>The picture parameter sets.</summary>
    public ParameterSetReader PictureSets => new(_pictureSets);

    /// <summary>Reads a record. False where it is of another version, cut short, or has lengths of three bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> record, out AvcConfiguration configuration)
    {
        configuration = default;
        if (record.Length < HeaderLength + 1 || record[0] != 1 || (record[4] & 3) == 2) return false;
        var rest = record[HeaderLength..];
        if (!ParameterSetReader.TryMeasure(rest, record[5] & 0x1f, out var sequenceLength) || sequenceLength >= rest.Length) return false;
        var pictures = rest[(sequenceLength + 1)..];
        if (!ParameterSetReader.TryMeasure(pictures, rest[sequenceLength], out var pictureLength)) return false;
        configuration = new AvcConfiguration(record, rest[..sequenceLength], pictures[..pictureLength]);
        return true;
    }

    /// <summary>
    /// Writes a record for lengths of four bytes, with the extension of the High profiles. Profile and level are those of the first sequence
    /// set.
    /// </summary>
    /// <param name="destination">Where to.</param>
    /// <param name="sequenceSets">Sequence parameter sets with their NAL headers, 1 to 31.</param>
    /// <param name="pictureSets">Picture parameter sets with their NAL headers, at most 255.</param>
    /// <returns>Bytes written; 0 where the first sequence set cannot be read, there are too many, or they do not fit.</returns>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte[]> sequenceSets, ReadOnlySpan<byte[]> pictureSets)
    {
        if (sequenceSets.Length is 0 or > 31 || pictureSets.Length > 255 || !H264Sps.TryParse(sequenceSets[0], out var sps)) return 0;
        var length = HeaderLength + 1 + Measure(sequenceSets) + Measure(pictureSets);
        var id = sps.ProfileLevelId;
        var isExtended = H264Sps.HasChromaFormat(id.ProfileIdc);
        if (length + (isExtended ? ExtensionLength : 0) > destination.Length) return 0;
        destination[0] = 1;
        destination[1] = id.ProfileIdc;
        destination[2] = id.Constraints;
        destination[3] = id.LevelIdc;
        destination[4] = 0xff;
        destination[5] = (byte)(0xe0 | sequenceSets.Length);
        var at = HeaderLength;
        WriteSets(destination, ref at, sequenceSets);
        destination[at++] = (byte)pictureSets.Length;
        WriteSets(destination, ref at, pictureSets);
        if (!isExtended) return at;
        destination[at++] = (byte)(0xfc | sps.ChromaFormat);
        destination[at++] = (byte)(0xf8 | sps.LumaDepth - 8);
        destination[at++] = (byte)(0xf8 | sps.ChromaDepth - 8);
        destination[at++] = 0; // no sequence parameter set extensions
        return at;
    }

    private static int Measure(ReadOnlySpan<byte[]> sets)
    {
        var length = 0;
        foreach (var set in sets) length += sizeof(ushort) + set.Length;
        return length;
    }

    private static void WriteSets(Span<byte> destination, ref int at, ReadOnlySpan<byte[]> sets)
    {
        foreach (var set in sets)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)set.Length);
            set.CopyTo(destination[(at + sizeof(ushort))..]);
            at += sizeof(ushort) + set.Length;
        }
    }
}
