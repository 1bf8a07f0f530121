using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.WebRtc.Peers;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Whip;

/// <summary>
/// One publisher: a peer whose RTP streams go into the logs of one live stream. RTP is here, feedback in <c>WhipPublisher.Rtcp.cs</c>, which
/// stream a packet belongs to in <see cref="IncomingStreams"/>.
/// </summary>
internal sealed partial class WhipPublisher : PeerSession, IPublication
{
    private const int MaxExtensionBytes = 96;

    private readonly WhipInput _input;
    private readonly LiveChannel _channel;
    private readonly IncomingTrack[] _tracks;
    private readonly IncomingStreams _streams;
    private readonly HeaderExtensionMap _extensions;
    private readonly UntoldAppends _untold;
    private readonly IDisposable? _ticket;
    private readonly Lock _closing = new();
    private PeerRegistration? _registration;
    private Peer? _peer;
    private LiveStream? _stream;
    private StreamEnd _reason = StreamEnd.None;

    public WhipPublisher(WhipInput input, string id, LiveChannel channel, NegotiatedSession negotiated, PublisherIdentity identity, uint ssrc,
        IDisposable? ticket)
    {
        _ticket = ticket;
        _input = input;
        _channel = channel;
        Id = id;
        Identity = identity;
        _ssrc = new Ssrc(ssrc);
        _clock = new PublisherClock(input.Clock);
        _extensions = MapExtensions(negotiated);
        _tracks = MakeTracks(negotiated);
        _untold = new UntoldAppends(channel, _tracks);
        _streams = new IncomingStreams(negotiated, _tracks, _extensions);
        ReadFeedback(negotiated);
    }

    public string Id { get; }

    public string ChannelId => _channel.ChannelId;

    public string Protocol => "whip";

    public string Vendor => Identity.Software;

    public PublisherIdentity Identity { get; }

    public TimeSpan RoundTrip => _roundTrip;

    /// <summary>True once another publisher has taken the channel over.</summary>
    public bool WasReplaced
    {
        get
        {
            lock (_closing) return _reason == StreamEnd.TakenOver;
        }
    }

    /// <summary>Set once, before the peer can be adopted.</summary>
    public void Attach(PeerRegistration registration) => _registration = registration;

    public override void HandleAdopted(Instant now, Peer peer) => _peer = peer;

    public override void HandleConnected(Instant now)
    {
        Track[] tracks = [.. _tracks.Select(t => t.Track)];
        var stream = new LiveStream(_channel.ChannelId, tracks, this, _input.UtcNow, _input.Resources.Planner?.Plan(_channel, tracks));
        lock (_closing)
        {
            // Somebody closed it while the handshake was on its way.
            if (_reason != StreamEnd.None) return;
            _stream = _untold.Stream = stream;
        }

        _timers.Set(RtcpTimer.Report, now + FirstReport);
        _channel.Start(stream);
    }

    public override void HandleRtp(Instant now, Span<byte> packet)
    {
        if (_stream is null || !RtpPacketView.TryParse(packet, out var view)) return;
        NoteArrival(now, view);
        if (!_streams.TryFind(view, out var track, out var isRtx)) return;

        Span<byte> extensions = stackalloc byte[MaxExtensionBytes];
        extensions = extensions[..Normalise(view, extensions)];
        var payloadType = view.PayloadType.Value;
        bool added;
        if (isRtx)
        {
            // Padding under a retransmission's payload type only measures the path.
            if (!track.Formats.IsRtx(payloadType, out var original) || !RtxUnwrapper.TryParse(view, out var sequence, out var payload)) return;
            added = track.HandlePacket(now, view, sequence, original, payload, extensions, isRetransmission: true);
        }
        else
        {
            added = track.HandlePacket(now, view, view.SequenceNumber, payloadType, view.Payload, extensions, isRetransmission: false);
        }

        _untold.IsHeld |= track.IsHolding;
        if (added) _input.ShardOf(_peer!).NoteAppended(now, _untold, !track.IsVideo || view.Marker);
    }

    public override void HandleEnded(Instant now, PeerEnd end)
    {
        StreamEnd reason;
        lock (_closing)
        {
            if (_reason == StreamEnd.None) _reason = end is PeerEnd.ClosedByPeer or PeerEnd.Closed ? StreamEnd.Stopped : StreamEnd.Lost;
            reason = _reason;
        }

        if (_stream is { } stream)
        {
            _channel.End(stream, reason);
            foreach (var track in _tracks)
            {
                track.Track.Release();
            }
        }

        _ticket?.Dispose();
        _input.Forget(this, end);
    }

    public void Close(StreamEnd reason)
    {
        lock (_closing)
        {
            if (_reason == StreamEnd.None) _reason = reason;
            reason = _reason;
        }

        // Whoever asks next finds the stream ended, however busy the peer's thread is. Ending it comes back here.
        if (_channel.Stream is { } live && ReferenceEquals(live.Publication, this)) _channel.End(live, reason);
        else if (_registration is { } registration) _input.Host.Close(registration);
    }

    private IncomingTrack[] MakeTracks(NegotiatedSession negotiated)
    {
        var tracks = new List<IncomingTrack>();
        foreach (var media in negotiated.Media)
        {
            var limits = media.Kind == MediaKind.Video ? PacketLogLimits.Video : PacketLogLimits.Audio;
            var formats = new IncomingFormats(media);
            var mayNack = media.Payloads.Any(p => p.Allows(PayloadFeedback.Nack));
            foreach (var rid in media.Rids.Count > 0 ? media.Rids : [""])
            {
                var id = new TrackId(media.Kind, media.Ordinal, rid);
                var track = new Track(id, _input.Resources.Slab, limits, media.Kind == MediaKind.Video ? Wake : null)
                {
                    Converters = _input.Resources.Converters,
                };
                tracks.Add(new IncomingTrack(_channel, track, formats, _clock, media.Payloads[0].Format.ClockRate, mayNack));
            }
        }

        return [.. tracks];
    }

    private void Wake()
    {
        if (_registration is { } registration) _input.Host.Wake(registration);
    }

    private static HeaderExtensionMap MapExtensions(NegotiatedSession negotiated)
    {
        // Within one bundle an id means one thing (RFC 8285 §6): one map serves all m-lines.
        var map = new HeaderExtensionMap();
        foreach (var (id, kind) in negotiated.Media.SelectMany(m => m.Extensions)) map.Add(id, kind);
        return map;
    }

    // What describes the media goes into the log as kind, length, bytes; what concerns the path it came by ends here.
    private int Normalise(in RtpPacketView view, Span<byte> destination)
    {
        if (!view.HasExtension) return 0;
        var written = 0;
        foreach (var element in view.Extensions)
        {
            var kind = _extensions.KindOf(element.Id);
            if (!HeaderExtensions.DescribesMedia(kind)) continue;
            if (written + 2 + element.Data.Length > destination.Length || element.Data.Length > byte.MaxValue) break;
            destination[written] = (byte)kind;
            destination[written + 1] = (byte)element.Data.Length;
            element.Data.CopyTo(destination[(written + 2)..]);
            written += 2 + element.Data.Length;
        }

        return written;
    }
}
