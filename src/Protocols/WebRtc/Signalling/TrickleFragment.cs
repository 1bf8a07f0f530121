using System.Globalization;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>
/// The body of a PATCH that adds candidates or restarts ICE: <c>application/trickle-ice-sdpfrag</c> (RFC 8840 §9, RFC 9725 §4.3.1).
/// </summary>
public sealed record TrickleFragment
{
    /// <summary>The media type of the body.</summary>
    public const string MediaType = "application/trickle-ice-sdpfrag";

    /// <summary>A fragment that says nothing.</summary>
    public static TrickleFragment Empty { get; } = new();

    /// <summary>The user name fragment; empty where none is given.</summary>
    public string IceUfrag { get; init; } = "";

    /// <summary>The password; empty where none is given.</summary>
    public string IcePwd { get; init; } = "";

    /// <summary>The mid of the first section; empty where none is given. With BUNDLE all sections share its candidates.</summary>
    public string Mid { get; init; } = "";

    /// <summary>
    /// The candidates that can be used: numeric addresses, component 1, at most <see cref="Negotiator.MaxCandidates"/>. Candidates of
    /// another generation, told by their own <c>ufrag</c>, are left out.
    /// </summary>
    public IReadOnlyList<IceCandidateLine> Candidates { get; init; } = [];

    /// <summary>True where no candidates follow.</summary>
    public bool HasEndOfCandidates { get; init; }

    /// <summary>True where the fragment begins a new ICE session beside the one with these credentials (RFC 8839 §4.4.1.1).</summary>
    public bool IsRestartOf(string iceUfrag, string icePwd) =>
        IceUfrag.Length > 0 && IcePwd.Length > 0 && (IceUfrag != iceUfrag || IcePwd != icePwd);

    /// <summary>
    /// Reads a fragment, within the bounds of <see cref="SdpLimits"/>. Lines other than <c>m=</c> and <c>a=</c> are passed over.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="fragment">The fragment; <see cref="Empty"/> on an error.</param>
    /// <returns>Null on success.</returns>
    public static SdpError? TryParse(ReadOnlySpan<char> text, out TrickleFragment fragment)
    {
        fragment = Empty;
        if (SdpFragment.TryParse(text, out var sections) is { } error) return error;
        var attributes = sections.SelectMany(static section => section.Attributes).ToList();
        var all = new SdpAttributes(attributes);
        var (ufrag, pwd) = (all.IceUfrag ?? "", all.IcePwd ?? "");
        if (ufrag.Length == 0 != (pwd.Length == 0)) return new SdpError(0, "a=ice-ufrag and a=ice-pwd must come together");
        if (attributes.Any(line => Differs(line, "ice-ufrag", ufrag) || Differs(line, "ice-pwd", pwd)))
        {
            return new SdpError(0, "the fragment has several ICE sessions; all sections share one here");
        }

        fragment = new TrickleFragment
        {
            IceUfrag = ufrag,
            IcePwd = pwd,
            Mid = all.Mid ?? "",
            Candidates = Usable(all.Candidates, ufrag),
            HasEndOfCandidates = all.HasEndOfCandidates,
        };
        return null;
    }

    /// <summary>
    /// The answer to a restart: our new credentials and candidates (RFC 9725 §4.3.3).
    /// </summary>
    /// <param name="session">What was agreed; the section that carries the transport is named.</param>
    /// <param name="local">Our side, with the new credentials.</param>
    public static string AnswerRestart(NegotiatedSession session, LocalTransport local)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(local);
        var carrier = session.Media.First(static media => media.Index == media.BundleIndex);
        var lines = new List<SdpAttributeLine>();
        if (carrier.Mid.Length > 0) lines.Add(new SdpAttributeLine("mid", carrier.Mid));
        lines.Add(new SdpAttributeLine("ice-ufrag", local.IceUfrag));
        lines.Add(new SdpAttributeLine("ice-pwd", local.IcePwd));
        SectionWriter.WriteCandidates(lines, local);
        var head = new List<SdpAttributeLine>();
        if (local.IsIceLite) head.Add(new SdpAttributeLine("ice-lite"));
        if (SectionWriter.IceOptions(local, session.SupportsRenomination) is { Length: > 0 } options)
        {
            head.Add(new SdpAttributeLine("ice-options", options));
        }

        if (carrier.Mid.Length > 0)
        {
            var mids = session.Media.Select(static media => media.Mid).Where(static mid => mid.Length > 0);
            head.Add(new SdpAttributeLine("group", new SdpGroup("BUNDLE", [carrier.Mid, .. mids.Where(mid => mid != carrier.Mid)]).ToString()));
        }

        var media = new MediaDescription
        {
            Type = carrier.Kind == MediaKind.Audio ? "audio" : "video",
            Protocol = "UDP/TLS/RTP/SAVPF",
            Formats = [carrier.Payloads[0].PayloadType.ToString(CultureInfo.InvariantCulture)],
            Attributes = new SdpAttributes(lines),
        };
        return SdpFragment.Write(new SdpAttributes(head), [media]);
    }

    private static bool Differs(SdpAttributeLine line, string name, string value) =>
        line.Name == name && line.Value?.Trim(' ') != value;

    private static List<IceCandidateLine> Usable(IReadOnlyList<IceCandidateLine> candidates, string ufrag)
    {
        var usable = new List<IceCandidateLine>();
        foreach (var candidate in candidates)
        {
            if (usable.Count == Negotiator.MaxCandidates) break;
            if (candidate.Component != 1 || !candidate.TryGetAddress(out _)) continue;
            if (ufrag.Length > 0 && candidate.Ufrag is { } own && own != ufrag) continue;
            if (!usable.Contains(candidate)) usable.Add(candidate);
        }

        return usable;
    }
}
