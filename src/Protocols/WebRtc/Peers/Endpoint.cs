using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Peers;

/// <summary>
/// All WebRTC peers of one shard behind one port: finds the peer of a datagram by its path, or by the username fragment of a connectivity check;
/// adopts announced peers; keeps their timers.
/// </summary>
/// <remarks>
/// <para>Nothing but a valid connectivity check makes a path known: DTLS and media from any other address are refused before they cost
/// anything.</para>
/// <para>One thread drives it; <see cref="Post"/> alone may be called from others.</para>
/// </remarks>
public sealed class Endpoint : IDatagramMachine
{
    private const int OutboxSize = 256;
    private const int MaxAnswer = 256;
    private const int MaxUfrags = 3;
    private const int MaxCommands = 65_536;
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    // Checks for consent come every four to six seconds (RFC 7675 §5.1).
    private static readonly TimeSpan OwnerSilence = TimeSpan.FromSeconds(7);

    private readonly int _shard;
    private readonly PeerDirectory _directory;
    private readonly DtlsContext _dtls;
    private readonly Dictionary<NetworkPath, Peer> _byPath = [];
    private readonly Dictionary<UfragKey, Peer> _byUfrag = [];
    private readonly TimerWheel<Peer> _timers;
    private readonly ConcurrentQueue<Command> _commands = [];
    private readonly Answer[] _outbox = new Answer[OutboxSize];
    private readonly byte[] _answerBytes = GC.AllocateUninitializedArray<byte>(OutboxSize * MaxAnswer, pinned: true);
    private int _outboxHead;
    private int _outboxCount;
    private NetworkPath _latestPath;
    private Peer? _latest; // of that path; null where it may no longer be
    private Peer? _firstQueued;
    private Peer? _lastQueued;
    private Instant _nextSweep = Instant.Zero;

    private readonly record struct Answer(NetworkPath Path, int Length);

    private enum CommandKind : byte
    {
        Close,
        Restart,
        Wake,
    }

    private readonly record struct Command(CommandKind Kind, PeerRegistration Registration, IceRestart? Restart = null);

    /// <summary>Makes the endpoint of one shard.</summary>
    /// <param name="shard">Its number; shard 0 sweeps the directory.</param>
    /// <param name="directory">What the shards share.</param>
    /// <param name="dtls">The node's certificate and DTLS settings; not owned.</param>
    /// <param name="maxPeers">The most peers this shard holds.</param>
    public Endpoint(int shard, PeerDirectory directory, DtlsContext dtls, int maxPeers)
    {
        _shard = shard;
        _directory = directory;
        _dtls = dtls;
        _timers = new TimerWheel<Peer>(maxPeers);
        if (shard != 0) _nextSweep = Instant.Never;
    }

    /// <summary>Peers this shard owns.</summary>
    public int PeerCount => _timers.Count;

    /// <summary>Datagrams that nobody here knew what to do with.</summary>
    public long Refused { get; private set; }

    /// <inheritdoc />
    public Instant NextTimeout => _commands.IsEmpty ? Instant.Min(_timers.NextTimeout, _nextSweep) : Instant.Zero;

    /// <summary>Asks for the end of a peer this shard owns. Any thread; the caller wakes the driver.</summary>
    public void PostClose(PeerRegistration registration) => Post(new Command(CommandKind.Close, registration));

    /// <summary>Has a session's timeout handled now. Any thread; the caller wakes the driver.</summary>
    public void PostWake(PeerRegistration registration) => Post(new Command(CommandKind.Wake, registration));

    /// <summary>
    /// Gives a peer new ICE credentials. Any thread; the caller wakes the driver. False on a clash of fragments: try others.
    /// </summary>
    public bool PostRestart(PeerRegistration registration, IceCredentials local, IceCredentials remote)
    {
        if (!_directory.TryAddAlias(local, registration)) return false;
        Post(new Command(CommandKind.Restart, registration, new IceRestart(local, remote)));
        return true;
    }

    /// <inheritdoc />
    public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram)
    {
        var kind = PacketDemux.Classify(datagram);
        if (kind == PacketKind.Stun) return HandleStun(now, path, datagram);
        if (FindByPath(path) is not { } peer) return Elsewhere(path);

        switch (kind)
        {
            case PacketKind.Rtp:
                peer.HandleSrtp(now, datagram, isRtcp: false);
                break;
            case PacketKind.Rtcp:
                peer.HandleSrtp(now, datagram, isRtcp: true);
                break;
            case PacketKind.Dtls:
                peer.HandleDtls(now, datagram);
                break;
            default:
                Refused++;
                return Handling.Refused;
        }

        Touch(peer);
        return Handling.Handled;
    }

    /// <inheritdoc />
    public void HandleTimeout(Instant now)
    {
        while (_commands.TryDequeue(out var command))
        {
            Carry(now, command);
        }

        while (_timers.TryExpire(now, out var peer))
        {
            peer.HandleTimeout(now);
            Touch(peer);
        }

        if (_nextSweep <= now)
        {
            _nextSweep = now + SweepInterval;
            _directory.Sweep(now);
        }
    }

    /// <summary>Looks after a peer whose session changed outside of a Handle call on this endpoint, on the same thread.</summary>
    public void Refresh(Peer peer)
    {
        if (peer.TimerHandle >= 0) Touch(peer);
    }

    /// <inheritdoc />
    public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
    {
        if (_outboxCount > 0)
        {
            var answer = _outbox[_outboxHead];
            _answerBytes.AsSpan(_outboxHead * MaxAnswer, answer.Length).CopyTo(destination);
            _outboxHead = (_outboxHead + 1) % OutboxSize;
            _outboxCount--;
            transmit = new Transmit(answer.Path, answer.Length);
            return true;
        }

        while (_firstQueued is { } peer)
        {
            if (peer.TryTakeTransmit(now, destination, out transmit)) return true;
            Dequeue(peer);
            if (peer.End != PeerEnd.None) Remove(peer);
            else _timers.Schedule(peer.TimerHandle, peer.NextTimeout);
        }

        transmit = default;
        return false;
    }

    private void Post(Command command)
    {
        // The queue is bounded by the peers that exist and what their owners may ask over HTTP, which is rate limited; this is the net below.
        if (_commands.Count < MaxCommands) _commands.Enqueue(command);
    }

    private Handling HandleStun(Instant now, in NetworkPath path, Span<byte> datagram)
    {
        if (!IceUsername.TryGetLocalUfrag(datagram, out var ufrag) || !UfragKey.TryFrom(ufrag, out var key)) return Refuse();
        if (!_byUfrag.TryGetValue(key, out var peer))
        {
            if (_directory.Find(key) is not { } registration) return Refuse();
            if (!registration.IsUnadopted) return registration.Shard >= 0 && registration.Shard != _shard ? Handling.HandOver(registration.Shard) : Refuse();
            return Adopt(now, registration, path, datagram);
        }

        return Answered(now, peer, path, datagram);
    }

    private Handling Adopt(Instant now, PeerRegistration registration, in NetworkPath path, Span<byte> datagram)
    {
        // Only a check that proves the password makes a peer: a forged one must not bind it to this shard.
        var peer = new Peer(registration, _dtls, now);
        Span<byte> answer = stackalloc byte[MaxAnswer];
        var handling = peer.HandleStun(now, path, datagram, answer, out var length);
        if (handling == IceHandling.Refused || !_timers.TryAdd(peer, out var handle))
        {
            peer.Dispose();
            return Refuse();
        }

        if (!registration.TryAdopt(_shard))
        {
            _timers.Remove(handle);
            peer.Dispose();
            return registration.Shard >= 0 && registration.Shard != _shard ? Handling.HandOver(registration.Shard) : Refuse();
        }

        peer.TimerHandle = handle;
        registration.Peer = peer;
        Know(registration.Ufrag, peer);
        registration.Session.HandleAdopted(now, peer);
        Settle(now, peer, path, handling, answer[..length]);
        return Handling.Handled;
    }

    private Handling Answered(Instant now, Peer peer, in NetworkPath path, Span<byte> datagram)
    {
        Span<byte> answer = stackalloc byte[MaxAnswer];
        var handling = peer.HandleStun(now, path, datagram, answer, out var length);
        if (handling == IceHandling.Refused) return Refuse();
        Settle(now, peer, path, handling, answer[..length]);
        return Handling.Handled;
    }

    private void Settle(Instant now, Peer peer, in NetworkPath path, IceHandling handling, ReadOnlySpan<byte> answer)
    {
        if (peer.Ice.IsValidated(path)) Own(now, peer, path);
        if (answer.Length > 0 && _outboxCount < OutboxSize)
        {
            // A full outbox means that the socket is stuck: the peer repeats its check.
            var slot = (_outboxHead + _outboxCount++) % OutboxSize;
            answer.CopyTo(_answerBytes.AsSpan(slot * MaxAnswer));
            _outbox[slot] = new Answer(path, answer.Length);
        }

        Touch(peer);
    }

    // A picture's packets come in a row. A path is six words that the table's lookup copies, and waits for whatever is still being stored when it does.
    private Peer? FindByPath(in NetworkPath path)
    {
        if (_latest is { } latest && NetworkPath.AreSame(path, _latestPath)) return latest;
        if (!_byPath.TryGetValue(path, out var peer)) return null;
        _latestPath = path;
        _latest = peer;
        return peer;
    }

    // Ports are used again: a browser's, of a page that was closed without a word, or a NAT's. Who came later would wait for the handshake's answer for ever. But whoever can
    // forge an address must not take the path of somebody who is there, so it changes hands only when its owner has missed a check.
    private void Own(Instant now, Peer peer, in NetworkPath path)
    {
        ref var owner = ref CollectionsMarshal.GetValueRefOrAddDefault(_byPath, path, out _);
        if (owner == peer) return;
        var before = owner;
        if (before is { End: PeerEnd.None } && before.LastHeard(path) + OwnerSilence > now) return;
        owner = peer;
        peer.Paths.Add(path);
        _latest = null;
        _directory.Claim(path, _shard);
        if (before is null) return;

        before.Paths.Remove(path);
        if (!NetworkPath.AreSame(path, before.Path)) return;
        before.Abandon(now);
        Touch(before);
    }

    private void Forget(in NetworkPath path)
    {
        _byPath.Remove(path);
        _latest = null;
        _directory.Unclaim(path);
    }

    private Handling Elsewhere(in NetworkPath path)
    {
        if (_directory.TryFindShard(path, out var shard) && shard != _shard) return Handling.HandOver(shard);
        return Refuse();
    }

    private Handling Refuse()
    {
        Refused++;
        return Handling.Refused;
    }

    private void Carry(Instant now, Command command)
    {
        // By the registration, not by its first fragment: restarts replace fragments.
        if (command.Registration.Peer is not { } peer)
        {
            if (command.Restart is { } late) _directory.Forget(UfragKey.From(late.Local.Ufrag));
            return;
        }

        switch (command)
        {
            case { Restart: { } restart }:
                peer.Restart(now, restart);
                Know(UfragKey.From(restart.Local.Ufrag), peer);
                break;
            case { Kind: CommandKind.Close }:
                peer.Close(now, PeerEnd.Closed);
                break;
            default:
                peer.HandleWake(now);
                break;
        }

        Touch(peer);
    }

    private void Know(UfragKey ufrag, Peer peer)
    {
        // A peer that restarts over and over keeps its newest fragments only.
        if (peer.Ufrags.Count == MaxUfrags)
        {
            _byUfrag.Remove(peer.Ufrags[0]);
            _directory.Forget(peer.Ufrags[0]);
            peer.Ufrags.RemoveAt(0);
        }

        peer.Ufrags.Add(ufrag);
        _byUfrag[ufrag] = peer;
    }

    private void Touch(Peer peer)
    {
        while (peer.Ice.TryTakeEvent(out var @event))
        {
            if (@event.Kind == IceEventKind.PathDropped && peer.Paths.Remove(@event.Path)) Forget(@event.Path);
        }

        if (peer.IsQueued) return;
        peer.IsQueued = true;
        peer.NextQueued = null;
        if (_lastQueued is null) _firstQueued = peer;
        else _lastQueued.NextQueued = peer;
        _lastQueued = peer;
    }

    private void Dequeue(Peer peer)
    {
        _firstQueued = peer.NextQueued;
        if (_firstQueued is null) _lastQueued = null;
        peer.NextQueued = null;
        peer.IsQueued = false;
    }

    private void Remove(Peer peer)
    {
        _timers.Remove(peer.TimerHandle);
        peer.TimerHandle = -1;
        peer.Registration.Peer = null;
        foreach (var ufrag in peer.Ufrags)
        {
            _byUfrag.Remove(ufrag);
            _directory.Forget(ufrag);
        }

        foreach (var path in peer.Paths) Forget(path);

        _directory.Release();
        peer.Dispose();
    }
}
