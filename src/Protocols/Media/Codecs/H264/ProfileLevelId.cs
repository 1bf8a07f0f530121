using System.Globalization;

namespace Sluice.Protocols.Media.Codecs.H264;

/// <summary>
/// The three bytes that follow the header of an H.264 sequence parameter set and that SDP writes as <c>profile-level-id</c>
/// (RFC 6184 §8.1). The default value stands for "not seen".
/// </summary>
/// <param name="ProfileIdc">profile_idc.</param>
/// <param name="Constraints">The constraint flags, constraint_set0_flag highest.</param>
/// <param name="LevelIdc">level_idc: ten times the level.</param>
public readonly record struct ProfileLevelId(byte ProfileIdc, byte Constraints, byte LevelIdc)
{
    /// <summary>True where none was seen.</summary>
    public bool IsEmpty => ProfileIdc == 0;

    /// <summary>True for level 1b, which 11 with constraint_set3_flag means in Baseline, Main and Extended (H.264 §A.3.1).</summary>
    public bool IsLevel1b => LevelIdc == 9 || (LevelIdc == 11 && Has(3) && ProfileIdc is 66 or 77 or 88);

    /// <summary>The profile, as RFC 6184 table 5 reads profile_idc and constraints together.</summary>
    public H264Profile Profile => ProfileIdc switch
    {
        66 when Has(1) => H264Profile.ConstrainedBaseline,
        66 => H264Profile.Baseline,
        77 when Has(0) => H264Profile.ConstrainedBaseline,
        77 => H264Profile.Main,
        88 when Has(0) => Has(1) ? H264Profile.ConstrainedBaseline : H264Profile.Baseline,
        88 => H264Profile.Extended,
        100 when Has(4) && Has(5) => H264Profile.ConstrainedHigh,
        100 when Has(4) => H264Profile.ProgressiveHigh,
        100 => H264Profile.High,
        110 => H264Profile.High10,
        122 => H264Profile.High422,
        244 => H264Profile.High444,
        _ => H264Profile.Unknown,
    };

    /// <summary>Reads six hexadecimal digits; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ProfileLevelId value)
    {
        value = default;
        if (text.Length != 6 || !uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits)) return false;
        value = new ProfileLevelId((byte)(bits >> 16), (byte)(bits >> 8), (byte)bits);
        return true;
    }

    /// <summary>Six hexadecimal digits in lower case.</summary>
    public override string ToString() => $"{ProfileIdc:x2}{Constraints:x2}{LevelIdc:x2}";

    private bool Has(int constraintSet) => (Constraints & 0x80 >> constraintSet) != 0;
}
