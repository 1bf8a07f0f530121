using System.Globalization;
using System.Text;

namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>A part of a session description without its head (RFC 8840 §9.1): session attributes, then media sections.</summary>
public static class SdpFragment
{
    /// <summary>One section of a fragment.</summary>
    /// <param name="Media">The <c>m=</c> line; null for the attributes before the first one.</param>
    /// <param name="Attributes">The attributes after it.</param>
    public sealed record Section(MediaDescription? Media, SdpAttributes Attributes);

    /// <summary>Reads a fragment within <see cref="SdpLimits"/>; other lines than <c>m=</c> and <c>a=</c>, and empty ones, are passed over.</summary>
    /// <param name="text">The text.</param>
    /// <param name="sections">The sections; the first is the one before any media line. Empty on an error.</param>
    /// <returns>Null on success.</returns>
    public static SdpError? TryParse(ReadOnlySpan<char> text, out IReadOnlyList<Section> sections)
    {
        sections = [];
        if (text.Length > SdpLimits.MaxLength)
        {
            return new SdpError(0, $"the fragment has {text.Length} characters; at most {SdpLimits.MaxLength} are taken");
        }

        var read = new List<Section>();
        var attributes = new List<SdpAttributeLine>();
        read.Add(new Section(null, new SdpAttributes(attributes)));
        var number = 0;
        var lines = 0;
        while (!text.IsEmpty)
        {
            number++;
            var line = SdpParser.NextLine(ref text);
            if (line.IsEmpty) continue;
            if (++lines > SdpLimits.MaxLines) return new SdpError(number, $"more than {SdpLimits.MaxLines} lines");
            if (SdpParser.CheckShape(line) is { } shape) return new SdpError(number, shape);

            // Browsers tell the end of candidates by an empty candidate, which several clients write down as an attribute without anything.
            if (line is "a=") continue;
            string? reason = null;
            if (line[0] == 'a')
            {
                reason = SdpParser.ReadAttribute(line[2..], attributes);
            }
            else if (line[0] == 'm')
            {
                if (read.Count > SdpLimits.MaxMediaSections) return new SdpError(number, $"more than {SdpLimits.MaxMediaSections} media sections");
                reason = SdpParser.ReadMedia(line[2..], out var media);
                attributes = [];
                read.Add(new Section(media, new SdpAttributes(attributes)));
            }

            if (reason is not null) return new SdpError(number, reason);
        }

        if (lines == 0) return new SdpError(0, "the fragment is empty");
        sections = read;
        return null;
    }

    /// <summary>The text, with CRLF after each line.</summary>
    public static string Write(SdpAttributes session, IReadOnlyList<MediaDescription> media)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(media);
        var text = new StringBuilder(512);
        Write(text, session);
        foreach (var section in media)
        {
            text.Append(CultureInfo.InvariantCulture, $"m={section.Type} {section.Port} {section.Protocol} {string.Join(' ', section.Formats)}\r\n");
            Write(text, section.Attributes);
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, SdpAttributes attributes)
    {
        foreach (var attribute in attributes) text.Append("a=").Append(attribute.ToString()).Append("\r\n");
    }
}
