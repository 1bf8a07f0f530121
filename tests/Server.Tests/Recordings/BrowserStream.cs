using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Conversion;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Rtp.Payloads.Packetizers;
using Sluice.Protocols.Wire;
using Timeline = Sluice.Control.Tracks.Timeline;

namespace Sluice.Server.Tests.Recordings;

/// <summary>
/// A browser as a recorder meets it: packets, one picture at the beginning that needs no other and more only when asked, several renditions, and a line that loses packets.
/// </summary>
internal sealed class BrowserStream
{
    private readonly Studio _studio;
    private readonly Rendition[] _pictures;
    private readonly Rendition _sound;

    /// <param name="studio">Where it publishes.</param>
    /// <param name="pictures">What each rendition sends, by its name; they are frames of pictures and Opus, as <see cref="Footage"/> has them.</param>
    public BrowserStream(Studio studio, params (string Rid, Footage Footage)[] pictures)
    {
        _studio = studio;
        _pictures = [.. pictures.Select(p => new Rendition(studio, p.Footage, 0, p.Rid))];
        _sound = new Rendition(studio, pictures[0].Footage, 1, "");
        Live = new LiveStream(Studio.Channel, [.. _pictures.Append(_sound).Select(r => r.Track)], new Nobody(), studio.Clock.GetUtcNow());
        studio.Live.Start(Live);
        studio.Record();
        Look();
    }

    public LiveStream Live { get; }

    /// <summary>The renditions that are sent; all unless told.</summary>
    public Func<string, bool> Sends { get; set; } = _ => true;

    /// <summary>Whether a packet of a picture is lost, by its number.</summary>
    public Func<long, bool> Loses { get; set; } = _ => false;

    public Track TrackOf(string rid) => Array.Find(_pictures, p => p.Track.Id.EncodingId == rid)!.Track;

    /// <summary>From now on a rendition sends this instead.</summary>
    public void Change(string rid, Footage footage) => Array.Find(_pictures, p => p.Track.Id.EncodingId == rid)!.Change(footage);

    /// <summary>Lets so many seconds pass.</summary>
    public void Play(double seconds)
    {
        var end = _studio.Clock.Now + TimeSpan.FromSeconds(seconds);
        for (; _studio.Clock.Now < end; _studio.Clock.Move(TimeSpan.FromMilliseconds(20)))
        {
            foreach (var picture in _pictures)
            {
                picture.Advance(Sends(picture.Track.Id.EncodingId), Loses);
            }

            _sound.Advance(true, _ => false);
            Look();
        }
    }

    public void End()
    {
        _studio.Live.End(Live, StreamEnd.Stopped);
        Look();
    }

    private void Look()
    {
        _studio.Live.WakeReaders();
        _studio.Group.Advance(_studio.Clock.Now);
    }

    private sealed class Rendition
    {
        private readonly Studio _studio;
        private readonly int _kind;
        private readonly Instant _start;
        private FootageFrame[] _frames = [];
        private FrameFormat _format = null!;
        private Packetizer _packetizer = null!;
        private TrackFormat _sent = null!;
        private byte[] _buffer = [];
        private int _next;
        private long _sequence = 70_000;
        private long _ticks;
        private long _step;

        public Rendition(Studio studio, Footage footage, int kind, string rid)
        {
            _studio = studio;
            _kind = kind;
            _start = studio.Clock.Now;
            Change(footage);
            var isVideo = _format.Kind == MediaKind.Video;
            Track = new Track(new TrackId(_format.Kind, 0, rid), studio.Slab, isVideo ? PacketLogLimits.Video : PacketLogLimits.Audio, isVideo ? () => { } : null)
            {
                Native = TrackFace.Packets, Converters = new TrackConverters(),
            };
            Track.Place(new Timeline(0, NtpTime.FromUtc(studio.Clock.GetUtcNow().UtcDateTime), _format.ClockRate));
        }

        public Track Track { get; }

        public void Change(Footage footage)
        {
            var made = footage.Formats[_kind];
            _format = new FrameFormat(made.Codec, CodecFacts.ClockRateOf(made.Codec), made.Channels, made.Resolution, made.Configuration);
            _frames = [.. footage.Frames.Where(f => f.Track == _kind)];
            _next = 0;
            _step = (_frames[^1].DecodeTime - _frames[0].DecodeTime) * _format.ClockRate / made.ClockRate / (_frames.Length - 1);
            Assert.True(RtpFormats.TryDescribe(_format, out var sent));
            _sent = sent;
            Assert.True(Packetizer.TryCreate(_format.Codec, out var packetizer, 1000));
            _packetizer = packetizer;
            _buffer = new byte[packetizer.MaxPayload];
        }

        public void Advance(bool sends, Func<long, bool> loses)
        {
            var now = _studio.Clock.Now;
            var passed = (long)((now - _start).TotalSeconds * _format.ClockRate);
            for (; _ticks <= passed; _ticks += _step)
            {
                if (sends) Send(now, loses);
                else _next = 0;
            }

            Track.Derive(now);
        }

        private void Send(Instant now, Func<long, bool> loses)
        {
            if (Track.TakeKeyframeRequest() || _next == _frames.Length) _next = 0;
            var source = _frames[_next++];
            var frame = new Frame { Format = _format, DecodeTime = _ticks, Flags = source.Flags, Payload = source.Payload };
            Assert.True(_packetizer.Begin(frame));
            if (frame.IsKeyframe) Track.Describe(_format.Resolution);
            while (_packetizer.TryTake(frame, _buffer, out var payload))
            {
                var header = new PacketHeader
                {
                    Sequence = _sequence++,
                    Timestamp = _ticks,
                    ArrivedAt = now,
                    FormatIndex = Track.IndexOf(_sent),
                    Flags = (payload.Marker ? PacketFlags.Marker : 0) | (payload.StartsKeyframe ? PacketFlags.StartsKeyframe : 0),
                };
                Track.Statistics.Count(in header, payload.Length);
                if (!loses(header.Sequence)) Assert.True(Track.Packets.Append(ref header, default, _buffer.AsSpan(0, payload.Length)));
            }
        }
    }
}
