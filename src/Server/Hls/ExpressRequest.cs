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
    private const int MostFields = 64;
    private static readonly SearchValues<byte> PathBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./~"u8);
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"u8);
    private static readonly SearchValues<byte> HostBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."u8);

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

    // A name with anything unusual in it, a blank before its colon say, may mean another field to whoever reads it less strictly: a length, or an encoding.
    private static bool TryReadFields(ReadOnlySpan<byte> fields, out ReadOnlySpan<byte> agent, out ReadOnlySpan<byte> accepted, out ReadOnlySpan<byte> session)
    {
        agent = default;
        session = default;
        accepted = default;
        var (hosts, agents, encodings) = (0, 0, 0);
        for (var count = 0; fields.Length > 0; count++)
        {
            var length = fields.IndexOf("\r\n"u8);
            var line = fields[..length];
            fields = fields[(length + 2)..];
            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || count == MostFields || line[..colon].ContainsAnyExcept(NameBytes) || line.ContainsAnyExceptInRange((byte)' ', (byte)'~')) return false;
            var name = line[..colon];
            var value = line[(colon + 1)..].Trim((byte)' ');
            if (!IsHarmless(name, value)) return false;
            if (Is(name, "host"u8))
            {
                hosts++;
                if (!IsHost(value)) return false;
            }
            else if (Is(name, "user-agent"u8))
            {
                agents++;
                agent = value;
            }
            else if (Is(name, "accept-encoding"u8))
            {
                // Qualities are rare where players speak, and mean a choice that is not made here.
                encodings++;
                accepted = value;
                if (value.IndexOf((byte)';') >= 0) return false;
            }
            else if (Is(name, "cmcd-session"u8))
            {
                session = value;
            }
        }

        return hosts == 1 && agents <= 1 && encodings <= 1;
    }

    private static bool IsHost(ReadOnlySpan<byte> host)
    {
        var colon = host.IndexOf((byte)':');
        var name = colon < 0 ? host : host[..colon];
        return name.Length > 0 && !name.ContainsAnyExcept(HostBytes) && (colon < 0 || (host.Length - colon is > 1 and <= 6 && !host[(colon + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9')));
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

    private static HlsEncoding EncodingOf(ReadOnlySpan<byte> accepted)
    {
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
