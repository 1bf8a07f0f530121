using System.Buffers;
using System.Text;
using Sluice.Outputs.Hls;

namespace Sluice.Server.Hls;

/// <summary>What became of bytes read as a request.</summary>
internal enum ExpressReading
{
    /// <summary>A request that can be served at once.</summary>
    Request = 0,

    /// <summary>The beginning of what may be one.</summary>
    More,

    /// <summary>Anything else, good or bad: Kestrel's to read and to answer.</summary>
    Other,
}

/// <summary>
/// A request of HLS as players send them: GET, HTTP/1.1, a path of ours, no body, no condition, no range. Whatever has anything else in it, or is the least bit odd, is
/// not one: this reader refuses nothing, it only declines.
/// </summary>
internal readonly ref struct ExpressRequest
{
    public const int LongestHead = 4096;
    private static readonly SearchValues<byte> PathBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./~"u8);

    public ReadOnlySpan<byte> Path { get; private init; }

    /// <summary>Without its question mark.</summary>
    public ReadOnlySpan<byte> Query { get; private init; }

    public ReadOnlySpan<byte> UserAgent { get; private init; }

    /// <summary>What the player says of its session.</summary>
    public ReadOnlySpan<byte> Session { get; private init; }

    public HlsEncoding Encoding { get; private init; }

    /// <summary>Bytes it takes.</summary>
    public int Length { get; private init; }

    public static ExpressReading Read(ReadOnlySpan<byte> bytes, out ExpressRequest request)
    {
        request = default;
        var begin = "GET /hls/"u8;
        if (!bytes[..Math.Min(bytes.Length, begin.Length)].SequenceEqual(begin[..Math.Min(bytes.Length, begin.Length)])) return ExpressReading.Other;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0) return bytes.Length < LongestHead ? ExpressReading.More : ExpressReading.Other;
        if (end > LongestHead) return ExpressReading.Other;
        var head = bytes[..(end + 2)];
        var line = head[..head.IndexOf("\r\n"u8)];
        if (!line.EndsWith(" HTTP/1.1"u8)) return ExpressReading.Other;
        var target = line["GET ".Length..^" HTTP/1.1".Length];
        var question = target.IndexOf((byte)'?');
        var path = question < 0 ? target : target[..question];
        var query = question < 0 ? default : target[(question + 1)..];
        if (path.ContainsAnyExcept(PathBytes) || path.IndexOf("/."u8) >= 0 || query.ContainsAnyExceptInRange((byte)'!', (byte)'~')) return ExpressReading.Other;
        if (!TryReadFields(head[(line.Length + 2)..], out var agent, out var accepted, out var session)) return ExpressReading.Other;
        request = new ExpressRequest { Path = path, Query = query, UserAgent = agent, Session = session, Encoding = EncodingOf(accepted), Length = end + 4 };
        return ExpressReading.Request;
    }

    private static bool TryReadFields(ReadOnlySpan<byte> fields, out ReadOnlySpan<byte> agent, out ReadOnlySpan<byte> accepted, out ReadOnlySpan<byte> session)
    {
        agent = default;
        session = default;
        accepted = default;
        var hosts = 0;
        while (fields.Length > 0)
        {
            var length = fields.IndexOf("\r\n"u8);
            var line = fields[..length];
            fields = fields[(length + 2)..];
            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || line[0] is (byte)' ' or (byte)'\t' || line.ContainsAnyInRange((byte)0, (byte)8) || line.ContainsAnyInRange((byte)10, (byte)31)) return false;
            var name = line[..colon];
            var value = line[(colon + 1)..].Trim((byte)' ');
            if (!IsHarmless(name, value)) return false;
            if (Is(name, "host"u8)) hosts++;
            else if (Is(name, "user-agent"u8)) agent = value;
            else if (Is(name, "accept-encoding"u8)) accepted = value;
            else if (Is(name, "cmcd-session"u8)) session = value;
        }

        return hosts == 1;
    }

    private static bool IsHarmless(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => name.Length switch
    {
        5 => !Is(name, "range"u8),
        6 => !Is(name, "expect"u8),
        7 => !Is(name, "upgrade"u8),
        8 => !Is(name, "if-range"u8) && !Is(name, "if-match"u8),
        10 => !Is(name, "connection"u8) || Is(value, "keep-alive"u8),
        13 => !Is(name, "authorization"u8) && !Is(name, "if-none-match"u8),
        14 => !Is(name, "content-length"u8),
        17 => !Is(name, "transfer-encoding"u8) && !Is(name, "if-modified-since"u8),
        19 => !Is(name, "if-unmodified-since"u8),
        _ => true,
    };

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) => Ascii.EqualsIgnoreCase(text, lower);

    // Qualities are rare where players speak, and mean a choice that is not ours to make here: plain then.
    private static HlsEncoding EncodingOf(ReadOnlySpan<byte> accepted)
    {
        if (accepted.IndexOf((byte)'=') >= 0) return HlsEncoding.Identity;
        foreach (var range in accepted.Split((byte)','))
        {
            var one = accepted[range].Trim((byte)' ');
            if (Is(one, "br"u8)) return HlsEncoding.Brotli;
        }

        foreach (var range in accepted.Split((byte)','))
        {
            if (Is(accepted[range].Trim((byte)' '), "gzip"u8)) return HlsEncoding.Gzip;
        }

        return HlsEncoding.Identity;
    }
}
