using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Pacing;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Peers;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Whep;

/// <summary>
/// One viewer: a peer, its m-lines, and what it wants to see. Its media is pulled by the shard's <see cref="WhepFanOut"/>; its RTCP is in
/// <c>WhepViewer.Rtcp.cs</c>. All but the interface to Control runs on the shard's thread.
/// </summary>
internal sealed partial class WhepViewer : PeerSession, IAudience
{
    // Key pictures and the catching up of a new viewer are spread to this rate, or to several times the stream's own where that is more.
    private const int MinPaceBytesPerSecond = 20_000_000 / 8;
    private const int PaceFactor = 4;
    private const int BurstBytes = 64 * 1200;
    private static readonly TimeSpan LayerSilence = TimeSpan.FromSeconds(1.5);

    private readonly WhepOutput _output;
    private readonly OutgoingTrack[] _tracks;
    private readonly string[] _wantedLayers;
    private readonly DateTimeOffset _since;
    private readonly IDisposable? _ticket;
    private BurstPacer _pacer = new(MinPaceBytesPerSecond, BurstBytes);
    private WhepFanOut? _fanOut;
    private Peer? _peer;
    private LiveStream? _stream;
    private long _version = -1;
    private int _nextTrack;
    private int _choiceChanged;
    private bool _isDismissed;

    public WhepViewer(WhepOutput output, string id, LiveChannel channel, OutgoingTrack[] tracks, byte[] cname, DateTimeOffset since,
        IDisposable? ticket)
    {
        _ticket = ticket;
        _output = output;
        _tracks = tracks;
        _wantedLayers = new string[tracks.Length];
        Array.Fill(_wantedLayers, "");
        _cname = cname;
        _since = since;
        Id = id;
        Channel = channel;
    }

    public string Id { get; }

    public LiveChannel Channel { get; }

    public Peer Peer => _peer!;

    /// <summary>True while the fan-out has the viewer on its list of those with work of their own.</summary>
    public bool IsListed { get; set; }

    /// <summary>True while the fan-out will visit the viewer at the next tick.</summary>
    public bool IsHeld { get; set; }

    /// <summary>True where pacing holds packets back, or a key picture is awaited.</summary>
    public bool IsHeldBack { get; private set; }

    public override void HandleAdopted(Instant now, Peer peer) => _peer = peer;

    public override void HandleConnected(Instant now)
    {
        _fanOut = _output.FanOutOf(_peer!);
        _fanOut.Add(this);
        Channel.Enter(this);
        _rtcp.Set(RtcpTimer.Report, now);
    }

    public override void HandleRtp(Instant now, Span<byte> packet)
    {
        // A viewer sends no media; whatever it is, it has been authenticated and is of no use.
    }

    public override void HandleEnded(Instant now, PeerEnd reason)
    {
        foreach (var track in _tracks)
        {
            track.Choose(now, null);
        }

        _fanOut?.Remove(this);
        Channel.Leave(this);
        _ticket?.Dispose();
        _output.Forget(this, reason);
    }

    /// <summary>Chooses a layer; an empty id means automatic. Any thread; false where the viewer has no such m-line.</summary>
    public bool TrySelectLayer(string? mid, string encodingId)
    {
        for (var i = 0; i < _tracks.Length; i++)
        {
            if (mid is null ? _tracks[i].Kind != MediaKind.Video : _tracks[i].Mid != mid) continue;
            Volatile.Write(ref _wantedLayers[i], encodingId);
            Volatile.Write(ref _choiceChanged, 1);
            return true;
        }

        return false;
    }

    /// <summary>What the m-lines show now.</summary>
    public IReadOnlyList<WhepLine> Lines() =>
        [.. _tracks.Select(t => new WhepLine(t.Mid, t.Kind, t.Number, t.Current?.Id.EncodingId ?? ""))];

    /// <summary>Cache lines of this object that taking touches.</summary>
    public const int ObjectLines = 5;

    /// <summary>Brings the tracks and the peer into the cache; this object is there.</summary>
    public void FetchTracks()
    {
        foreach (var track in _tracks)
        {
            Prefetch.Lines(track, OutgoingTrack.ObjectLines);
        }

        Prefetch.Lines(_peer, Peer.ObjectLines);
    }

    /// <summary>Brings what those point to into the cache; they are there.</summary>
    public void FetchSources()
    {
        foreach (var track in _tracks)
        {
            track.FetchSource();
        }

        Peer.FetchSender();
    }

    /// <summary>Follows the channel: another stream, another choice. Cheap where nothing changed.</summary>
    public void Follow(Instant now)
    {
        var changed = Volatile.Read(ref _choiceChanged) != 0 && Interlocked.Exchange(ref _choiceChanged, 0) != 0;
        if (Channel.Version != _version)
        {
            _version = Channel.Version;
            var stream = Channel.Stream;
            if (!ReferenceEquals(stream, _stream))
            {
                foreach (var track in _tracks)
                {
                    track.Leave();
                }

                _stream = stream;
            }

            changed = true;
        }

        if (changed) ChooseAll(now);
        foreach (var track in _tracks)
        {
            if (track.IsWaiting) track.TryStartWanted(now);
        }
    }

    /// <summary>
    /// Writes what is next for this viewer: retransmissions first, then runs of each track in turn. False when there is nothing that may
    /// leave now.
    /// </summary>
    public bool TryTakeTransmit(Instant now, Span<byte> destination, SrtpBatch? batch, out Transmit transmit)
    {
        transmit = default;
        IsHeldBack = false;
        var peer = _peer!;
        if (!peer.IsConnected) return false;
        Follow(now);
        for (var i = 0; i < _tracks.Length; i++)
        {
            var track = _tracks[_nextTrack];
            var available = _pacer.Available(now);
            var written = 0;
            var segment = 0;
            if (track.HasRetransmissions && available > 0)
            {
                written = segment = track.WriteRetransmission(peer, destination, batch);
            }

            if (written == 0 && track.HasNews)
            {
                // Sound is small and must not wait behind a key picture.
                if (available > 0 || track.Kind == MediaKind.Audio) written = track.WriteRun(peer, destination, Math.Max(available, 1), batch, out segment);
                else IsHeldBack = true;
            }

            if (written > 0)
            {
                _pacer.Spend(written);
                transmit = new Transmit(peer.Path, written, segment);
                return true;
            }

            _nextTrack = (_nextTrack + 1) % _tracks.Length;
        }

        return false;
    }

    // Layers come and go while a stream is on, and its bitrate changes: looked at with every report.
    private void Review(Instant now)
    {
        if (_stream is null) return;
        ChooseAll(now);
        var bitrate = 0.0;
        foreach (var track in _tracks)
        {
            bitrate += track.Current?.Statistics.Bitrate ?? 0;
        }

        SetPace(bitrate);
        _fanOut?.List(this);
    }

    public ViewerSnapshot Observe()
    {
        long sent = 0, again = 0, nacks = 0, missed = 0;
        var layer = "";
        foreach (var track in _tracks)
        {
            sent += track.PacketsSent;
            again += track.PacketsRetransmitted;
            nacks += track.NacksReceived;
            missed += track.PacketsMissed;
            if (track.Kind == MediaKind.Video && track.Current is { } current) layer = current.Id.EncodingId;
        }

        return new ViewerSnapshot(Id, "whep", _since, sent, again, nacks, _plis, missed, _rtt, _jitter, _fractionLost, layer);
    }

    void IAudience.Close() => _output.Close(this);

    private void ChooseAll(Instant now)
    {
        for (var i = 0; i < _tracks.Length; i++)
        {
            var track = _tracks[i];
            var wanted = Volatile.Read(ref _wantedLayers[i]);
            var source = wanted.Length > 0 ? _stream?.Find(track.Kind, track.Number, wanted) : null;
            track.Choose(now, source ?? BestLayer(now, _stream, track));
        }

        // It was let in with something to play, which has become something that it cannot be sent. The answer to its next offer says what.
        if (_isDismissed || !(IsDeprivedOf(MediaKind.Video) || IsDeprivedOf(MediaKind.Audio))) return;
        _isDismissed = true;
        _output.Close(this);
    }

    // The stream has some of the kind, and nothing of it can be sent, now or, of sound, ever.
    private bool IsDeprivedOf(MediaKind kind)
    {
        var isDeprived = false;
        foreach (var track in _tracks)
        {
            if (track.Kind != kind || _stream is null || !WebRtcSource.HasBegun(_stream, track)) continue;
            if (track.Current is not null || track.IsWaiting) return false;
            isDeprived = true;
        }

        return isDeprived;
    }

    // The place where the choice by bandwidth will be made; until then the best layer is the largest that flows. A publisher short of bandwidth stops its
    // largest layers first.
    private static Track? BestLayer(Instant now, LiveStream? stream, OutgoingTrack line)
    {
        if (stream is null) return null;
        Track? best = null;
        var bestSize = -1L;
        for (var i = 0; i < stream.Tracks.Count; i++)
        {
            var track = stream.Tracks[i];
            if (track.Id.Kind != line.Kind || track.Id.Number != line.Number || !WebRtcSource.IsUsable(track) || !line.Decodes(track)) continue;
            var lastPacket = track.Statistics.LastPacket;
            var flows = lastPacket != Instant.Never && now - lastPacket < LayerSilence;
            var size = flows ? 1 + (long)track.Resolution.Width * track.Resolution.Height : 0;
            if (size <= bestSize) continue;
            best = track;
            bestSize = size;
        }

        return best ?? WebRtcSource.FirstOffered(stream, line);
    }

    private void SetPace(double bitsPerSecond) =>
        _pacer.SetRate((int)Math.Min(int.MaxValue / 2, Math.Max(MinPaceBytesPerSecond, bitsPerSecond / 8 * PaceFactor)), BurstBytes);
}
