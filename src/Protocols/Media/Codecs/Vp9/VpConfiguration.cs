namespace Sluice.Protocols.Media.Codecs.Vp9;

/// <summary>
/// VPCodecConfigurationRecord (VP Codec ISO Media File Format Binding), which VP8 and VP9 share. Read with or without the version and
/// flags of its MP4 box, since senders of either kind exist.
/// </summary>
/// <param name="Profile">0 to 3.</param>
/// <param name="Level">Ten times the level; 0 where it was not said.</param>
/// <param name="BitDepth">8, 10 or 12.</param>
/// <param name="ChromaSubsampling">0 4:2:0 vertical, 1 4:2:0 colocated, 2 4:2:2, 3 4:4:4.</param>
/// <param name="IsFullRange">Black is 0.</param>
/// <param name="Primaries">colourPrimaries of H.273.</param>
/// <param name="Transfer">transferCharacteristics of H.273.</param>
/// <param name="Matrix">matrixCoefficients of H.273.</param>
public readonly record struct VpConfiguration(
    byte Profile, byte Level, byte BitDepth, byte ChromaSubsampling, bool IsFullRange, byte Primaries, byte Transfer, byte Matrix)
{
    private const int Length = 8;
    private const int BoxHeaderLength = 4;

    /// <summary>Reads a record. False where it is short or says what no codec can: a profile above 3, another bit depth.</summary>
    public static bool TryParse(ReadOnlySpan<byte> record, out VpConfiguration configuration)
    {
        configuration = default;
        if (record is [1, 0, 0, 0, ..] && record.Length >= BoxHeaderLength + Length) record = record[BoxHeaderLength..];
        if (record.Length < Length) return false;
        var depth = (byte)(record[2] >> 4);
        var initialization = record[6] << 8 | record[7];
        if (record[0] > 3 || depth is not (8 or 10 or 12) || initialization > record.Length - Length) return false;
        configuration = new VpConfiguration(
            record[0], record[1], depth, (byte)(record[2] >> 1 & 7), (record[2] & 1) != 0, record[3], record[4], record[5]);
        return true;
    }
}
