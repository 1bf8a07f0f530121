using System.Globalization;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Frames;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Rtmp;

/// <summary>
/// Tags into tracks, tracks into streams. A stream begins when each kind that metadata or tags announced is ready, else a second after the first media with what
/// there is, or six where a track's configuration has come and its first keyframe has not. Tracks that come later, or change beyond what readers can follow, begin another stream of the same publisher, a bounded number of times.
/// </summary>
internal sealed partial class RtmpPublisher
{
    private const int MaxTracks = 8;
    private const int MaxStreams = 8;
    private static readonly TimeSpan FiguresPeriod = TimeSpan.FromSeconds(1);

    private readonly List<RtmpTrack> _tracks = [];
    private readonly MediaEpoch _epoch = new();
    private readonly PublisherTimeline _timeline;
    private BitrateMeter _meter;
    private LiveStream? _stream;
    private Track[] _carried = [];
    private RtmpPublication? _publication;
    private Instant _now;
    private Instant _startBy = Instant.Never;
    private Instant _silentBy = Instant.Never;
    private Instant _figuresBy = Instant.Never;
    private Instant _waitsUntil;
    private int _streams;
    private bool _hasMedia;
    private bool _isLate;
    private bool _hasAppended;
    private bool _hasNews;
    private bool _hasReordering;
    private bool _toldReordering;
    private bool? _expectsVideo;
    private bool? _expectsAudio;

    public void OnMedia(uint streamId, in MediaTag tag)
    {
        if (_channel is null || _refusal is not null || _isOver) return;
        if (tag.PacketType is not (TagPacketType.SequenceStart or TagPacketType.CodedFrames)) return;
        _silentBy = _now + _options.SilenceLimit;
        if (!_hasMedia)
        {
            _hasMedia = true;
            _startBy = _now + _options.StartWait;
            _figuresBy = _now + FiguresPeriod;
            _waitsUntil = _now + _options.AnnouncedWait;
        }

        if (Find(tag) is not { } track) return;
        if (tag.PacketType == TagPacketType.SequenceStart)
        {
            // Empty ones come from encoders that do not know their parameters yet.
            if (!tag.Payload.IsEmpty && !track.TryConfigure(tag.Payload)) Note($"The {RtmpCodecs.NameOf(tag.Codec)} configuration cannot be read.");
            _hasNews = true;
        }
        else
        {
            var wasReady = track.IsReady;
            _hasAppended |= track.Handle(tag, _now);
            _hasReordering |= track.Track.HasReordering;
            _hasNews |= track.IsReady != wasReady;
            if (track.Dropped == 1 && track.LastFault != FrameFault.None) Note($"{RtmpCodecs.NameOf(tag.Codec)} frames cannot be used: {track.LastFault}.");
        }

        if (track.IsOutgrown) Replace(track, tag);
        if (_hasNews) ConsiderStart(_now, isLate: false);
    }

    private RtmpTrack? Find(in MediaTag tag)
    {
        var codec = RtmpCodecs.ToCodec(tag.Codec);
        for (var i = 0; i < _tracks.Count; i++)
        {
            var track = _tracks[i];
            if (track.Kind != tag.Kind || track.Number != tag.Track) continue;
            if (track.Codec == codec) return track;

            // The encoder changed its codec: what was is over, and another track takes its place.
            if (Make(tag, codec) is not { } other) return null;
            _tracks[i] = other;
            return other;
        }

        if (_tracks.Count == MaxTracks)
        {
            Note($"It sends more than {MaxTracks} tracks; the rest is left out.");
            return null;
        }

        if (Make(tag, codec) is not { } made) return null;
        _tracks.Add(made);
        return made;
    }

    private RtmpTrack? Make(in MediaTag tag, Codec codec)
    {
        if (FrameNormaliser.Create(codec) is not { } normaliser)
        {
            var name = tag.Codec == RtmpCodec.Unknown ? RtmpCodecs.NameOfFourCc(tag.FourCc) : RtmpCodecs.NameOf(tag.Codec);
            _refusal = tag.Kind == MediaKind.Audio
                ? $"This server does not carry {name} sound; set the encoder's audio to AAC or Opus."
                : $"This server does not carry {name} pictures; set the encoder's video to H.264, H.265, AV1, VP9 or VP8.";
            return null;
        }

        // Video tracks of one source are renditions of one picture; audio tracks are sources of their own, such as a commentary.
        var id = tag.Kind == MediaKind.Video
            ? new TrackId(MediaKind.Video, 0, tag.Track == 0 ? "" : tag.Track.ToString(CultureInfo.InvariantCulture))
            : new TrackId(MediaKind.Audio, tag.Track, "");
        var track = new Track(id, _input.Resources.Slab, tag.Kind == MediaKind.Video ? PacketLogLimits.Video : PacketLogLimits.Audio)
        {
            Native = TrackFace.Frames,
            Converters = _input.Resources.Converters,
        };
        return new RtmpTrack(tag.Track, track, normaliser, _epoch, _timeline);
    }

    private void Replace(RtmpTrack outgrown, in MediaTag tag)
    {
        if (Make(tag, outgrown.Codec) is not { } other) return;
        _tracks[_tracks.IndexOf(outgrown)] = other;
        if (tag.PacketType == TagPacketType.SequenceStart) other.TryConfigure(tag.Payload);
        else _hasAppended |= other.Handle(tag, _now);
        _hasNews = true;
    }

    // Believed only as far as what to wait for: the media says what is there.
    private void HandleMetadata(AmfValue? values)
    {
        if (values is null || _stream is not null) return;
        _expectsVideo = Says(values, "videocodecid") || Says(values, "width");
        _expectsAudio = Says(values, "audiocodecid") || Says(values, "audiosamplerate");
    }

    private static bool Says(AmfValue values, string name) =>
        values[name].Kind switch { AmfKind.Number => values[name].Number != 0, AmfKind.Text => values[name].Text.Length > 0, _ => false };

    private void ConsiderStart(Instant now, bool isLate)
    {
        _hasNews = false;
        if (_channel is null || _isOver) return;
        if (isLate && _stream is null && now < _waitsUntil && _tracks.Exists(static t => !t.IsReady))
        {
            _startBy = _waitsUntil;
            return;
        }

        if (isLate)
        {
            _isLate = true;
            _startBy = Instant.Never;
        }

        if (_stream is null ? !(_isLate ? HasAny() : HasAll()) : !HasOthers()) return;

        if (_streams == MaxStreams)
        {
            Note("Its tracks have changed too often; what is new is left out.");
            return;
        }

        Start(now);
    }

    private void Start(Instant now)
    {
        _startBy = Instant.Never;
        _streams++;
        Track[] tracks = [.. _tracks.Where(t => t.IsReady).OrderByDescending(t => t.Kind).Select(t => t.Track)];
        var before = _stream;
        var publication = new RtmpPublication(this);
        var stream = new LiveStream(_channel!.ChannelId, tracks, publication, _input.UtcNow, _input.Resources.Planner?.Plan(_channel, tracks));
        Volatile.Write(ref _publication, publication);
        _stream = stream;
        _carried = tracks;
        stream.Derive(now);
        Gather();

        // Somebody else has taken the channel over in between: a change of tracks does not take it back.
        if (before is not null && !ReferenceEquals(_channel.Stream, before)) return;
        _channel.Start(stream);
        if (before is not null) Retire(before, tracks);
        var names = string.Join(", ", tracks.Select(t => $"{t.Id} {(t.Format is { } format ? CodecFacts.NameOf(format.Codec) : "?")}"));
        _input.LogBegan(_channel.ChannelId, names);
    }

    private void Gather()
    {
        _set.Clear();
        _set.Add(_carried);
        _set.Add(_tracks);
        _set.Add(_timeline);
        _set.Add(_epoch);
        _set.Add(_channel);
        _set.Add(_stream);
        _session.Gather(ref _set);
        foreach (var track in _tracks) track.Gather(ref _set);
    }

    private static void Retire(LiveStream before, Track[] kept)
    {
        foreach (var track in before.Tracks)
        {
            if (!kept.Contains(track)) track.Release();
        }
    }

    private bool HasAny() => _tracks.Exists(static t => t.IsReady);

    private bool HasAll()
    {
        var video = _tracks.Exists(static t => t.Kind == MediaKind.Video);
        var audio = _tracks.Exists(static t => t.Kind == MediaKind.Audio);
        return _tracks.TrueForAll(static t => t.IsReady) && (video || _expectsVideo == false) && (audio || _expectsAudio == false);
    }

    private bool HasOthers()
    {
        foreach (var track in _tracks)
        {
            if (track.IsReady && Array.IndexOf(_carried, track.Track) < 0) return true;
        }

        return false;
    }

    private void Deliver(Instant now)
    {
        if (!_hasAppended) return;
        _hasAppended = false;
        if (_stream is null) return;
        _stream.Derive(now);
        if (_hasReordering && !_toldReordering)
        {
            _toldReordering = true;
            _channel!.Reconsider();
        }
        else
        {
            _channel!.WakeReaders();
        }
    }

    private void Meter(Instant now, int bytes)
    {
        if (!_meter.Count(now, bytes, out var bitrate) || _options.MaxBitrate == 0 || bitrate <= _options.MaxBitrate) return;
        _refusal = string.Create(CultureInfo.InvariantCulture,
            $"The stream has {bitrate / 1e6:0.0} Mbit/s and the server allows {_options.MaxBitrate / 1e6:0.0} (Rtmp:MaxBitrateKbps); lower the encoder's bitrate.");
        Refuse(now);
    }

    // Rates are counted as media comes; a publisher that sends nothing shows zero.
    private void RollFigures(Instant now)
    {
        foreach (var track in _tracks)
        {
            track.Track.Statistics.Roll(now);
        }

        _figuresBy = now + FiguresPeriod;
    }

    private void EndPublication()
    {
        if (_channel is not { } channel) return;
        if (_reason == StreamEnd.None) _reason = StreamEnd.Lost;
        _input.Forget(this);
        if (_stream is { } stream)
        {
            // What came in the same breath as the end is told of before it.
            Deliver(_now);
            _stream = null;
            channel.End(stream, _reason);
        }

        foreach (var track in _tracks)
        {
            track.Track.Release();
        }

        _tracks.Clear();
        _carried = [];
        _set.Clear();
        _channel = null;
        _startBy = Instant.Never;
        _silentBy = Instant.Never;
        _figuresBy = Instant.Never;
        _input.LogEnded(_asked, _reason);
    }
}
