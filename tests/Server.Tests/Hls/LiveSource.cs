using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Outputs.Hls;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Server.Tests.Hls;

/// <summary>A publisher without a protocol: thirty pictures a second, a key picture every two, and sound; as fast as the packager takes them.</summary>
internal sealed class LiveSource : IPublication
{
    private const double Packet = 1024 / 48_000.0;

    private static readonly FrameFormat Picture = new(Codec.H264, 90_000, 0, new Resolution(640, 360),
        Convert.FromHexString("0164001effe1001a6764001eacd940a02ff970110000030001000003003c0f162d9601000468efbcb0fdf8f800"));

    private static readonly FrameFormat Aac = new(Codec.Aac, 48_000, 2, default, [0x11, 0x90]);
    private static readonly FrameFormat Opus = new(Codec.Opus, 48_000, 2, default, []);

    private readonly LiveChannel _channel;
    private readonly Track _video;
    private readonly Track _audio;
    private readonly FrameFormat _sound;
    private readonly int _pictureBytes;
    private int _pictures;
    private int _packets;
    private long _takenBefore;
    private byte[] _front = [];

    private LiveSource(RunningNode node, string channelId, int pictureBytes, bool offersAac)
    {
        _pictureBytes = pictureBytes;
        _sound = offersAac ? Opus : Aac;
        var services = node.Host.App.Services;
        Output = services.GetRequiredService<HlsOutput>();
        _channel = services.GetRequiredService<LiveChannels>().Open(channelId);
        var slab = services.GetRequiredService<TrackResources>().Slab;
        var limits = new PacketLogLimits(16, 1, TimeSpan.FromSeconds(1));
        _video = new Track(new TrackId(MediaKind.Video, 0, ""), slab, limits) { Native = TrackFace.Frames };
        _audio = new Track(new TrackId(MediaKind.Audio, 0, ""), slab, limits) { Native = TrackFace.Frames };
        if (offersAac) Offered = new Track(_audio.Id with { EncodingId = "aac" }, slab, limits) { Native = TrackFace.Frames, Origin = _audio };
        Offered?.Frames.Describe(Aac);
        Stream = new LiveStream(channelId, [_video, _audio], this, DateTimeOffset.UnixEpoch, Offered is null ? null : [Offered]);
    }

    /// <summary>Sound in AAC, where the publisher sends Opus: made while somebody wants it.</summary>
    public Track? Offered { get; }

    public HlsOutput Output { get; }

    public LiveStream Stream { get; }

    public string Protocol => "test";

    public string Vendor => "";

    public TimeSpan RoundTrip => TimeSpan.Zero;

    public HlsRendition Video => Output.Find(_channel.ChannelId)!.Find("video-0")!;

    public void Close(StreamEnd reason)
    {
    }

    /// <summary>Goes on the air and plays some seconds.</summary>
    public static async Task<LiveSource> StartAsync(RunningNode node, double seconds = 6.5, string channelId = "live", int pictureBytes = 200, bool offersAac = false, string captions = "")
    {
        var source = new LiveSource(node, channelId, pictureBytes, offersAac) { _front = Convert.FromHexString(captions) };
        var start = MonotonicClock.ReadWallClock().Ntp;
        source._video.Place(new Timeline(0, start, 90_000));
        source._audio.Place(new Timeline(0, start, 48_000));
        source._video.Frames.Describe(Picture);
        source._audio.Frames.Describe(source._sound);
        source.Offered?.Place(new Timeline(0, start, 48_000));
        source._takenBefore = source.Output.Channels.FirstOrDefault(c => c.ChannelId == channelId)?.Find("video-0")?.Segmenter.TakenFrames ?? 0;
        source._channel.Start(source.Stream);
        await source.PlayAsync(seconds);
        return source;
    }

    /// <summary>Appends some seconds and waits until they are packaged, where anybody packages.</summary>
    public async Task PlayAsync(double seconds)
    {
        var end = _pictures + (int)Math.Round(seconds * 30);
        while (_pictures < end)
        {
            Append();

            // The packager's cursors begin at the newest key picture: the first has to be taken before the next comes.
            if (_pictures % 30 == 1) await TakenAsync();
        }

        await TakenAsync();
    }

    /// <summary>Waits until the disk's own thread has done what it was given; then the next segment takes stock.</summary>
    public async Task SettledAsync()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (Video.Files.Values.Any(f => !f.IsSaved && !f.IsLost))
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await PlayAsync(2);
    }

    public void End() => _channel.End(Stream, StreamEnd.Stopped);

    private void Append()
    {
        var now = MonotonicClock.Now;
        var at = _pictures / 30.0;
        for (; _packets * Packet <= at; _packets++)
        {
            var sound = new Frame { Format = _sound, DecodeTime = _packets * 1024L, Flags = FrameFlags.Keyframe, Payload = Encoding.ASCII.GetBytes($"sound {_packets} of 1024 samples") };
            _audio.Frames.Append(in sound, now);
            if (Offered is { } made && made.IsWanted(TrackFace.Frames)) made.Frames.Append(sound with { Format = Aac }, now);
        }

        _video.Frames.Append(new Frame
        {
            Format = Picture, DecodeTime = _pictures * 3000L, Flags = _pictures % 60 == 0 ? FrameFlags.Keyframe : FrameFlags.None,
            Payload = [.. _front, .. Unit($"picture {_pictures} {new string('x', _pictureBytes)}", _pictures % 60 == 0)],
        }, now);
        _pictures++;
        _channel.WakeReaders();
    }

    // A NAL unit behind its length.
    private static byte[] Unit(string text, bool isKey)
    {
        var unit = new byte[5 + text.Length];
        BinaryPrimitives.WriteInt32BigEndian(unit, 1 + text.Length);
        unit[4] = (byte)(isKey ? 0x65 : 0x41);
        Encoding.ASCII.GetBytes(text, unit.AsSpan(5));
        return unit;
    }

    // Looks again with every step of the packager; where it has not begun there is nothing to wait for but time.
    private async Task TakenAsync()
    {
        if (Output.Settings.Start == HlsStart.Demand || Output.Find(_channel.ChannelId) is not { } channel) return;
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!late.IsCancellationRequested)
        {
            if (channel.Find("video-0") is { } video && video.Segmenter.TakenFrames - _takenBefore >= _pictures) return;
            await Task.Yield();
        }

        throw new TimeoutException("The packager does not take what is published.");
    }
}
