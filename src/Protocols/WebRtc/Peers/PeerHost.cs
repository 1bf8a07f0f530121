using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Peers;

/// <summary>
/// The node's peers as signalling sees them: announce one, end one, restart one, whichever shard it lives on. Safe for any thread.
/// </summary>
/// <param name="directory">What the shards share.</param>
/// <param name="endpoints">The shards.</param>
/// <param name="wake">Wakes the driver of a shard.</param>
/// <param name="clock">The drivers' clock.</param>
public sealed class PeerHost(PeerDirectory directory, IReadOnlyList<Endpoint> endpoints, Action<int> wake, Func<Instant> clock)
{
    /// <summary>The drivers' clock now.</summary>
    public Instant Now => clock();

    /// <summary>Peers announced or connected.</summary>
    public int Count => directory.Count;

    /// <summary>Announces a peer; false where the node is full.</summary>
    public bool TryAnnounce(PeerParameters parameters, PeerSession session, out PeerRegistration registration) =>
        directory.TryRegister(parameters, session, clock(), out registration);

    /// <summary>Ends a peer, connected or not. The session hears of it exactly once, possibly later and on its shard's thread.</summary>
    public void Close(PeerRegistration registration)
    {
        if (directory.TryWithdraw(registration, clock(), PeerEnd.Closed)) return;
        if (registration.Shard is var shard && shard < 0) return;
        endpoints[shard].PostClose(registration);
        wake(shard);
    }

    /// <summary>Gives a peer new ICE credentials; false where it has gone or never came.</summary>
    public bool TryRestart(PeerRegistration registration, IceCredentials local, IceCredentials remote)
    {
        if (registration.Shard is var shard && shard < 0) return false;
        if (!endpoints[shard].PostRestart(registration, local, remote)) return false;
        wake(shard);
        return true;
    }

    /// <summary>Has a peer's session looked after soon: its <see cref="PeerSession.NextTimeout"/> has moved.</summary>
    public void Wake(PeerRegistration registration)
    {
        if (registration.Shard is var shard && shard < 0) return;
        endpoints[shard].PostWake(registration);
        wake(shard);
    }
}
