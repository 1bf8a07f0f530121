using System.Collections;

namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>
/// The attributes of a session or of one of its media sections, in the order given, with typed access to those WebRTC uses. Each list is read
/// from the lines when it is first asked for, and kept. A line whose value does not parse is left out of its list.
/// </summary>
public sealed class SdpAttributes(IReadOnlyList<SdpAttributeLine> lines) : IReadOnlyList<SdpAttributeLine>
{
    private delegate bool Parse<T>(ReadOnlySpan<char> value, out T result);

    private List<SdpFingerprint>? _fingerprints;
    private List<SdpGroup>? _groups;
    private List<SdpRtpMap>? _rtpMaps;
    private List<SdpFormatParameters>? _formatParameters;
    private List<SdpFeedback>? _feedback;
    private List<SdpExtensionMap>? _extensionMaps;
    private List<SdpSsrc>? _ssrcs;
    private List<SdpSsrcGroup>? _ssrcGroups;
    private List<SdpMsid>? _msids;
    private List<SdpRid>? _rids;
    private List<IceCandidateLine>? _candidates;

    /// <summary>No attributes.</summary>
    public static SdpAttributes None { get; } = new([]);

    /// <inheritdoc />
    public int Count => lines.Count;

    /// <inheritdoc />
    public SdpAttributeLine this[int index] => lines[index];

    /// <summary>The section's name (RFC 5888 §4).</summary>
    public string? Mid => Find("mid");

    /// <summary>ICE's user name fragment (RFC 8839 §5.4).</summary>
    public string? IceUfrag => Find("ice-ufrag");

    /// <summary>ICE's password.</summary>
    public string? IcePwd => Find("ice-pwd");

    /// <summary>ICE's options: <c>trickle</c>, <c>renomination</c>, <c>ice2</c>.</summary>
    public IReadOnlyList<string> IceOptions => Find("ice-options")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>True where the agent is a lite one (RFC 8445 §2.5).</summary>
    public bool IsIceLite => Has("ice-lite");

    /// <summary>True where no candidates follow the ones given (RFC 8840 §4.4).</summary>
    public bool HasEndOfCandidates => Has("end-of-candidates");

    /// <summary>Certificate digests; the peer's certificate must match one of them.</summary>
    public IReadOnlyList<SdpFingerprint> Fingerprints => _fingerprints ??= All<SdpFingerprint>("fingerprint", SdpFingerprint.TryParse);

    /// <summary>Who opens DTLS; null where nothing is said.</summary>
    public SdpSetup? Setup => SdpSetups.TryParse(Find("setup"), out var setup) ? setup : null;

    /// <summary>The direction; null where nothing is said.</summary>
    public SdpDirection? Direction
    {
        get
        {
            foreach (var line in lines)
            {
                if (line.Value is null && SdpDirections.TryParse(line.Name, out var direction)) return direction;
            }

            return null;
        }
    }

    /// <summary>Groups of sections (session level).</summary>
    public IReadOnlyList<SdpGroup> Groups => _groups ??= All<SdpGroup>("group", SdpGroup.TryParse);

    /// <summary>True where RTP and RTCP share a port (RFC 5761).</summary>
    public bool HasRtcpMux => Has("rtcp-mux");

    /// <summary>True where RTCP may come without a report (RFC 5506).</summary>
    public bool HasReducedSizeRtcp => Has("rtcp-rsize");

    /// <summary>True where the section exists only within its BUNDLE (RFC 9143 §6).</summary>
    public bool IsBundleOnly => Has("bundle-only");

    /// <summary>True where one-byte and two-byte header extensions may mix (RFC 8285 §6).</summary>
    public bool AllowsMixedExtensions => Has("extmap-allow-mixed");

    /// <summary>Payload types.</summary>
    public IReadOnlyList<SdpRtpMap> RtpMaps => _rtpMaps ??= All<SdpRtpMap>("rtpmap", SdpRtpMap.TryParse);

    /// <summary>Parameters of payload types.</summary>
    public IReadOnlyList<SdpFormatParameters> FormatParameters => _formatParameters ??= All<SdpFormatParameters>("fmtp", SdpFormatParameters.TryParse);

    /// <summary>RTCP feedback messages.</summary>
    public IReadOnlyList<SdpFeedback> Feedback => _feedback ??= All<SdpFeedback>("rtcp-fb", SdpFeedback.TryParse);

    /// <summary>Header extensions.</summary>
    public IReadOnlyList<SdpExtensionMap> ExtensionMaps => _extensionMaps ??= All<SdpExtensionMap>("extmap", SdpExtensionMap.TryParse);

    /// <summary>Facts about single sources.</summary>
    public IReadOnlyList<SdpSsrc> Ssrcs => _ssrcs ??= All<SdpSsrc>("ssrc", SdpSsrc.TryParse);

    /// <summary>Groups of sources.</summary>
    public IReadOnlyList<SdpSsrcGroup> SsrcGroups => _ssrcGroups ??= All<SdpSsrcGroup>("ssrc-group", SdpSsrcGroup.TryParse);

    /// <summary>Streams and tracks in the browser's sense.</summary>
    public IReadOnlyList<SdpMsid> Msids => _msids ??= All<SdpMsid>("msid", SdpMsid.TryParse);

    /// <summary>Restricted streams.</summary>
    public IReadOnlyList<SdpRid> Rids => _rids ??= All<SdpRid>("rid", SdpRid.TryParse);

    /// <summary>The simulcast layers; null where there are none.</summary>
    public SdpSimulcast? Simulcast => SdpSimulcast.TryParse(Find("simulcast"), out var simulcast) ? simulcast : null;

    /// <summary>ICE candidates of UDP and TCP.</summary>
    public IReadOnlyList<IceCandidateLine> Candidates => _candidates ??= All<IceCandidateLine>("candidate", IceCandidateLine.TryParse);

    /// <summary>True where an attribute of that name is there.</summary>
    public bool Has(string name)
    {
        foreach (var line in lines)
        {
            if (line.Name == name) return true;
        }

        return false;
    }

    /// <summary>The value of the first attribute of that name, without blanks around it; null where there is none or it is a flag.</summary>
    public string? Find(string name)
    {
        foreach (var line in lines)
        {
            if (line.Name == name) return line.Value?.Trim(' ');
        }

        return null;
    }

    /// <inheritdoc />
    public IEnumerator<SdpAttributeLine> GetEnumerator() => lines.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<T> All<T>(string name, Parse<T> parse)
    {
        var found = new List<T>();
        foreach (var line in lines)
        {
            if (line.Name == name && parse(line.Value, out var value)) found.Add(value);
        }

        return found;
    }
}
