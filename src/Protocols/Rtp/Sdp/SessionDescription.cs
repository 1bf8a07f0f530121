using System.Globalization;
using System.Text;

namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>
/// A session description (RFC 8866): immutable, read by <see cref="TryParse"/>, written by <see cref="ToSdp"/>. What it does not
/// understand it carries through, so that reading and writing loses nothing but the order of lines within a section.
/// </summary>
public sealed record SessionDescription
{
    /// <summary>A description of nothing.</summary>
    public static SessionDescription Empty { get; } = new();

    /// <summary>Who made it.</summary>
    public SdpOrigin Origin { get; init; } = SdpOrigin.Unknown;

    /// <summary>Its name; a dash where it has none.</summary>
    public string Name { get; init; } = "-";

    /// <summary>The connection for sections without their own; null where there is none.</summary>
    public string? Connection { get; init; }

    /// <summary>When it takes place; <c>0 0</c> for always.</summary>
    public string Timing { get; init; } = "0 0";

    /// <summary>Lines we carry through: <c>i= u= e= p= b= r= z= k=</c>.</summary>
    public IReadOnlyList<SdpLine> OtherLines { get; init; } = [];

    /// <summary>The attributes that hold for the whole session.</summary>
    public SdpAttributes Attributes { get; init; } = SdpAttributes.None;

    /// <summary>The media sections in order.</summary>
    public IReadOnlyList<MediaDescription> Media { get; init; } = [];

    /// <summary>
    /// Reads a description. Takes any line ending, blank lines, lines in odd orders and lines of unknown letters; refuses what exceeds
    /// <see cref="SdpLimits"/>, lines that are no <c>letter=value</c>, and attributes WebRTC relies on whose values are not well formed.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="description">The description; <see cref="Empty"/> on an error.</param>
    /// <returns>Null on success.</returns>
    public static SdpError? TryParse(ReadOnlySpan<char> text, out SessionDescription description) =>
        SdpParser.Parse(text, out description);

    /// <summary>The attribute's value in the section, or else in the session (RFC 8859: what a section says wins); null where neither has it.</summary>
    public string? Inherited(MediaDescription media, string name) => media.Attributes.Find(name) ?? Attributes.Find(name);

    /// <summary>The section's direction, with the session's and then <c>sendrecv</c> to fall back on.</summary>
    public SdpDirection DirectionOf(MediaDescription media) =>
        media.Attributes.Direction ?? Attributes.Direction ?? SdpDirection.SendRecv;

    /// <summary>The section's DTLS role, or else the session's; null where neither says one.</summary>
    public SdpSetup? SetupOf(MediaDescription media) => media.Attributes.Setup ?? Attributes.Setup;

    /// <summary>The section's certificate digests, or else the session's.</summary>
    public IReadOnlyList<SdpFingerprint> FingerprintsOf(MediaDescription media)
    {
        var own = media.Attributes.Fingerprints;
        return own.Count > 0 ? own : Attributes.Fingerprints;
    }

    /// <summary>The first BUNDLE group; null where there is none.</summary>
    public SdpGroup? Bundle
    {
        get
        {
            foreach (var group in Attributes.Groups)
            {
                if (group.IsBundle) return group;
            }

            return null;
        }
    }

    /// <summary>The text, with CRLF after each line, in the order of RFC 8866 §5.</summary>
    public string ToSdp()
    {
        var text = new StringBuilder(4096);
        Line(text, 'v', "0");
        Line(text, 'o', Origin.ToString());
        Line(text, 's', Name);
        Others(text, OtherLines, "iuep");
        if (Connection is not null) Line(text, 'c', Connection);
        Others(text, OtherLines, "b");
        Line(text, 't', Timing);
        Others(text, OtherLines, "rztk");
        Write(text, Attributes);
        foreach (var media in Media) Write(text, media);
        return text.ToString();
    }

    private static void Write(StringBuilder text, MediaDescription media)
    {
        var ports = media.PortCount == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"/{media.PortCount}");
        text.Append(CultureInfo.InvariantCulture, $"m={media.Type} {media.Port}{ports} {media.Protocol}");
        foreach (var format in media.Formats) text.Append(' ').Append(format);
        text.Append("\r\n");
        Others(text, media.OtherLines, "i");
        if (media.Connection is not null) Line(text, 'c', media.Connection);
        Others(text, media.OtherLines, "cbk");
        Write(text, media.Attributes);
    }

    private static void Write(StringBuilder text, SdpAttributes attributes)
    {
        foreach (var attribute in attributes)
        {
            text.Append("a=").Append(attribute.Name);
            if (attribute.Value is not null) text.Append(':').Append(attribute.Value);
            text.Append("\r\n");
        }
    }

    private static void Others(StringBuilder text, IReadOnlyList<SdpLine> lines, string types)
    {
        foreach (var type in types)
        {
            foreach (var line in lines)
            {
                if (line.Type == type) Line(text, type, line.Value);
            }
        }
    }

    private static void Line(StringBuilder text, char type, string value) => text.Append(type).Append('=').Append(value).Append("\r\n");
}
