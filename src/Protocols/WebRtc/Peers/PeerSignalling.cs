using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Protocols.WebRtc.Peers;

/// <summary>
/// The signalling state of one announced peer, the same for WHIP and WHEP: its ICE session, named by an entity tag, and the PATCH requests
/// that trickle candidates or restart ICE (RFC 9725 §4.3). Safe for any thread.
/// </summary>
public sealed class PeerSignalling
{
    private readonly Lock _gate = new();
    private readonly PeerHost _host;
    private readonly TransportFactory _factory;
    private LocalTransport _local;
    private NegotiatedSession _negotiated;

    /// <summary>Begins with what offer and answer have settled.</summary>
    public PeerSignalling(PeerHost host, TransportFactory factory, PeerRegistration registration, LocalTransport local, NegotiatedSession negotiated)
    {
        _host = host;
        _factory = factory;
        Registration = registration;
        _local = local;
        _negotiated = negotiated;
    }

    /// <summary>The peer.</summary>
    public PeerRegistration Registration { get; }

    /// <summary>The strong entity tag of the current ICE session, quotes included.</summary>
    public string ETag
    {
        get
        {
            lock (_gate) return TagOf(_local);
        }
    }

    /// <summary>The entity tag of a session with these local credentials.</summary>
    public static string TagOf(LocalTransport local) => $"\"{local.IceUfrag}\"";

    /// <summary>
    /// Carries out a PATCH. As an ICE-lite agent we learn the peer's addresses from its checks: trickled candidates are read, judged and
    /// dropped.
    /// </summary>
    /// <param name="body">An SDP fragment.</param>
    /// <param name="ifMatch">The If-Match header as it came; null where there was none.</param>
    public SessionOutcome Patch(string body, string? ifMatch)
    {
        if (TrickleFragment.TryParse(body, out var fragment) is { } error)
        {
            return SessionOutcome.Refuse(SessionError.BadSdp, $"The fragment cannot be read: {error}.");
        }

        lock (_gate)
        {
            var isRestart = fragment.IsRestartOf(_negotiated.IceUfrag, _negotiated.IcePwd);
            if (isRestart && ifMatch is null)
            {
                return SessionOutcome.Refuse(SessionError.PreconditionRequired, "An ICE restart needs the header 'If-Match: *'.");
            }

            if (ifMatch is not (null or "*") && !ifMatch.Split(',', StringSplitOptions.TrimEntries).Contains(TagOf(_local)))
            {
                return SessionOutcome.Refuse(SessionError.PreconditionFailed, "The entity tag names an ICE session that is over; restart ICE with 'If-Match: *'.");
            }

            return isRestart ? Restart(fragment) : new SessionOutcome(SessionError.None, "", ETag: TagOf(_local));
        }
    }

    private SessionOutcome Restart(TrickleFragment fragment)
    {
        var remote = new IceCredentials(fragment.IceUfrag, fragment.IcePwd);
        if (!remote.IsWellFormed) return SessionOutcome.Refuse(SessionError.BadSdp, "The fragment's ICE credentials are malformed.");
        var local = _factory.Renew(_local);
        if (!_host.TryRestart(Registration, new IceCredentials(local.IceUfrag, local.IcePwd), remote))
        {
            return SessionOutcome.Refuse(SessionError.Conflict, "The session has not been connected yet or is over; begin a new one.");
        }

        _local = local;
        _negotiated = _negotiated with { IceUfrag = fragment.IceUfrag, IcePwd = fragment.IcePwd };
        return new SessionOutcome(SessionError.None, "", Body: TrickleFragment.AnswerRestart(_negotiated, local), ETag: TagOf(local));
    }
}
