using System.Net;
using Sluice.Outputs.Thumbnails;
using Sluice.Workers.Transcoding;

namespace Sluice.Server.Options;

/// <summary>Every setting of a node, checked. Immutable: a reload makes a new one.</summary>
public sealed record SluiceOptions
{
    public HttpOptions Http { get; init; } = new();

    public WebRtcOptions WebRtc { get; init; } = new();

    public RtmpOptions Rtmp { get; init; } = new();

    public HlsOptions Hls { get; init; } = new();

    public RecordingSettings Recording { get; init; } = new();

    public ThumbnailOptions Thumbnails { get; init; } = new();

    public TranscodingOptions Transcoding { get; init; } = new();

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    public string DataDirectory { get; init; } = "data";

    /// <summary>The operator's token as configured; null where the node makes its own.</summary>
    public string? AdminToken { get; init; }
}

/// <summary>The site, the API and the signalling of WHIP and WHEP.</summary>
public sealed record HttpOptions
{
    public int Port { get; init; } = 8080;

    /// <summary>Null listens on every address.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>How the world reaches this node, without a slash at the end; null takes what the client asked for.</summary>
    public string? PublicUrl { get; init; }

    public string? SiteDirectory { get; init; }

    public IReadOnlyList<string> CorsOrigins { get; init; } = ["*"];

    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    public int MaxConnections { get; init; } = 20_000;

    /// <summary>Of one remote address that is neither this machine nor a trusted proxy; 0 is no limit.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 512;

    public int RequestsPerMinutePerAddress { get; init; } = 6000;

    public int SessionsPerMinutePerAddress { get; init; } = 3000;

    public int FailedLoginsPerMinutePerAddress { get; init; } = 60;

    /// <summary>HTTPS too: HTTP/1.1, HTTP/2, and HTTP/3 where the system has msquic.</summary>
    public bool TlsEnabled { get; init; }

    public int TlsPort { get; init; } = 8443;

    /// <summary>A PEM file with the certificate and its chain; read again when it changes.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>A PEM file with the key; null where the certificate's file has it.</summary>
    public string? TlsKey { get; init; }
}

/// <summary>Media by WebRTC.</summary>
public sealed record WebRtcOptions
{
    public int Port { get; init; } = 8189;

    public bool Tcp { get; init; } = true;

    /// <summary>Addresses to bind; empty binds every local one.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Addresses to offer besides the bound ones, for a node behind NAT.</summary>
    public IReadOnlyList<IPAddress> PublicAddresses { get; init; } = [];

    public bool OfferLoopback { get; init; } = true;

    /// <summary>0 is one for each core.</summary>
    public int Workers { get; init; }

    /// <summary>Each worker on a core of its own, where there is one for each.</summary>
    public bool BindWorkers { get; init; } = true;

    public int MaxSessions { get; init; } = 10_000;

    public int MaxSessionsPerAddress { get; init; } = 2000;

    public bool ForcePortableSockets { get; init; }

    public IReadOnlyList<IceServer> IceServers { get; init; } = [];
}

/// <summary>Publishers by RTMP.</summary>
public sealed record RtmpOptions
{
    public bool Enabled { get; init; } = true;

    public int Port { get; init; } = 1935;

    /// <summary>Addresses to bind; empty binds every local one.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    public int MaxConnections { get; init; } = 1000;

    public int MaxConnectionsPerAddress { get; init; } = 100;

    /// <summary>Kilobits a second; 0 is no limit.</summary>
    public int MaxBitrateKbps { get; init; } = 100_000;

    public bool TlsEnabled { get; init; }

    public int TlsPort { get; init; } = 1936;

    /// <summary>A PEM file with the certificate and its chain.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>A PEM file with the key; null where it is in the certificate's file.</summary>
    public string? TlsKey { get; init; }

    public bool ForcePortableSockets { get; init; }
}

/// <summary>Streams as HLS.</summary>
public sealed record HlsOptions
{
    public bool Enabled { get; init; } = true;

    /// <summary>Package when a stream is published, rather than when somebody asks.</summary>
    public bool StartsAtPublish { get; init; } = true;

    public bool MpegTs { get; init; }

    /// <summary>Segments and parts are encrypted.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Their samples are (SAMPLE-AES), rather than they as a whole (AES-128).</summary>
    public bool EncryptsSamples { get; init; }

    public int SegmentsPerKey { get; init; } = 300;

    public int PartMilliseconds { get; init; } = 200;

    public int SegmentMilliseconds { get; init; } = 2000;

    public int LiveWindowSeconds { get; init; } = 40;

    public int RewindWindowSeconds { get; init; } = 7200;

    public int ReturnGraceSeconds { get; init; } = 8;

    public int LingerSeconds { get; init; } = 60;

    public int MaxViewers { get; init; } = 100_000;

    public int MaxDiskMegabytes { get; init; } = 20_000;

    public int DiskReserveMegabytes { get; init; } = 2000;
}

/// <summary>A STUN or TURN server that clients are told of (RFC 9725 §4.6).</summary>
public sealed record IceServer(string Url, string? Username, string? Credential);
