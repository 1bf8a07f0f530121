using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Tags;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>What publishers send becomes tracks, or is refused by its name.</summary>
public sealed class RtmpTrackTests
{
    private readonly RtmpLab _lab = new();

    [Fact]
    public void Pictures_that_are_shown_in_another_order_are_known_by_the_sets_or_by_their_times()
    {
        var publisher = _lab.Publish();
        publisher.Begin(record: LabMedia.Main);
        publisher.Picture(0, isKey: true);
        Assert.True(_lab.Live!.Tracks[0].HasReordering);

        var other = _lab.Publish();
        other.Begin();
        other.Picture(0, isKey: true, offset: 40);
        var track = _lab.Live!.Tracks[0];
        other.Picture(40, offset: 40);
        Assert.False(track.HasReordering);
        var version = _lab.Channels.Open("room").Version;
        other.Picture(80, offset: 160);
        other.Picture(120, offset: 0);
        Assert.True(track.HasReordering);
        Assert.True(_lab.Channels.Open("room").Version > version, "viewers choose anew");
    }

    [Fact]
    public void Sets_in_the_stream_make_a_new_format()
    {
        var publisher = _lab.GoLive(out var stream);
        using var cursor = new FrameCursor(stream.Tracks[0]);
        LabFrames.Take(cursor);
        var sps = Convert.FromHexString("674d400aeca23d8088000003000800000300a078912cb0");
        publisher.Frame(RtmpCodec.Avc, 40, [0, 0, 0, (byte)sps.Length, .. sps, .. LabMedia.Idr]);
        Assert.True(cursor.TryTake(out var frame));
        Assert.Equal(LabMedia.Idr, frame.Payload);
        Assert.Equal(0x4d, frame.Format.Configuration[1]);
        Assert.Contains("4d400a", stream.Tracks[0].Format!.Parameters, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "MP3")]
    [InlineData(11, "Speex")]
    [InlineData(3, "PCM")]
    public void Sound_that_is_not_carried_is_refused_by_its_name(int format, string name)
    {
        var publisher = _lab.GoLive(out var stream);
        publisher.SendRaw(MediaKind.Audio, 40, [(byte)(format << 4 | 0xf), 1, 2, 3]);
        Assert.Contains(name, publisher.Words, StringComparison.Ordinal);
        Assert.Contains("AAC", publisher.Words, StringComparison.Ordinal);
        Assert.Contains(publisher.Told, t => t.Code == "NetStream.Publish.Rejected");
        Assert.Contains(name, _lab.Channels.Open("room").LastRefusal!.Reason, StringComparison.Ordinal);
        Assert.Contains(name, _lab.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", _lab.Log.Text, StringComparison.Ordinal);
        Assert.Equal(StreamEnd.Ended, stream.EndReason);
        Assert.True(publisher.Server.IsOver);
    }

    [Theory]
    [InlineData("ac-3", "AC-3")]
    [InlineData("fLaC", "FLAC")]
    [InlineData("zzzz", "zzzz")]
    public void Enhanced_sound_that_is_not_carried_is_refused_by_its_name(string fourCc, string name)
    {
        var publisher = _lab.GoLive(out var stream);
        publisher.SendRaw(MediaKind.Audio, 40, [0x91, .. System.Text.Encoding.ASCII.GetBytes(fourCc), 1, 2, 3]);
        Assert.Contains(name, publisher.Words, StringComparison.Ordinal);
        Assert.True(stream.HasEnded);
    }

    [Fact]
    public void Pictures_that_are_not_carried_are_refused_by_their_name()
    {
        var publisher = _lab.Publish();
        publisher.SendRaw(MediaKind.Video, 0, [0x24, 1, 2, 3]);
        Assert.Contains("VP6", publisher.Words, StringComparison.Ordinal);
        Assert.Null(_lab.Live);
    }

    [Fact]
    public void Enhanced_codecs_are_carried()
    {
        foreach (var (codec, expected, record, payload) in (ReadOnlySpan<(RtmpCodec, Codec, string, byte[])>)[
            (RtmpCodec.Hevc, Codec.H265, LabMedia.Hevc, LabMedia.HevcKey), (RtmpCodec.Av1, Codec.Av1, "", LabMedia.Av1Key), (RtmpCodec.Vp9, Codec.Vp9, "", LabMedia.Vp9Key)])
        {
            var publisher = _lab.Publish();
            if (record.Length > 0) publisher.Configure(codec, record);
            publisher.Frame(RtmpCodec.Opus, 0, LabMedia.OpusFrame);
            publisher.Frame(codec, 0, payload);
            Assert.Equal([expected, Codec.Opus], _lab.Live!.Tracks.Select(t => t.Frames.Format!.Codec));
            Assert.Equal(new Resolution(64, 48), _lab.Live.Tracks[0].Resolution);
            Assert.Equal(48_000, _lab.Live.Tracks[1].Frames.Format!.ClockRate);
        }
    }

    [Fact]
    public void Opus_is_counted_by_what_its_packets_hold()
    {
        var publisher = _lab.Publish();
        publisher.Frame(RtmpCodec.Opus, 0, LabMedia.OpusFrame);
        publisher.Configure(RtmpCodec.Avc, LabMedia.Baseline);
        publisher.Picture(0, isKey: true);
        using var cursor = new FrameCursor(_lab.Live!.Tracks[1]);
        Assert.Single(LabFrames.Take(cursor));
        publisher.Frame(RtmpCodec.Opus, 19, LabMedia.OpusFrame);
        publisher.Frame(RtmpCodec.Opus, 41, LabMedia.OpusFrame);
        Assert.Equal([960L, 1920], LabFrames.Take(cursor).Select(f => f.DecodeTime));
    }

    [Fact]
    public void Several_tracks_are_renditions_of_pictures_and_sources_of_sound()
    {
        var publisher = _lab.Publish();
        publisher.Begin();
        publisher.Configure(RtmpCodec.Avc, LabMedia.Baseline, track: 1);
        publisher.Configure(RtmpCodec.Aac, LabMedia.Aac, track: 1);
        publisher.Picture(0, isKey: true);
        Assert.Null(_lab.Live);
        publisher.Frame(RtmpCodec.Avc, 0, LabMedia.Idr, track: 1);
        Assert.Equal(["video-0", "video-0-1", "audio-0", "audio-1"], _lab.Live!.Tracks.Select(t => t.Id.ToString()).OrderBy(t => t[0] == 'a').ThenBy(t => t, StringComparer.Ordinal));
    }

    [Fact]
    public void An_encoder_that_changes_its_codec_begins_another_stream()
    {
        var publisher = _lab.GoLive(out var stream);
        publisher.Configure(RtmpCodec.Hevc, LabMedia.Hevc);
        publisher.Frame(RtmpCodec.Hevc, 100, LabMedia.HevcKey);
        Assert.NotSame(stream, _lab.Live);
        Assert.Equal(Codec.H265, _lab.Live!.Tracks[0].Frames.Format!.Codec);
        Assert.Same(stream.Tracks[1], _lab.Live.Tracks[1]);
        Assert.Same(stream, Assert.Single(_lab.Ended));
        Assert.True(publisher.Client.IsPublishing);
    }

    [Fact]
    public void Sound_at_another_rate_begins_another_stream()
    {
        var publisher = _lab.GoLive(out var stream);
        publisher.Configure(RtmpCodec.Aac, "1210");
        publisher.Sound(40);
        Assert.NotSame(stream, _lab.Live);
        Assert.Equal(44_100, _lab.Live!.Tracks[1].Frames.Format!.ClockRate);
    }

    [Fact]
    public void Streams_of_one_connection_are_bounded()
    {
        var publisher = _lab.GoLive(out _);
        for (var i = 1; i < 100; i++) publisher.Configure(RtmpCodec.Aac, i % 2 == 0 ? "1190" : "1210");
        Assert.InRange(_lab.Ended.Count, 1, 10);
    }
}
