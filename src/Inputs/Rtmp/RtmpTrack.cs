using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Aac;
using Sluice.Protocols.Media.Codecs.Opus;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtmp.Frames;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Rtmp;

/// <summary>One track of a publisher on its way from tags into frames. Driven by the publisher's thread.</summary>
internal sealed class RtmpTrack
{
    private const long Second = 1_000_000_000;
    private const int DefaultSamples = 1024;

    private readonly FrameNormaliser _normaliser;
    private readonly FrameLog _frames;
    private readonly PublisherTimeline _timeline;
    private EpochFollower _epoch;
    private SampleClock _samples;
    private FrameFormat? _format;
    private int _samplesPerFrame;
    private int _timelineVersion;
    private long _lastDecodeTime = long.MinValue;
    private long _lastPresentation = long.MinValue;
    private bool _isAfterLoss;

    public RtmpTrack(byte number, Track track, FrameNormaliser normaliser, MediaEpoch epoch, PublisherTimeline timeline)
    {
        Number = number;
        Track = track;
        Kind = track.Id.Kind;
        Codec = normaliser.Codec;
        _frames = track.Frames;
        _normaliser = normaliser;
        _timeline = timeline;
        _epoch = new EpochFollower(epoch);
    }

    /// <summary>The number the publisher gives it.</summary>
    public byte Number { get; }

    public Track Track { get; }

    public MediaKind Kind { get; }

    public Codec Codec { get; }

    /// <summary>A viewer could begin: the format is known, and with pictures a keyframe has come.</summary>
    public bool IsReady { get; private set; }

    /// <summary>The format changed in a way that no reader of the track could follow; it must become another track.</summary>
    public bool IsOutgrown { get; private set; }

    /// <summary>Frames that could not be used.</summary>
    public long Dropped { get; private set; }

    /// <summary>Why the last of them could not.</summary>
    public FrameFault LastFault { get; private set; }

    /// <summary>Takes a configuration record; false where it cannot be read.</summary>
    public bool TryConfigure(ReadOnlySpan<byte> record)
    {
        if (!_normaliser.TryConfigure(record)) return false;
        if (_normaliser.Format is { } format) Adopt(format);
        if (Kind == MediaKind.Audio) IsReady |= _format is not null && !IsOutgrown;
        return true;
    }

    /// <summary>Takes a coded frame; true where it was appended.</summary>
    public bool Handle(in MediaTag tag, Instant now)
    {
        var fault = _normaliser.Normalise(tag.Payload, tag.IsKeyframe, out var normal);
        if (fault != FrameFault.None)
        {
            if (fault == FrameFault.Empty) return false;
            Dropped++;
            LastFault = fault;
            _isAfterLoss = true;
            return false;
        }

        if (!ReferenceEquals(normal.Format, _format)) Adopt(normal.Format);
        var isVideo = Kind == MediaKind.Video;
        if (IsOutgrown || (isVideo && !IsReady && (normal.Flags & FrameFlags.Keyframe) == 0)) return false;
        var media = _epoch.Follow(tag.TimestampNanoseconds, now, out var jumped);
        var flags = normal.Flags;
        if (tag.FrameType == TagFrameType.Disposable) flags |= FrameFlags.Disposable;
        if (jumped || _isAfterLoss) flags |= FrameFlags.Discontinuity;
        var rate = _format!.ClockRate;
        var ticks = ToTicks(media, rate);
        if (!isVideo)
        {
            ticks = _samples.Next(ticks, SamplesIn(normal.Payload), out var isAfterGap);
            if (isAfterGap) flags |= FrameFlags.Discontinuity;
        }

        var frame = new Frame
        {
            Format = normal.Format,
            DecodeTime = Math.Max(ticks, _lastDecodeTime + 1),
            CompositionOffset = isVideo ? (int)ToTicks(tag.CompositionOffset * 1_000_000L, rate) : 0,
            Flags = flags,
            Payload = normal.Payload,
        };
        Place(now, media, frame.DecodeTime);
        if (!_frames.Append(frame, now))
        {
            _isAfterLoss = true;
            return false;
        }

        _isAfterLoss = false;
        _lastDecodeTime = frame.DecodeTime;
        Count(frame, now);
        IsReady = true;
        return true;
    }

    /// <summary>Adds what a frame touches to a set.</summary>
    public void Gather(ref WorkingSet set)
    {
        set.Add(this);
        set.Add(_normaliser);
        set.Add(_format);
        set.Add(Track);
        set.Add(Track.Statistics);
        set.Add(Track.Health);
        _frames.Gather(ref set);
    }

    /// <summary>Asks for the place the next frame goes to.</summary>
    public void FetchHead() => _frames.FetchHead();

    private void Adopt(FrameFormat format)
    {
        if (_format is not null && (_format.ClockRate != format.ClockRate || _format.Codec != format.Codec))
        {
            IsOutgrown = true;
            return;
        }

        if (_format is null) _samples = new SampleClock(format.ClockRate);
        _format = format;
        _samplesPerFrame = format.Codec == Codec.Aac && AudioSpecificConfig.TryParse(format.Configuration, out var config)
            ? config.SamplesPerFrame * (config.SampleRate == 0 ? 1 : format.ClockRate / config.SampleRate)
            : DefaultSamples;
        if (_frames.Format is null) _frames.Describe(format);
        if (RtpFormats.TryDescribe(format, out var packets)) Track.Describe(packets);
        else Track.Describe(new TrackFormat(format.Codec, format.ClockRate, format.Channels, ""));
        if (!format.Resolution.IsEmpty) Track.Describe(format.Resolution);
        if (_normaliser.AnnouncesReordering) Track.HasReordering = true;
    }

    private int SamplesIn(ReadOnlySpan<byte> packet)
    {
        if (Codec != Codec.Opus) return _samplesPerFrame;
        return OpusPacket.TryParse(packet, out var opus) ? opus.Samples : 0;
    }

    private void Place(Instant now, long media, long decodeTime)
    {
        _timeline.Observe(now, media);
        if (_timelineVersion == _timeline.Version) return;
        _timelineVersion = _timeline.Version;
        var rate = _format!.ClockRate;
        Track.Place(new Timeline(decodeTime, _timeline.At(ToNanoseconds(decodeTime, rate)), rate));
    }

    private void Count(in Frame frame, Instant now)
    {
        if (frame.PresentationTime < _lastPresentation && (frame.Flags & FrameFlags.Discontinuity) == 0) Track.HasReordering = true;
        _lastPresentation = frame.PresentationTime;
        var header = new PacketHeader
        {
            Timestamp = frame.DecodeTime,
            ArrivedAt = now,
            Flags = PacketFlags.Marker | PacketFlags.StartsFrame | (Kind == MediaKind.Video && frame.IsKeyframe ? PacketFlags.StartsKeyframe : 0),
        };
        Track.Statistics.Count(header, frame.Payload.Length);
        Track.Health.Note(now, frame.DecodeTime, frame.Format.ClockRate, header.Has(PacketFlags.StartsKeyframe));
    }

    private static long ToTicks(long nanoseconds, int rate)
    {
        var seconds = Math.DivRem(nanoseconds, Second, out var rest);
        return seconds * rate + (rest * rate + (rest < 0 ? -Second / 2 : Second / 2)) / Second;
    }

    private static long ToNanoseconds(long ticks, int rate)
    {
        var seconds = Math.DivRem(ticks, rate, out var rest);
        return seconds * Second + rest * Second / rate;
    }
}
