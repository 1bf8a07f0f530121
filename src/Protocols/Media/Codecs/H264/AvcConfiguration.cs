namespace Sluice.Protocols.Media.Codecs.H264;

/// <summary>
/// AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1): what MP4 and FLV say of H.264 before the first frame. A view of the caller's
/// bytes; the extension of the High profiles is not read.
/// </summary>
public readonly ref struct AvcConfiguration
{
    private const int HeaderLength = 6;

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
}
