using System.Collections.Concurrent;
using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Peers;

/// <summary>
/// What the shards of one node share: who is expected, who owns whom, and which addresses belong to whom. Looked at only when a shard's own
/// tables have no answer, so never for media in the steady state. Safe for any thread.
/// </summary>
/// <param name="capacity">Peers that may exist at once; beyond that <see cref="TryRegister"/> refuses.</param>
public sealed class PeerDirectory(int capacity)
{
    /// <summary>How long an announced peer may take to send its first valid check.</summary>
    public static readonly TimeSpan FirstCheckTimeout = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<UfragKey, PeerRegistration> _byUfrag = new();
    private readonly ConcurrentDictionary<NetworkPath, int> _shardByPath = new();
    private int _count;

    /// <summary>Peers announced or connected.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Announces a peer. False where the node is full; the caller answers "try again later".</summary>
    public bool TryRegister(PeerParameters parameters, PeerSession session, Instant now, out PeerRegistration registration)
    {
        registration = new PeerRegistration(parameters, session, now + FirstCheckTimeout);
        if (Interlocked.Increment(ref _count) > capacity || !_byUfrag.TryAdd(registration.Ufrag, registration))
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        return true;
    }

    /// <summary>
    /// Ends peers that were announced and never came. Some shard calls this about once a second.
    /// </summary>
    public void Sweep(Instant now)
    {
        foreach (var (_, registration) in _byUfrag)
        {
            if (registration.IsUnadopted && registration.Deadline <= now) TryWithdraw(registration, now, PeerEnd.NeverConnected);
        }
    }

    /// <summary>Ends a peer that no shard has adopted yet; false where one has: then its endpoint ends it.</summary>
    public bool TryWithdraw(PeerRegistration registration, Instant now, PeerEnd reason)
    {
        if (!registration.TryEndUnadopted()) return false;
        Forget(registration.Ufrag);
        Interlocked.Decrement(ref _count);
        registration.Session.HandleEnded(now, reason);
        return true;
    }

    internal PeerRegistration? Find(UfragKey ufrag) => _byUfrag.GetValueOrDefault(ufrag);

    /// <summary>A second fragment for a peer that restarts ICE; false on the rare clash.</summary>
    internal bool TryAddAlias(IceCredentials local, PeerRegistration registration) =>
        _byUfrag.TryAdd(UfragKey.From(local.Ufrag), registration);

    internal void Forget(UfragKey ufrag) => _byUfrag.TryRemove(ufrag, out _);

    internal void Release() => Interlocked.Decrement(ref _count);

    internal void Claim(in NetworkPath path, int shard) => _shardByPath[path] = shard;

    internal void Unclaim(in NetworkPath path) => _shardByPath.TryRemove(path, out _);

    internal bool TryFindShard(in NetworkPath path, out int shard) => _shardByPath.TryGetValue(path, out shard);
}
