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
}
