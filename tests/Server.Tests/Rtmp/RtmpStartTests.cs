using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Tags;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>When the stream of a publisher begins, and with which tracks.</summary>
public sealed class RtmpStartTests
{
    private readonly RtmpLab _lab = new();

    [Fact]
    public void A_stream_begins_when_sound_is_known_and_the_first_keyframe_has_come()
    {
        var publisher = _lab.Publish();
        publisher.Begin();
        Assert.Null(_lab.Live);
        publisher.Picture(0, isKey: true);
        Assert.Equal(["video-0", "audio-0"], _lab.Live!.Tracks.Select(t => t.Id.ToString()));
        var video = _lab.Live.Tracks[0];
        Assert.Equal(TrackFace.Frames, video.Native);
        Assert.Equal(new Resolution(64, 48), video.Resolution);
        Assert.Equal("profile-level-id=42c00a", video.Format!.Parameters.Split(';')[2]);
        Assert.Equal(Codec.Aac, _lab.Live.Tracks[1].Format!.Codec);
        Assert.Equal("rtmp", _lab.Live.Publication.Protocol);
    }

    [Fact]
    public void Pictures_before_the_first_keyframe_are_left_out()
    {
        var publisher = _lab.Publish();
        publisher.Begin();
        publisher.Picture(0);
        publisher.Picture(33);
        Assert.Null(_lab.Live);
        publisher.Picture(66, isKey: true);
        Assert.Equal(1, _lab.Live!.Tracks[0].Frames.Count);
    }

    [Fact]
    public void Sound_that_never_comes_is_waited_for_a_second()
    {
        var publisher = _lab.Publish();
        publisher.Begin(withSound: false);
        publisher.Picture(0, isKey: true);
        publisher.Pass(900);
        Assert.Null(_lab.Live);
        publisher.Pass(200);
        Assert.Equal(["video-0"], _lab.Live!.Tracks.Select(t => t.Id.ToString()));
    }

    [Fact]
    public void A_first_picture_that_an_encoder_holds_back_is_waited_for_longer()
    {
        var publisher = _lab.Publish();
        publisher.Begin();
        publisher.Sound(0);
        publisher.Pass(2000);
        Assert.Null(_lab.Live);
        publisher.Picture(0, isKey: true);
        Assert.Equal(2, _lab.Live!.Tracks.Count);

        var other = _lab.Publish();
        other.Begin();
        other.Sound(0);
        other.Pass(1100);
        other.Pass(5000);
        Assert.Equal(["audio-0"], _lab.Live!.Tracks.Select(t => t.Id.ToString()));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(10, false)]
    public void Metadata_says_what_to_wait_for(int audioCodec, bool beginsAtOnce)
    {
        var publisher = _lab.Publish();
        publisher.SendMetadata(("videocodecid", 7), ("width", 64), ("audiocodecid", audioCodec));
        publisher.Begin(withSound: false);
        publisher.Picture(0, isKey: true);
        Assert.Equal(beginsAtOnce, _lab.Live is not null);
    }

    [Fact]
    public void Metadata_that_is_wrong_about_sound_makes_no_stream_without_it()
    {
        var publisher = _lab.Publish();
        publisher.SendMetadata(("videocodecid", 7));
        publisher.Configure(RtmpCodec.Avc, LabMedia.Baseline);
        publisher.Picture(0, isKey: true);
        Assert.Single(_lab.Live!.Tracks);
        var before = _lab.Live;
        publisher.Configure(RtmpCodec.Aac, LabMedia.Aac);
        publisher.Sound(40);
        Assert.Equal(2, _lab.Live!.Tracks.Count);
        Assert.Same(before.Tracks[0], _lab.Live.Tracks[0]);
        Assert.Same(before, Assert.Single(_lab.Ended));
        publisher.Picture(80, isKey: true);
        Assert.Equal(2, _lab.Live.Tracks[0].Frames.Count);
        Assert.True(publisher.Client.IsPublishing);
    }

    [Fact]
    public void Sound_before_metadata_and_pictures_is_kept()
    {
        var publisher = _lab.Publish();
        publisher.Configure(RtmpCodec.Aac, LabMedia.Aac);
        publisher.Sound(0);
        publisher.Sound(21);
        publisher.SendMetadata(("videocodecid", 7), ("audiocodecid", 10));
        publisher.Configure(RtmpCodec.Avc, LabMedia.Baseline);
        publisher.Picture(40, isKey: true);
        Assert.Equal(2, _lab.Live!.Find(MediaKind.Audio, 0)!.Frames.Count);
    }

    [Fact]
    public void Messages_without_bytes_change_nothing()
    {
        var publisher = _lab.GoLive(out _);
        publisher.SendRaw(MediaKind.Video, 40, []);
        publisher.SendRaw(MediaKind.Audio, 40, []);
        publisher.SendRaw(MediaKind.Audio, 40, [0xaf, 1]);
        publisher.SendRaw(MediaKind.Video, 40, [0x27, 1, 0, 0, 0]);
        publisher.SendRaw(MediaKind.Video, 40, [0x17, 0, 0, 0, 0]);
        publisher.Picture(66);
        Assert.Equal(2, _lab.Live!.Tracks[0].Frames.Count);
        Assert.Empty(_lab.Ended);
    }
}
