using System.Globalization;
using System.Net;

namespace Sluice.Server.Options;

/// <summary>Every key there is. A key that is not in this table is refused at start.</summary>
internal static class OptionTable
{
    private const string PortAllowed = "a port from 0 to 65535, where 0 picks a free one";
    private const string SwitchAllowed = "true or false";
    private const string AddressesAllowed = "a list of IP addresses, such as [\"203.0.113.7\"]";
    private const string RateAllowed = "a whole number from 0 to 1000000, where 0 is no limit";

    public static IReadOnlyList<OptionRow> Rows { get; } =
    [
        Number("Http:Port", PortAllowed, 0, 65535, (o, v) => o with { Http = o.Http with { Port = v } }),
        new("Http:Address", "an IP address of this machine, or * for all of them", false, (o, v) => v.Text switch
        {
            "*" => o with { Http = o.Http with { Address = null } },
            { } text when IPAddress.TryParse(text, out var address) => o with { Http = o.Http with { Address = address } },
            _ => null,
        }),
        new("Http:PublicUrl", "empty, or the site's address from outside, such as https://live.example.org", true, (o, v) =>
            TryUrl(v.Text, out var url) ? o with { Http = o.Http with { PublicUrl = url } } : null),
        new("Http:SiteDirectory", "empty, or the path of the built site", false, (o, v) =>
            o with { Http = o.Http with { SiteDirectory = Blank(v.Text) } }),
        new("Http:CorsOrigins", "[\"*\"] or a list of origins such as [\"https://example.org\"]", true, (o, v) =>
            v.List.All(IsOrigin) ? o with { Http = o.Http with { CorsOrigins = [.. v.List] } } : null) { IsList = true },
        new("Http:TrustedProxies", "a list of addresses or networks such as [\"127.0.0.1\", \"10.0.0.0/8\"]", true, (o, v) =>
            TryNetworks(v.List, out var networks) ? o with { Http = o.Http with { TrustedProxies = networks } } : null) { IsList = true },
        Number("Http:MaxConnections", "a whole number from 1 to 1000000", 1, 1_000_000, (o, v) => o with { Http = o.Http with { MaxConnections = v } }),
        Number("Http:MaxConnectionsPerAddress", RateAllowed, 0, 1_000_000,
            (o, v) => o with { Http = o.Http with { MaxConnectionsPerAddress = v } }),
        Number("Http:RequestsPerMinutePerAddress", RateAllowed, 0, 1_000_000,
            (o, v) => o with { Http = o.Http with { RequestsPerMinutePerAddress = v } }, live: true),
        Number("Http:SessionsPerMinutePerAddress", RateAllowed, 0, 1_000_000,
            (o, v) => o with { Http = o.Http with { SessionsPerMinutePerAddress = v } }, live: true),
        Number("Http:FailedLoginsPerMinutePerAddress", RateAllowed, 0, 1_000_000,
            (o, v) => o with { Http = o.Http with { FailedLoginsPerMinutePerAddress = v } }, live: true),
        Switch("Http:TlsEnabled", (o, v) => o with { Http = o.Http with { TlsEnabled = v } }),
        Number("Http:TlsPort", PortAllowed, 0, 65535, (o, v) => o with { Http = o.Http with { TlsPort = v } }),
        new("Http:TlsCertificate", "empty, or the path of a PEM file with the certificate and its chain", true, (o, v) =>
            o with { Http = o.Http with { TlsCertificate = Blank(v.Text) } }),
        new("Http:TlsKey", "empty, or the path of a PEM file with the certificate's key", true, (o, v) =>
            o with { Http = o.Http with { TlsKey = Blank(v.Text) } }),
        Number("WebRtc:Port", PortAllowed, 0, 65535, (o, v) => o with { WebRtc = o.WebRtc with { Port = v } }),
        Switch("WebRtc:Tcp", (o, v) => o with { WebRtc = o.WebRtc with { Tcp = v } }),
        new("WebRtc:Addresses", AddressesAllowed, false, (o, v) =>
            TryAddresses(v.List, out var all) ? o with { WebRtc = o.WebRtc with { Addresses = all } } : null) { IsList = true },
        new("WebRtc:PublicAddresses", AddressesAllowed, false, (o, v) =>
            TryAddresses(v.List, out var all) ? o with { WebRtc = o.WebRtc with { PublicAddresses = all } } : null) { IsList = true },
        Switch("WebRtc:OfferLoopback", (o, v) => o with { WebRtc = o.WebRtc with { OfferLoopback = v } }),
        Number("WebRtc:Workers", "a whole number from 0 to 256, where 0 is one for each core", 0, 256,
            (o, v) => o with { WebRtc = o.WebRtc with { Workers = v } }),
        Switch("WebRtc:BindWorkers", (o, v) => o with { WebRtc = o.WebRtc with { BindWorkers = v } }),
        Number("WebRtc:MaxSessions", "a whole number from 1 to 1000000", 1, 1_000_000, (o, v) => o with { WebRtc = o.WebRtc with { MaxSessions = v } }),
        Number("WebRtc:MaxSessionsPerAddress", "a whole number from 1 to 1000000", 1, 1_000_000,
            (o, v) => o with { WebRtc = o.WebRtc with { MaxSessionsPerAddress = v } }),
        Switch("WebRtc:ForcePortableSockets", (o, v) => o with { WebRtc = o.WebRtc with { ForcePortableSockets = v } }),
        new("WebRtc:IceServers", "a list of objects with Url (stun: or turn:), and Username and Credential for TURN", true, (o, v) =>
            TryIceServers(v.Objects, out var servers) ? o with { WebRtc = o.WebRtc with { IceServers = servers } } : null)
        {
            IsList = true, Members = ["Url", "Username", "Credential"], IsSecret = true,
        },
        Switch("Rtmp:Enabled", (o, v) => o with { Rtmp = o.Rtmp with { Enabled = v } }),
        Number("Rtmp:Port", PortAllowed, 0, 65535, (o, v) => o with { Rtmp = o.Rtmp with { Port = v } }),
        new("Rtmp:Addresses", AddressesAllowed, false, (o, v) =>
            TryAddresses(v.List, out var all) ? o with { Rtmp = o.Rtmp with { Addresses = all } } : null) { IsList = true },
        Number("Rtmp:MaxConnections", "a whole number from 1 to 100000", 1, 100_000,
            (o, v) => o with { Rtmp = o.Rtmp with { MaxConnections = v } }),
        Number("Rtmp:MaxConnectionsPerAddress", "a whole number from 1 to 100000", 1, 100_000,
            (o, v) => o with { Rtmp = o.Rtmp with { MaxConnectionsPerAddress = v } }),
        Number("Rtmp:MaxBitrateKbps", "a whole number from 0 to 10000000, where 0 is no limit", 0, 10_000_000,
            (o, v) => o with { Rtmp = o.Rtmp with { MaxBitrateKbps = v } }, live: true),
        Switch("Rtmp:TlsEnabled", (o, v) => o with { Rtmp = o.Rtmp with { TlsEnabled = v } }),
        Number("Rtmp:TlsPort", PortAllowed, 0, 65535, (o, v) => o with { Rtmp = o.Rtmp with { TlsPort = v } }),
        new("Rtmp:TlsCertificate", "empty, or the path of a PEM file with the certificate and its chain", true, (o, v) =>
            o with { Rtmp = o.Rtmp with { TlsCertificate = Blank(v.Text) } }),
        new("Rtmp:TlsKey", "empty, or the path of a PEM file with the certificate's key", true, (o, v) =>
            o with { Rtmp = o.Rtmp with { TlsKey = Blank(v.Text) } }),
        Switch("Rtmp:ForcePortableSockets", (o, v) => o with { Rtmp = o.Rtmp with { ForcePortableSockets = v } }),
        Switch("Hls:Enabled", (o, v) => o with { Hls = o.Hls with { Enabled = v } }),
        new("Hls:Start", "publish or demand", false, (o, v) => v.Text?.ToLowerInvariant() switch
        {
            "publish" => o with { Hls = o.Hls with { StartsAtPublish = true } },
            "demand" => o with { Hls = o.Hls with { StartsAtPublish = false } },
            _ => null,
        }),
        Switch("Hls:MpegTs", (o, v) => o with { Hls = o.Hls with { MpegTs = v } }),
        new("Hls:Encryption", "none, aes-128 or sample-aes", false, (o, v) => v.Text?.ToLowerInvariant() switch
        {
            "none" => o with { Hls = o.Hls with { IsEncrypted = false } },
            "aes-128" => o with { Hls = o.Hls with { IsEncrypted = true, EncryptsSamples = false } },
            "sample-aes" => o with { Hls = o.Hls with { IsEncrypted = true, EncryptsSamples = true } },
            _ => null,
        }),
        Number("Hls:SegmentsPerKey", "a whole number from 1 to 100000", 1, 100_000, (o, v) => o with { Hls = o.Hls with { SegmentsPerKey = v } }),
        Number("Hls:PartMilliseconds", "a whole number from 50 to 2000", 50, 2000, (o, v) => o with { Hls = o.Hls with { PartMilliseconds = v } }),
        Number("Hls:SegmentMilliseconds", "a whole number from 500 to 20000", 500, 20_000,
            (o, v) => o with { Hls = o.Hls with { SegmentMilliseconds = v } }),
        Number("Hls:LiveWindowSeconds", "a whole number from 6 to 3600", 6, 3600, (o, v) => o with { Hls = o.Hls with { LiveWindowSeconds = v } }),
        Number("Hls:RewindWindowSeconds", "a whole number from 0 to 86400, where 0 keeps nothing on disk", 0, 86_400,
            (o, v) => o with { Hls = o.Hls with { RewindWindowSeconds = v } }),
        Number("Hls:ReturnGraceSeconds", "a whole number from 0 to 600", 0, 600, (o, v) => o with { Hls = o.Hls with { ReturnGraceSeconds = v } }),
        Number("Hls:LingerSeconds", "a whole number from 1 to 3600", 1, 3600, (o, v) => o with { Hls = o.Hls with { LingerSeconds = v } }),
        Number("Hls:MaxViewers", "a whole number from 1 to 1000000", 1, 1_000_000, (o, v) => o with { Hls = o.Hls with { MaxViewers = v } }),
        Number("Hls:MaxDiskMegabytes", "a whole number from 0 to 100000000", 0, 100_000_000,
            (o, v) => o with { Hls = o.Hls with { MaxDiskMegabytes = v } }),
        Number("Hls:DiskReserveMegabytes", "a whole number from 0 to 100000000", 0, 100_000_000,
            (o, v) => o with { Hls = o.Hls with { DiskReserveMegabytes = v } }),
        .. RecordingOptionRows.Rows,
        .. ThumbnailOptionRows.Rows,
        Switch("Transcoding:Enabled", (o, v) => o with { Transcoding = o.Transcoding with { IsEnabled = v } }),
        new("Transcoding:FfmpegPath", "the path of ffmpeg, or a name to be looked for", false, (o, v) =>
            Blank(v.Text) is { } path ? o with { Transcoding = o.Transcoding with { FfmpegPath = path } } : null),
        Number("Transcoding:MaxAudio", "a whole number from 0 to 10000", 0, 10_000, (o, v) => o with { Transcoding = o.Transcoding with { MaxAudio = v } }),
        new("Transcoding:MaxVideo", "empty, or a whole number from 0 to 1000", false, (o, v) => Blank(v.Text) is not { } text
            ? o
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most <= 1000
                ? o with { Transcoding = o.Transcoding with { MaxVideo = most } }
                : null),
        Number("Transcoding:LingerSeconds", "a whole number from 0 to 600", 0, 600,
            (o, v) => o with { Transcoding = o.Transcoding with { Linger = TimeSpan.FromSeconds(v) } }),
        new("Log:Level", "one of trace, debug, information, warning, error, none", true, (o, v) => v.Text?.ToLowerInvariant() switch
        {
            "trace" => o with { LogLevel = LogLevel.Trace },
            "debug" => o with { LogLevel = LogLevel.Debug },
            "information" => o with { LogLevel = LogLevel.Information },
            "warning" => o with { LogLevel = LogLevel.Warning },
            "error" => o with { LogLevel = LogLevel.Error },
            "none" => o with { LogLevel = LogLevel.None },
            _ => null,
        }),
        new("Data:Directory", "the path of a directory that can be written", false, (o, v) =>
            Blank(v.Text) is { } path ? o with { DataDirectory = path } : null),
        new("Admin:Token", "empty, or the operator's token of 1 to 256 characters without spaces", false, (o, v) => Blank(v.Text) switch
        {
            null => o with { AdminToken = null },
            { Length: <= 256 } token when !token.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) => o with { AdminToken = token },
            _ => null,
        }) { IsSecret = true },
    ];

    private static OptionRow Number(
        string key, string allowed, int min, int max, Func<SluiceOptions, int, SluiceOptions> set, bool live = false) =>
        new(key, allowed, live, (options, value) =>
            int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
                ? set(options, number)
                : null);

    private static OptionRow Switch(string key, Func<SluiceOptions, bool, SluiceOptions> set) =>
        new(key, SwitchAllowed, false, (options, value) => bool.TryParse(value.Text, out var on) ? set(options, on) : null);

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static bool TryUrl(string? text, out string? url)
    {
        url = Blank(text)?.TrimEnd('/');
        return url is null
            || (Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"
                && parsed.Query.Length == 0 && parsed.Fragment.Length == 0);
    }

    private static bool IsOrigin(string text) =>
        text == "*"
        || (Uri.TryCreate(text, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"
            && text == parsed.GetLeftPart(UriPartial.Authority));

    private static bool TryAddresses(IReadOnlyList<string> texts, out IReadOnlyList<IPAddress> addresses)
    {
        var parsed = new List<IPAddress>();
        foreach (var text in texts)
        {
            if (!IPAddress.TryParse(text, out var address))
            {
                addresses = [];
                return false;
            }
            parsed.Add(address);
        }
        addresses = parsed;
        return true;
    }

    private static bool TryNetworks(IReadOnlyList<string> texts, out IReadOnlyList<IPNetwork> networks)
    {
        var parsed = new List<IPNetwork>();
        networks = parsed;
        foreach (var text in texts)
        {
            if (IPNetwork.TryParse(text, out var network))
                parsed.Add(network);
            else if (IPAddress.TryParse(text, out var address))
                parsed.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
                return false;
        }
        return true;
    }

    private static bool TryIceServers(IReadOnlyList<IReadOnlyDictionary<string, string>> objects, out IReadOnlyList<IceServer> servers)
    {
        var parsed = new List<IceServer>();
        servers = parsed;
        foreach (var one in objects)
        {
            var url = one.GetValueOrDefault("Url", "");
            var scheme = url.Split(':')[0];
            // The URL goes into a Link header between angle brackets.
            if (scheme is not ("stun" or "stuns" or "turn" or "turns") || url.Length <= scheme.Length + 1 || url.Any(c => c is '<' or '>' or '"' or <= ' ' or > '~'))
                return false;
            var server = new IceServer(url, Blank(one.GetValueOrDefault("Username")), Blank(one.GetValueOrDefault("Credential")));
            if (scheme.StartsWith("turn", StringComparison.Ordinal) && (server.Username is null || server.Credential is null))
                return false;
            if ($"{server.Username}{server.Credential}".Any(c => c is '"' or '\\' or < ' ' or > '~'))
                return false;
            parsed.Add(server);
        }
        return true;
    }
}
