using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Peers;

/// <summary>
/// One WebRTC peer: ICE finds the path, DTLS agrees on keys, SRTP carries media, the session says what for. Composed of sub-machines with the
/// same verbs; owned by one endpoint and driven on its thread.
/// </summary>
public sealed class Peer : IDisposable
{
    // A peer that has not finished its handshake by then never will.
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(30);

    private readonly PeerRegistration _registration;
    private readonly IceLiteAgent _ice;
    private readonly DtlsSession _dtls;
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private NetworkPath _path;
    private bool _hasPath;
    private Instant _handshakeDeadline;
    private Instant _lastMedia = Instant.Zero;

    internal Peer(PeerRegistration registration, DtlsContext context, Instant now)
    {
        var parameters = registration.Parameters;
        _registration = registration;
        _ice = new IceLiteAgent(now, parameters.Local, parameters.Remote);
        _dtls = new DtlsSession(context, parameters.Role, parameters.Fingerprints);
        _handshakeDeadline = now + HandshakeTimeout;
    }

    /// <summary>What the peer is for.</summary>
    public PeerSession Session => _registration.Session;

    /// <summary>The shard that owns the peer.</summary>
    public int Shard => _registration.Shard;

    /// <summary>True from the end of the DTLS handshake to the end of the peer.</summary>
    public bool IsConnected => _sender is not null && End == PeerEnd.None;

    /// <summary>Why the peer is gone; <see cref="PeerEnd.None"/> while it is not.</summary>
    public PeerEnd End { get; private set; }

    /// <summary>The path everything leaves by; meaningful once connected.</summary>
    public NetworkPath Path => _path;

    /// <summary>Bytes that protection adds to an RTP packet.</summary>
    public int RtpOverhead => _sender!.RtpOverhead;

    /// <summary>Packets dropped because their authentication failed.</summary>
    public long Forged { get; private set; }

    /// <summary>Packets dropped because they had been seen before.</summary>
    public long Replayed { get; private set; }

    internal PeerRegistration Registration => _registration;

    internal IceLiteAgent Ice => _ice;

    // The endpoint's bookkeeping lies in the peer, so that finding a peer finds everything.
    internal List<UfragKey> Ufrags { get; } = new(1);

    internal List<NetworkPath> Paths { get; } = new(2); // bounded by the agent's own table

    internal int TimerHandle { get; set; } = -1;

    internal bool IsQueued { get; set; }

    internal Peer? NextQueued { get; set; }

    internal Instant NextTimeout
    {
        get
        {
            if (End != PeerEnd.None) return Instant.Never;
            var next = Instant.Min(_ice.NextTimeout, _dtls.NextTimeout);
            return _sender is null ? Instant.Min(next, _handshakeDeadline) : Instant.Min(next, Session.NextTimeout);
        }
    }

    /// <summary>
    /// Encrypts and authenticates one RTP packet whose complete header already stands at the beginning of <paramref name="destination"/>;
    /// the payload is taken from where it lies.
    /// </summary>
    /// <returns>The packet's length on the wire; with a batch its tag is still to be written.</returns>
    public int ProtectRtp(Span<byte> destination, int headerLength, ReadOnlySpan<byte> payload, uint rolloverCounter, SrtpBatch? batch = null) =>
        _sender!.ProtectRtp(destination, headerLength, payload, rolloverCounter, batch);

    /// <summary>Cache lines of this object that sending touches.</summary>
    public const int ObjectLines = 4;

    /// <summary>Asks for what sends to be brought into the cache: worth it where many peers take turns, some turns before <see cref="FetchKeys"/>.</summary>
    public void FetchSender() => Prefetch.Lines(_sender, SrtpSender.ObjectLines);

    /// <summary>Asks for the keys to be brought into the cache, a turn before <see cref="ProtectRtp"/>.</summary>
    public void FetchKeys() => _sender?.FetchKeys();

    internal IceHandling HandleStun(Instant now, in NetworkPath path, ReadOnlySpan<byte> datagram, Span<byte> answer, out int answerLength)
    {
        var handling = _ice.HandleStun(now, path, datagram, answer, out answerLength);
        if (handling is IceHandling.Validated or IceHandling.Nominated) FollowIce(now);
        return handling;
    }

    /// <summary>When the peer last proved itself on a path, by a check or by media.</summary>
    internal Instant LastHeard(in NetworkPath path) =>
        _hasPath && NetworkPath.AreSame(path, _path) && _lastMedia > _ice.LastHeard(path) ? _lastMedia : _ice.LastHeard(path);

    internal void HandleDtls(Instant now, ReadOnlySpan<byte> datagram)
    {
        if (End != PeerEnd.None) return;
        _dtls.HandleDatagram(now, datagram);
        FollowDtls(now);
    }

    internal void HandleSrtp(Instant now, Span<byte> datagram, bool isRtcp)
    {
        if (_receiver is null || End != PeerEnd.None) return;
        var error = isRtcp
            ? _receiver.UnprotectRtcp(datagram, out var length)
            : _receiver.UnprotectRtp(datagram, out length);
        if (error == SrtpError.None) _lastMedia = now;
        switch (error)
        {
            case SrtpError.None when isRtcp:
                Session.HandleRtcp(now, datagram[..length]);
                break;
            case SrtpError.None:
                Session.HandleRtp(now, datagram[..length]);
                break;
            case SrtpError.Replayed:
                Replayed++;
                break;
            default:
                Forged++;
                break;
        }
    }

    internal void HandleTimeout(Instant now)
    {
        if (End != PeerEnd.None) return;
        if (_ice.NextTimeout <= now)
        {
            _ice.HandleTimeout(now);
            FollowIce(now);
        }

        if (_dtls.NextTimeout <= now)
        {
            _dtls.HandleTimeout(now);
            FollowDtls(now);
        }

        if (End != PeerEnd.None) return;
        if (_sender is null)
        {
            if (_handshakeDeadline <= now) Finish(now, PeerEnd.HandshakeFailed);
        }
        else if (Session.NextTimeout <= now)
        {
            Session.HandleTimeout(now);
        }
    }

    /// <summary>Somebody has news for the session that its own timer does not know of.</summary>
    internal void HandleWake(Instant now)
    {
        if (IsConnected) Session.HandleTimeout(now);
    }

    internal void Restart(Instant now, IceRestart restart) => _ice.Restart(now, restart.Local, restart.Remote);

    internal void Close(Instant now, PeerEnd reason)
    {
        if (End != PeerEnd.None) return;
        _dtls.Close();
        Finish(now, reason);
    }

    /// <summary>Somebody else is where the peer was: it is not, and gets nothing more.</summary>
    internal void Abandon(Instant now) => Finish(now, PeerEnd.Lost);

    internal bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
    {
        transmit = default;
        if (!_hasPath) return false;
        if (_dtls.TryTakeTransmit(destination, out var length))
        {
            transmit = new Transmit(_path, length);
            return true;
        }

        if (_sender is null || End != PeerEnd.None) return false;
        if (!Session.TryTakeRtcp(now, destination[..(1200 - _sender.RtcpOverhead)], out length)) return false;
        transmit = new Transmit(_path, _sender.ProtectRtcp(destination, length));
        return true;
    }

    /// <summary>Frees keys and native memory; the endpoint calls it when the peer has left.</summary>
    public void Dispose()
    {
        _dtls.Dispose();
        _sender?.Dispose();
        _receiver?.Dispose();
    }

    private void FollowIce(Instant now)
    {
        if (_ice.Selected is { } selected)
        {
            var first = !_hasPath;
            _path = selected;
            _hasPath = true;
            if (first) _dtls.Start(now);
        }

        if (_ice.State == IceState.Failed) Finish(now, _sender is null ? PeerEnd.NeverConnected : PeerEnd.Lost);
    }

    private void FollowDtls(Instant now)
    {
        switch (_dtls.State)
        {
            case DtlsState.Connected when _sender is null:
                if (!_dtls.TryExportKeys(out var local, out var remote) || local is null || remote is null)
                {
                    Finish(now, PeerEnd.HandshakeFailed);
                    break;
                }

                _sender = new SrtpSender(local);
                _receiver = new SrtpReceiver(remote);
                local.Dispose();
                remote.Dispose();
                Session.HandleConnected(now);
                break;
            case DtlsState.Failed:
                Finish(now, PeerEnd.HandshakeFailed);
                break;
            case DtlsState.Closed:
                Finish(now, PeerEnd.ClosedByPeer);
                break;
        }
    }

    private void Finish(Instant now, PeerEnd reason)
    {
        if (End != PeerEnd.None) return;
        End = reason;
        Session.HandleEnded(now, reason);
    }
}
