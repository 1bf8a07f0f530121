namespace Sluice.Protocols.Media.Codecs.Av1;

/// <summary>AV1CodecConfigurationRecord (AV1 Codec ISO Media File Format Binding §2.3). A view of the caller's bytes.</summary>
public readonly ref struct Av1Configuration
{
    private const int HeaderLength = 4;

    private Av1Configuration(ReadOnlySpan<byte> record)
    {
        Profile = (byte)(record[1] >> 5);
        LevelIndex = (byte)(record[1] & 0x1f);
        IsHighTier = (record[2] & 0x80) != 0;
        BitDepth = (record[2] & 0x40) == 0 ? (byte)8 : (record[2] & 0x20) == 0 ? (byte)10 : (byte)12;
        IsMonochrome = (record[2] & 0x10) != 0;
        Units = record[HeaderLength..];
    }

    /// <summary>0 Main, 1 High, 2 Professional.</summary>
    public byte Profile { get; }

    /// <summary>seq_level_idx of the first operating point.</summary>
    public byte LevelIndex { get; }

    /// <summary>seq_tier of the first operating point.</summary>
    public bool IsHighTier { get; }

    /// <summary>Bits of a sample.</summary>
    public byte BitDepth { get; }

    /// <summary>There is no colour.</summary>
    public bool IsMonochrome { get; }

    /// <summary>Units in the low-overhead format, the sequence header first; may be empty.</summary>
    public ReadOnlySpan<byte> Units { get; }

    /// <summary>Reads a record. False where it is short, has no marker bit or another version, or its units are damaged.</summary>
    public static bool TryParse(ReadOnlySpan<byte> record, out Av1Configuration configuration)
    {
        configuration = default;
        if (record.Length < HeaderLength || record[0] != 0x81 || record[1] >> 5 > 2) return false;
        var reader = new Av1ObuReader(record[HeaderLength..]);
        while (reader.TryRead(out _))
        {
        }

        if (reader.Malformed) return false;
        configuration = new Av1Configuration(record);
        return true;
    }

    /// <summary>Writes the record of a stream that begins with a sequence header, and the header into it.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="sequenceHeader">The payload of the sequence header unit, without header and size.</param>
    /// <returns>Bytes written; 0 where the header cannot be read or does not fit.</returns>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> sequenceHeader)
    {
        if (!Av1SequenceHeader.TryParse(sequenceHeader, out var header) || !Av1Samples.TryParse(sequenceHeader, out var samples)) return 0;
        if (destination.Length < HeaderLength + 1 + Leb128.MaxLength + sequenceHeader.Length) return 0;
        destination[0] = 0x81;
        destination[1] = (byte)(header.Profile << 5 | header.LevelIndex);
        destination[2] = (byte)((header.IsHighTier ? 0x80 : 0)
            | (samples.BitDepth > 8 ? 0x40 : 0)
            | (samples.BitDepth == 12 ? 0x20 : 0)
            | (samples.IsMonochrome ? 0x10 : 0)
            | (samples.IsSubsampledX ? 0x08 : 0)
            | (samples.IsSubsampledY ? 0x04 : 0)
            | samples.ChromaPosition & 3);
        destination[3] = 0; // no presentation delay is announced
        destination[4] = (byte)Av1ObuType.SequenceHeader << 3 | 0x02;
        var at = HeaderLength + 1;
        at += Leb128.Write(destination[at..], (uint)sequenceHeader.Length);
        sequenceHeader.CopyTo(destination[at..]);
        return at + sequenceHeader.Length;
    }
}
