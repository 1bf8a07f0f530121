namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>Reads a description line by line into a section under construction.</summary>
internal sealed class SdpParser
{
    private readonly List<MediaDescription> _media = [];
    private SessionDescription _session = SessionDescription.Empty;
    private MediaDescription? _section;
    private List<SdpAttributeLine> _attributes = [];
    private List<SdpLine> _others = [];
    private bool _hasTiming;

    public static SdpError? Parse(ReadOnlySpan<char> text, out SessionDescription description)
    {
        description = SessionDescription.Empty;
        if (text.Length > SdpLimits.MaxLength)
        {
            return new SdpError(0, $"the description has {text.Length} characters; at most {SdpLimits.MaxLength} are taken");
        }

        var parser = new SdpParser();
        var number = 0;
        var read = 0;
        while (!text.IsEmpty)
        {
            number++;
            var line = NextLine(ref text);
            if (line.IsEmpty) continue;
            if (++read > SdpLimits.MaxLines) return new SdpError(number, $"more than {SdpLimits.MaxLines} lines");
            var reason = read == 1 ? Version(line) : parser.Take(line);
            if (reason is not null) return new SdpError(number, reason);
        }

        if (read == 0) return new SdpError(0, "the description is empty");
        description = parser.Finish();
        return null;
    }

    /// <summary>Cuts the next line off; CRLF, LF and CR all end one.</summary>
    public static ReadOnlySpan<char> NextLine(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny('\r', '\n');
        if (end < 0)
        {
            var last = text;
            text = default;
            return last;
        }

        var line = text[..end];
        var ending = text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1;
        text = text[(end + ending)..];
        return line;
    }

    /// <summary>What is wrong with a line whatever its letter; null where it is well formed.</summary>
    public static string? CheckShape(ReadOnlySpan<char> line)
    {
        if (line.Length > SdpLimits.MaxLineLength) return $"the line is longer than {SdpLimits.MaxLineLength} characters";
        if (line.Length < 2 || line[1] != '=' || !char.IsAsciiLetter(line[0])) return $"{SdpTokens.Quote(line)} is no 'letter=value' line";
        return line.Contains('\0') ? "the line contains a NUL character" : null;
    }

    /// <summary>Reads an <c>a=</c> line's value and checks those attributes a session depends on.</summary>
    public static string? ReadAttribute(ReadOnlySpan<char> value, List<SdpAttributeLine> into)
    {
        var colon = value.IndexOf(':');
        var name = colon < 0 ? value : value[..colon];
        if (name.IsEmpty) return "an attribute without a name";
        if (into.Count == SdpLimits.MaxAttributes) return $"more than {SdpLimits.MaxAttributes} attributes in one section";
        var attribute = new SdpAttributeLine(name.ToString(), colon < 0 ? null : value[(colon + 1)..].ToString());
        into.Add(attribute);
        return SdpAttributeRules.Check(attribute);
    }

    private static string? Version(ReadOnlySpan<char> line)
    {
        if (CheckShape(line) is { } reason) return reason;
        return line.TrimEnd(' ').SequenceEqual("v=0") ? null : $"a session description begins with 'v=0', not with {SdpTokens.Quote(line)}";
    }

    private string? Take(ReadOnlySpan<char> line)
    {
        if (CheckShape(line) is { } reason) return reason;
        var value = line[2..];
        switch (line[0])
        {
            case 'm':
                return BeginMedia(value);
            case 'a':
                return ReadAttribute(value, _attributes);
            case 'c':
                TakeConnection(value.ToString());
                return null;
            case 'o' when _section is null:
                if (!SdpOrigin.TryParse(value, out var origin)) return $"the origin {SdpTokens.Quote(value)} is not well formed";
                _session = _session with { Origin = origin };
                return null;
            case 's' when _section is null:
                _session = _session with { Name = value.ToString() };
                return null;
            case 't' when _section is null && !_hasTiming:
                _hasTiming = true;
                _session = _session with { Timing = value.ToString() };
                return null;
            case 'b' or 'i' or 'k':
                _others.Add(new SdpLine(line[0], value.ToString()));
                return null;
            case 'u' or 'e' or 'p' or 'r' or 'z' or 't' when _section is null:
                _others.Add(new SdpLine(line[0], value.ToString()));
                return null;
            case 'v':
                return "a second 'v=' line";
            default:
                return null;
        }
    }

    private void TakeConnection(string value)
    {
        if (_section is null) _session = _session with { Connection = value };
        else if (_section.Connection is null) _section = _section with { Connection = value };
        else _others.Add(new SdpLine('c', value));
    }

    private string? BeginMedia(ReadOnlySpan<char> value)
    {
        EndSection();
        if (_media.Count == SdpLimits.MaxMediaSections) return $"more than {SdpLimits.MaxMediaSections} media sections";
        var error = ReadMedia(value, out var section);
        _section = section;
        return error;
    }

    /// <summary>Reads an <c>m=</c> line's value.</summary>
    public static string? ReadMedia(ReadOnlySpan<char> value, out MediaDescription section)
    {
        var formats = new List<string>();
        section = new MediaDescription { Type = "", Protocol = "", Formats = formats };
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var type) || !tokens.TryNext(out var port) || !tokens.TryNext(out var protocol))
        {
            return $"the media line {SdpTokens.Quote(value)} needs a type, a port and a protocol";
        }

        uint count = 1;
        var slash = port.IndexOf('/');
        if (slash >= 0 && (!SdpTokens.TryNumber(port[(slash + 1)..], out count) || count is 0 or > 65_535))
        {
            return $"the port count in {SdpTokens.Quote(port)} is no number of ports";
        }

        if (!SdpTokens.TryPort(slash < 0 ? port : port[..slash], out var number)) return $"{SdpTokens.Quote(port)} is no port";
        while (tokens.TryNext(out var format))
        {
            if (formats.Count == SdpLimits.MaxFormats) return $"more than {SdpLimits.MaxFormats} formats in one media section";
            formats.Add(format.ToString());
        }

        section = section with { Type = type.ToString(), Port = number, PortCount = (int)count, Protocol = protocol.ToString() };
        return null;
    }

    private void EndSection()
    {
        var attributes = _attributes.Count == 0 ? SdpAttributes.None : new SdpAttributes(_attributes);
        if (_section is null) _session = _session with { Attributes = attributes, OtherLines = _others };
        else _media.Add(_section with { Attributes = attributes, OtherLines = _others });
        _attributes = [];
        _others = [];
    }

    private SessionDescription Finish()
    {
        EndSection();
        return _session with { Media = _media };
    }
}
