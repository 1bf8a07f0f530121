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
    private const byte Unspecified = 2;

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

    /// <summary>Writes the record without version and flags.</summary>
    /// <returns>Bytes written; 0 where the destination is shorter.</returns>
    public int Write(Span<byte> destination)
    {
        if (destination.Length < Length) return 0;
        destination[0] = Profile;
        destination[1] = Level;
        destination[2] = (byte)(BitDepth << 4 | ChromaSubsampling << 1 | (IsFullRange ? 1 : 0));
        destination[3] = Primaries;
        destination[4] = Transfer;
        destination[5] = Matrix;
        destination[6] = 0; // no initialization data
        destination[7] = 0;
        return Length;
    }

    /// <summary>
    /// The configuration of a VP8 or VP9 stream as a keyframe tells it. The level is the lowest whose pictures may be so large, whatever
    /// their rate; colour is left unspecified.
    /// </summary>
    public static VpConfiguration Of(byte profile, byte bitDepth, byte chromaSubsampling, Resolution resolution) =>
        new(profile, LevelOf(resolution), bitDepth, chromaSubsampling, false, Unspecified, Unspecified, Unspecified);

    /// <summary>The lowest level whose luma pictures may be so large, ten times over (VP9 levels, annex A).</summary>
    public static byte LevelOf(Resolution resolution) => ((long)resolution.Width * resolution.Height) switch
    {
        <= 36_864 => 10,
        <= 73_728 => 11,
        <= 122_880 => 20,
        <= 245_760 => 21,
        <= 552_960 => 30,
        <= 983_040 => 31,
        <= 2_228_224 => 40,
        <= 8_912_896 => 50,
        _ => 60,
    };
}
