namespace Sluice.Server.Live;

/// <summary>What encoders call the server: its address with the port it really listens on.</summary>
internal static class RtmpUrl
{
    private const int DefaultPort = 1935;
    private const int DefaultTlsPort = 443;

    /// <summary>The address of plain RTMP; null where it is off.</summary>
    public static string? Of(string baseUrl, NodePorts ports) => Of(baseUrl, ports.All);

    /// <summary>The address of plain RTMP; null where it is off.</summary>
    public static string? Of(string baseUrl, IReadOnlyDictionary<string, int> ports) => Compose("rtmp", baseUrl, ports, DefaultPort);

    /// <summary>The address over TLS; null where it is off.</summary>
    public static string? OverTls(string baseUrl, NodePorts ports) => Compose("rtmps", baseUrl, ports.All, DefaultTlsPort);

    private static string? Compose(string scheme, string baseUrl, IReadOnlyDictionary<string, int> ports, int usual)
    {
        if (!ports.TryGetValue(scheme, out var port) || !Uri.TryCreate(baseUrl, UriKind.Absolute, out var site)) return null;
        return port == usual ? $"{scheme}://{site.Host}/live" : $"{scheme}://{site.Host}:{port}/live";
    }
}
