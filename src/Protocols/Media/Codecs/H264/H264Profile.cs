namespace Sluice.Protocols.Media.Codecs.H264;

/// <summary>
/// The profiles of H.264 that live streaming meets (H.264 Annex A, RFC 6184 table 5), from what every decoder takes to what few take.
/// </summary>
public enum H264Profile : byte
{
    /// <summary>None of the others.</summary>
    Unknown = 0,

    /// <summary>Baseline without slice groups and redundant slices: what every WebRTC end decodes.</summary>
    ConstrainedBaseline,

    /// <summary>Baseline.</summary>
    Baseline,

    /// <summary>Main.</summary>
    Main,

    /// <summary>Extended.</summary>
    Extended,

    /// <summary>High without field coding and B-slices.</summary>
    ConstrainedHigh,

    /// <summary>High without field coding.</summary>
    ProgressiveHigh,

    /// <summary>High.</summary>
    High,

    /// <summary>High 10.</summary>
    High10,

    /// <summary>High 4:2:2.</summary>
    High422,

    /// <summary>High 4:4:4 Predictive.</summary>
    High444,
}

/// <summary>Which profile contains which.</summary>
public static class H264Profiles
{
    /// <summary>
    /// True where a decoder of this profile decodes a stream of another (H.264 Annex A). Baseline counts as constrained baseline: no encoder
    /// in use writes slice groups. An unknown profile decodes nothing and is decoded by none.
    /// </summary>
    public static bool Decodes(this H264Profile decoder, H264Profile stream)
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
