using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Micro.Stands;

/// <summary>A live stream without a publisher: its logs are written by hand, in a time that passes with what is written.</summary>
internal sealed class LiveTracks
{
    // A key picture every two seconds lets the log reuse its pages.
    private const int FramesPerKeyframe = 60;

    private readonly byte[][] _frame = MediaPackets.H264Frame(isKey: false);
    private readonly byte[][] _keyframe = MediaPackets.H264Frame(isKey: true);
    private readonly byte[] _sound = MediaPackets.Opus();
    private readonly byte _videoFormat;
    private readonly byte _audioFormat;
    private long _videoSequence = 0x10000;
    private long _audioSequence = 0x10000;
    private long _frames;

    public LiveTracks(Instant now)
    {
        Now = now;
        var slab = new Slab(64 * 1024, 1024);
        Video = new Track(new TrackId(MediaKind.Video, 0, ""), slab, PacketLogLimits.Video);
        Audio = new Track(new TrackId(MediaKind.Audio, 0, ""), slab, PacketLogLimits.Audio);
        var h264 = new TrackFormat(Codec.H264, 90_000, 0, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42c01e");
        var opus = new TrackFormat(Codec.Opus, 48_000, 2, "minptime=10;useinbandfec=1");
        _videoFormat = Video.IndexOf(h264);
        _audioFormat = Audio.IndexOf(opus);
        Video.Describe(h264);
        Video.Describe(new Resolution(1280, 720));
        Audio.Describe(opus);
        var ntp = NtpTime.FromUtc(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Video.Place(new Timeline(0, ntp, 90_000));
        Audio.Place(new Timeline(0, ntp, 48_000));
    }

    /// <summary>The stream's time.</summary>
    public Instant Now { get; private set; }

    public Track Video { get; }

    public Track Audio { get; }

    /// <summary>The stream as Control knows it.</summary>
    public LiveStream ToStream(string channel) => new(channel, [Video, Audio], new Nobody(), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Writes a whole picture, a thirtieth of a second after the last.</summary>
    public void AppendFrame()
    {
        Now = new Instant(Now.Nanoseconds + MediaPackets.FrameInterval);
        var isKey = _frames % FramesPerKeyframe == 0;
        var packets = isKey ? _keyframe : _frame;
        for (var i = 0; i < packets.Length; i++)
        {
            var flags = i == packets.Length - 1 ? PacketFlags.Marker : PacketFlags.None;
            if (i == 0) flags |= isKey ? PacketFlags.StartsFrame | PacketFlags.StartsKeyframe : PacketFlags.StartsFrame;
            var header = new PacketHeader
            {
                Sequence = _videoSequence++,
                Timestamp = _frames * MediaPackets.TicksPerFrame,
                ArrivedAt = Now,
                FormatIndex = _videoFormat,
                Flags = flags,
            };
            Video.Packets.Append(ref header, default, packets[i]);
            Video.Statistics.Count(header, packets[i].Length);
        }

        _frames++;
    }

    /// <summary>Writes a packet of sound, a fiftieth of a second after the last.</summary>
    public void AppendSound()
    {
        Now = new Instant(Now.Nanoseconds + MediaPackets.AudioInterval);
        var header = new PacketHeader
        {
            Sequence = _audioSequence,
            Timestamp = _audioSequence * MediaPackets.TicksPerAudioPacket,
            ArrivedAt = Now,
            FormatIndex = _audioFormat,
            Flags = PacketFlags.None,
        };
        _audioSequence++;
        Audio.Packets.Append(ref header, default, _sound);
        Audio.Statistics.Count(header, _sound.Length);
    }

    private sealed class Nobody : IPublication
    {
        public string Protocol => "whip";

        public string Vendor => "";

        public TimeSpan RoundTrip => TimeSpan.Zero;

        public void Close(StreamEnd reason)
        {
        }
    }
}
