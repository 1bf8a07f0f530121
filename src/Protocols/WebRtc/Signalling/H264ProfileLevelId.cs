using System.Globalization;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>The profiles of H.264 that browsers and encoders name; each decodes those <see cref="H264ProfileLevelId.Decodes"/> says.</summary>
public enum H264Profile : byte
{
    /// <summary>None we know.</summary>
    Unknown = 0,

    /// <summary>What both Baseline and Main decode; what browsers mean by baseline.</summary>
    ConstrainedBaseline,

    /// <summary>Baseline, with slice groups and arbitrary slice order.</summary>
    Baseline,

    /// <summary>Main.</summary>
    Main,

    /// <summary>Extended.</summary>
    Extended,

    /// <summary>High without interlace and B-frames.</summary>
    ConstrainedHigh,

    /// <summary>High.</summary>
    High,

    /// <summary>High with ten bits.</summary>
    High10,

    /// <summary>High with 4:2:2 chroma.</summary>
    High422,

    /// <summary>High with 4:4:4 chroma.</summary>
    High444,
}

/// <summary>The three bytes of <c>profile-level-id</c> (RFC 6184 §8.1).</summary>
/// <param name="Profile">The profile, from profile_idc and the constraint bits.</param>
/// <param name="LevelIdc">Ten times the level: 31 is 3.1.</param>
public readonly record struct H264ProfileLevelId(H264Profile Profile, byte LevelIdc)
{
    /// <summary>Reads six hexadecimal digits; false where they are none. An unknown profile is read as such.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out H264ProfileLevelId id)
    {
        id = default;
        if (text.Length != 6 || !uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) return false;
        id = new H264ProfileLevelId(ProfileOf((byte)(value >> 16), (byte)(value >> 8)), (byte)value);
        return true;
    }

    /// <summary>
    /// The profile of the first two bytes after an SPS's NAL header (RFC 6184 §8.1, table 5).
    /// </summary>
    /// <param name="profileIdc">profile_idc.</param>
    /// <param name="constraints">constraint_set0_flag in the highest bit, and so on down.</param>
    public static H264Profile ProfileOf(byte profileIdc, byte constraints)
    {
        const int Set0 = 0x80, Set1 = 0x40, Set4 = 0x08, Set5 = 0x04;
        bool Has(int flag) => (constraints & flag) != 0;
        return profileIdc switch
        {
            0x42 => Has(Set1) ? H264Profile.ConstrainedBaseline : H264Profile.Baseline,
            0x4d => Has(Set0) ? H264Profile.ConstrainedBaseline : H264Profile.Main,
            0x58 when Has(Set0) => Has(Set1) ? H264Profile.ConstrainedBaseline : H264Profile.Baseline,
            0x58 => H264Profile.Extended,
            0x64 => Has(Set4) && Has(Set5) ? H264Profile.ConstrainedHigh : H264Profile.High,
            0x6e => H264Profile.High10,
            0x7a => H264Profile.High422,
            0xf4 => H264Profile.High444,
            _ => H264Profile.Unknown,
        };
    }

    /// <summary>
    /// True where a decoder of one profile decodes a stream of another. Baseline counts as constrained baseline: no encoder in use writes
    /// slice groups.
    /// </summary>
    public static bool Decodes(H264Profile decoder, H264Profile stream)
    {
        if (decoder == H264Profile.Unknown || stream == H264Profile.Unknown) return false;
        if (decoder == stream) return true;
        return stream switch
        {
            H264Profile.ConstrainedBaseline or H264Profile.Baseline => true,
            H264Profile.Main => decoder >= H264Profile.High,
            H264Profile.Extended => false,
            _ => decoder >= H264Profile.ConstrainedHigh && decoder >= stream,
        };
    }
}
