namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>What a client wants of a server.</summary>
/// <param name="App">The application.</param>
/// <param name="StreamName">The publishing name, with query if any. A secret as a rule.</param>
/// <param name="TcUrl">The URL without the stream name.</param>
public sealed record RtmpClientOptions(string App, string StreamName, string TcUrl)
{
    /// <summary>How the client calls itself.</summary>
    public string Software { get; init; } = "FMLE/3.0 (compatible; Sluice)";

    /// <summary>The scheme of a handshake with digest; null for the simple one.</summary>
    public int? DigestScheme { get; init; }

    /// <summary>The FourCCs to announce; empty announces nothing of Enhanced RTMP.</summary>
    public IReadOnlyList<string> FourCcs { get; init; } = [];

    /// <summary>Extended capabilities to announce.</summary>
    public RtmpCapabilities Capabilities { get; init; }

    /// <summary>What the client cuts its messages into, 1 to 0xFFFFFF.</summary>
    public int ChunkSize { get; init; } = 4096;

    /// <summary>Bytes that may wait for the network; media that does not fit is refused.</summary>
    public int OutputLimit { get; init; } = 4 << 20;

    /// <summary>How long the server may take until it lets the client publish.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>What a client session tells its owner.</summary>
public enum RtmpClientEventKind : byte
{
    /// <summary>The server accepted the connection.</summary>
    Connected = 0,

    /// <summary>The server accepted the publication: media may be sent.</summary>
    Publishing,

    /// <summary>The server says something of the stream or connection that changes nothing here.</summary>
    Status,

    /// <summary>The server asks to connect again, to Url where there is one.</summary>
    ReconnectRequested,

    /// <summary>The session is over; told exactly once, as the last event.</summary>
    Closed,
}

/// <summary>One event of a client session.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Code">The server's status code; empty where there was none.</param>
/// <param name="Description">The server's words.</param>
/// <param name="Url">Where to reconnect.</param>
public readonly record struct RtmpClientEvent(RtmpClientEventKind Kind, string Code = "", string Description = "", string Url = "");
