using Sluice.Control.Live;
using Sluice.Protocols.Rtmp.Tags;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>What a streamer is told of the stream: figures that are right and advice that is called for, whatever the timestamps do.</summary>
public sealed class RtmpHealthTests
{
    private const int Step = 40;
    private readonly RtmpLab _lab = new();
    private readonly LabPublisher _publisher;

    public RtmpHealthTests()
    {
        _publisher = _lab.Publish();
        _publisher.Begin();
    }

    private StreamHealth Health => StreamHealth.Examine(_lab.Live!, _lab.Now);

    [Fact]
    public void A_good_stream_has_its_figures_and_no_advice()
    {
        Send(0, 10_000);
        var health = Health;
        Assert.Empty(health.Advice);
        Assert.Equal(2, health.KeyframeSeconds);
        Assert.InRange(health.FramesPerSecond, 24.5, 25.5);
        Assert.InRange(health.SkewMilliseconds!.Value, -1, 1);
        Assert.False(health.HasBFrames);

        // Twenty-five pictures and as many packets of sound, of nine and eight bytes.
        Assert.InRange(health.Bitrate, 25 * 17 * 8 * 0.95, 25 * 17 * 8 * 1.05);
    }

    [Fact]
    public void Keyframes_far_apart_bring_advice()
    {
        Send(0, 25_000, keyframes: 10_000);
        Assert.Equal(10, Health.KeyframeSeconds);
        Assert.Equal("A keyframe comes every 10 s: set the encoder's keyframe interval to 2 s, so that viewers see a picture at once.", Assert.Single(Health.Advice));
    }

    [Fact]
    public void A_keyframe_at_a_scene_cut_says_nothing_of_the_interval_that_is_set()
    {
        Send(0, 10_200, keyframes: 10_000);
        Send(10_200, 20_200, keyframes: 10_000);
        Send(20_200, 20_400, keyframes: 10_000);
        Send(20_400, 25_000, keyframes: 10_000);
        Assert.Equal(10, Health.KeyframeSeconds);
        Assert.Contains("every 10 s", Assert.Single(Health.Advice), StringComparison.Ordinal);
    }

    [Fact]
    public void An_encoder_that_was_set_right_is_believed_after_some_keyframes()
    {
        Send(0, 30_000, keyframes: 10_000);
        Send(30_000, 50_000);
        Assert.Equal(2, Health.KeyframeSeconds);
        Assert.Empty(Health.Advice);
    }

    [Fact]
    public void A_keyframe_that_comes_in_two_messages_is_no_short_interval()
    {
        for (var time = 0; time < 9000; time += Step)
        {
            SendOne(time, isKey: time % 2000 == 0);
            if (time % 2000 == 0) _publisher.Picture(time, isKey: true);
        }

        Assert.InRange(Health.KeyframeSeconds!.Value, 1.99, 2.01);
        Assert.Empty(Health.Advice);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000_000)]
    [InlineData(4000)]
    [InlineData(9700)]
    public void Timestamps_that_jump_leave_no_mark(int to)
    {
        Send(0, 10_000);
        Send(to, to + 10_000);
        Assert.Empty(Health.Advice);
        Assert.InRange(Health.KeyframeSeconds!.Value, 1.6, 2.1);
        Assert.InRange(Health.FramesPerSecond, 24.5, 25.5);
        Assert.InRange(Health.SkewMilliseconds!.Value, -45, 45);
        Assert.False(Health.HasBFrames);
    }

    [Fact]
    public void Timestamps_that_wrap_leave_no_mark()
    {
        const long turn = 1L << 32;
        Send(turn - 10_000, turn + 10_000);
        Assert.Empty(Health.Advice);
        Assert.Equal(2, Health.KeyframeSeconds);
        Assert.InRange(Health.SkewMilliseconds!.Value, -1, 1);
        Assert.Equal(500, _lab.Live!.Tracks[0].Frames.Count);
        Assert.Empty(_lab.Ended);
    }

    [Fact]
    public void A_publisher_that_sends_nothing_shows_nothing_and_is_told_so()
    {
        Send(0, 10_000);
        for (var i = 0; i < 5; i++)
        {
            _lab.Now += TimeSpan.FromSeconds(1);
            _publisher.Server.HandleTimeout(_lab.Now);
        }

        Assert.Equal(0, Health.Bitrate);
        Assert.Equal(0, Health.FramesPerSecond);
        Assert.Null(Health.SkewMilliseconds);
        Assert.Equal(["No picture has come for 5 s", "No sound has come for 5 s"], Health.Advice.Select(a => a[..a.IndexOf(':', StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pause_of_the_publisher_is_no_keyframe_interval(bool timestampsGoOn)
    {
        Send(0, 10_000);
        _lab.Now += TimeSpan.FromSeconds(20);
        var from = timestampsGoOn ? 30_000 : 10_000;
        Send(from, from + 10_000);
        Assert.Empty(Health.Advice);
        Assert.Equal(2, Health.KeyframeSeconds);
    }

    [Fact]
    public void An_upload_that_stalls_brings_advice()
    {
        Send(0, 10_000);
        _lab.Now += TimeSpan.FromSeconds(3);
        Send(10_000, 10_080);
        Assert.Contains("Pictures stopped coming for 3.0 s", Assert.Single(Health.Advice), StringComparison.Ordinal);
        Send(10_080, 16_000);
        Assert.DoesNotContain(Health.Advice, a => a.StartsWith("Pictures stopped", StringComparison.Ordinal));
    }

    [Fact]
    public void A_picture_every_two_seconds_is_a_slow_picture_and_no_stall()
    {
        for (var time = 0; time < 20_000; time += 20)
        {
            if (time % 2000 == 0) _publisher.Picture(time, isKey: true);
            _publisher.Sound(time);
            _lab.Now += TimeSpan.FromMilliseconds(20);
        }

        Assert.Empty(Health.Advice);
        Assert.Equal(2, Health.KeyframeSeconds);
    }

    [Fact]
    public void Sound_that_lags_behind_the_picture_brings_advice()
    {
        Send(0, 6000, soundLate: 400);
        Assert.InRange(Health.SkewMilliseconds!.Value, 380, 420);
        Assert.Contains("after the picture", Assert.Single(Health.Advice), StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_that_an_encoder_holds_back_bring_advice()
    {
        Send(0, 6000, soundLate: -400);
        Assert.InRange(Health.SkewMilliseconds!.Value, -420, -380);
        Assert.Contains("holds pictures back", Assert.Single(Health.Advice), StringComparison.Ordinal);
    }

    [Fact]
    public void Sound_whose_clock_drifts_away_from_the_pictures_is_seen()
    {
        for (var i = 0; i * Step < 300_000; i++)
        {
            SendOne(i * Step, isKey: i % 50 == 0, sound: (long)(i * Step * 0.999));
        }

        Assert.InRange(Health.SkewMilliseconds!.Value, 250, 310);
        Assert.Contains("after the picture", Assert.Single(Health.Advice), StringComparison.Ordinal);
    }

    [Fact]
    public void B_frames_bring_advice()
    {
        int[] offsets = [40, 120, 40, 0];
        for (var i = 0; i < 100; i++)
        {
            _publisher.Picture(i * Step, isKey: i % 50 == 0, offset: i % 50 == 0 ? 40 : offsets[i % 4]);
            _publisher.Sound(i * Step);
            _lab.Now += TimeSpan.FromMilliseconds(Step);
        }

        Assert.True(Health.HasBFrames);
        Assert.Contains("set B-frames to 0", Assert.Single(Health.Advice), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bitrate_that_few_can_receive_brings_advice()
    {
        byte[] large = [0, 1, 0x86, 0xa0, 0x41, .. new byte[99_999]];
        for (var i = 0; i < 100; i++)
        {
            if (i % 50 == 0) _publisher.Picture(i * Step, isKey: true);
            else _publisher.Frame(RtmpCodec.Avc, i * Step, large, isKey: false);
            _publisher.Sound(i * Step);
            _lab.Now += TimeSpan.FromMilliseconds(Step);
        }

        Assert.InRange(Health.Bitrate, 19e6, 21e6);
        Assert.Contains("20 Mbit/s", Assert.Single(Health.Advice), StringComparison.Ordinal);
    }

    private void Send(long from, long to, int keyframes = 2000, int soundLate = 0)
    {
        for (var time = from; time < to; time += Step) SendOne(time, isKey: (time - from) % keyframes == 0, sound: time - soundLate);
    }

    private void SendOne(long time, bool isKey, long? sound = null)
    {
        _publisher.Picture(time, isKey);
        if ((sound ?? time) is >= 0 and var at) _publisher.Sound(at);
        _lab.Now += TimeSpan.FromMilliseconds(Step);
        _publisher.Server.HandleTimeout(_lab.Now);
    }
}
