namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>One media section: an <c>m=</c> line and what follows it (RFC 8866 §5.14).</summary>
public sealed record MediaDescription
{
    /// <summary><c>audio</c>, <c>video</c>, <c>application</c> or another word.</summary>
    public required string Type { get; init; }

    /// <summary>The port; 0 for a section that is rejected, or that is bundle-only in an offer.</summary>
    public int Port { get; init; } = 9;

    /// <summary>Consecutive ports; 1 but for very old uses.</summary>
    public int PortCount { get; init; } = 1;

    /// <summary>The transport: <c>UDP/TLS/RTP/SAVPF</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The formats in order of preference: payload types, or <c>webrtc-datachannel</c>.</summary>
    public required IReadOnlyList<string> Formats { get; init; }

    /// <summary>The connection, as in <c>IN IP4 0.0.0.0</c>; null where the session's holds.</summary>
    public string? Connection { get; init; }

    /// <summary>Lines we carry through: <c>i=</c>, <c>b=</c>, <c>k=</c>.</summary>
    public IReadOnlyList<SdpLine> OtherLines { get; init; } = [];

    /// <summary>The attributes.</summary>
    public SdpAttributes Attributes { get; init; } = SdpAttributes.None;

    /// <summary>True where the section takes no part: port 0, unless it is bundle-only.</summary>
    public bool IsRejected => Port == 0 && !Attributes.IsBundleOnly;

    /// <summary>True where the formats are RTP payload types.</summary>
    public bool IsRtp => Protocol.Contains("RTP/", StringComparison.Ordinal);
}
