using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Inputs.Rtmp;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Wire;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>Publishers in the manners that real encoders have, good and bad, against the whole input but the socket.</summary>
public sealed class RtmpPublisherTests
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
        Pass(publisher, 900);
        Assert.Null(_lab.Live);
        Pass(publisher, 200);
        Assert.Equal(["video-0"], _lab.Live!.Tracks.Select(t => t.Id.ToString()));
    }

    [Fact]
    public void A_first_picture_that_an_encoder_holds_back_is_waited_for_longer()
    {
        var publisher = _lab.Publish();
        publisher.Begin();
        publisher.Sound(0);
        Pass(publisher, 2000);
        Assert.Null(_lab.Live);
        publisher.Picture(0, isKey: true);
        Assert.Equal(2, _lab.Live!.Tracks.Count);

        var other = _lab.Publish();
        other.Begin();
        other.Sound(0);
        Pass(other, 1100);
        Pass(other, 5000);
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
        var publisher = Live(out _);
        publisher.SendRaw(MediaKind.Video, 40, []);
        publisher.SendRaw(MediaKind.Audio, 40, []);
        publisher.SendRaw(MediaKind.Audio, 40, [0xaf, 1]);
        publisher.SendRaw(MediaKind.Video, 40, [0x27, 1, 0, 0, 0]);
        publisher.SendRaw(MediaKind.Video, 40, [0x17, 0, 0, 0, 0]);
        publisher.Picture(66);
        Assert.Equal(2, _lab.Live!.Tracks[0].Frames.Count);
        Assert.Empty(_lab.Ended);
    }

    [Fact]
    public void A_publisher_that_says_goodbye_has_stopped()
    {
        var publisher = Live(out var stream);
        publisher.Client.Unpublish();
        publisher.Pump();
        publisher.Server.HandleClosed(_lab.Now);
        Assert.Equal(StreamEnd.Stopped, stream.EndReason);
        Assert.Same(stream, Assert.Single(_lab.Ended));
        Assert.Null(_lab.Live);
        Assert.Equal(0, _lab.Input.PublisherCount);
    }

    [Fact]
    public void A_publisher_that_only_hangs_up_is_lost_once()
    {
        var publisher = Live(out var stream);
        publisher.Server.HandleClosed(_lab.Now);
        publisher.Server.HandleClosed(_lab.Now);
        Assert.Equal(StreamEnd.Lost, stream.EndReason);
        Assert.Single(_lab.Ended);
        Assert.True(publisher.Server.IsOver);
    }

    [Fact]
    public void A_publisher_that_falls_silent_is_lost()
    {
        var publisher = Live(out var stream);
        Pass(publisher, 29_000);
        Assert.False(stream.HasEnded);
        Pass(publisher, 2000);
        Assert.Equal(StreamEnd.Lost, stream.EndReason);
    }

    [Fact]
    public void Decoding_times_are_those_of_the_timestamps()
    {
        var publisher = Live(out var stream);
        using var cursor = new FrameCursor(stream.Tracks[0]);
        publisher.Picture(33, offset: 66);
        publisher.Picture(67, nanoseconds: 500_000);
        publisher.Picture(100);
        Assert.Equal([(0L, 0), (2970, 5940), (6075, 0), (9000, 0)], LabFrames.Take(cursor).Select(f => (f.DecodeTime, f.Offset)));
    }

    [Fact]
    public void Timestamps_that_jump_back_go_on_for_sound_and_picture_alike()
    {
        var publisher = Live(out var stream);
        using var video = new FrameCursor(stream.Tracks[0]);
        using var audio = new FrameCursor(stream.Tracks[1]);
        LabFrames.Take(video);
        for (var i = 1; i <= 100; i++)
        {
            _lab.Now += TimeSpan.FromMilliseconds(40);
            publisher.Picture(600_000 + i * 40, isKey: i % 25 == 0);
            publisher.Sound(600_000 + i * 40);
        }

        for (var i = 0; i < 100; i++)
        {
            _lab.Now += TimeSpan.FromMilliseconds(40);
            publisher.Picture(1000 + i * 40, isKey: i % 25 == 0);
            publisher.Sound(1000 + i * 40);
        }

        var pictures = LabFrames.Take(video);
        var sounds = LabFrames.Take(audio);
        Assert.Equal(200, pictures.Count);
        Assert.Equal(pictures.Select(f => f.DecodeTime).Order().Distinct(), pictures.Select(f => f.DecodeTime));
        Assert.Contains(pictures, f => f.Flags.HasFlag(FrameFlags.Discontinuity));
        var seconds = (pictures[^1].DecodeTime - pictures[0].DecodeTime) / 90_000.0;
        Assert.InRange(seconds, 7.9, 9.1);
        Assert.InRange(sounds[^1].DecodeTime / 48_000.0 - pictures[^1].DecodeTime / 90_000.0, -0.11, 0.11);
    }

    [Fact]
    public void A_pause_of_the_publisher_is_a_gap_in_its_time_too()
    {
        var publisher = Live(out var stream);
        using var cursor = new FrameCursor(stream.Tracks[0]);
        _lab.Now += TimeSpan.FromSeconds(20);
        publisher.Picture(20_000);
        Assert.Equal(20 * 90_000, LabFrames.Take(cursor)[^1].DecodeTime);
    }

    [Fact]
    public void Timestamps_that_leap_forward_by_hours_do_not_take_the_time_with_them()
    {
        var publisher = Live(out var stream);
        using var cursor = new FrameCursor(stream.Tracks[0]);
        _lab.Now += TimeSpan.FromMilliseconds(40);
        publisher.Picture(40_000_000);
        Assert.InRange(LabFrames.Take(cursor)[^1].DecodeTime, 1, 90_000);
    }

    [Fact]
    public void Timestamps_that_wrap_around_go_on()
    {
        var publisher = _lab.Publish();
        publisher.Begin();
        publisher.Picture(4_294_967_290, isKey: true);
        using var cursor = new FrameCursor(_lab.Live!.Tracks[0]);
        publisher.Picture(4_294_967_330);
        var times = LabFrames.Take(cursor);
        Assert.Equal(3600, times[1].DecodeTime - times[0].DecodeTime);
    }

    [Fact]
    public void Milliseconds_leave_no_mark_on_sound()
    {
        var publisher = Live(out var stream);
        using var cursor = new FrameCursor(stream.Tracks[1]);
        for (var i = 1; i < 2000; i++) publisher.Sound((long)Math.Round(i * 1024 / 48.0));
        var times = LabFrames.Take(cursor).ConvertAll(f => f.DecodeTime);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(1024, pair.Second - pair.First));
        Assert.Equal(1999 * 1024, times[^1]);
    }

    [Fact]
    public void A_gap_in_the_sound_is_a_gap_and_a_drift_is_followed()
    {
        var publisher = Live(out var stream);
        using var cursor = new FrameCursor(stream.Tracks[1]);
        publisher.Sound(21);
        _lab.Now += TimeSpan.FromMilliseconds(500);
        publisher.Sound(521);
        var times = LabFrames.Take(cursor);
        Assert.Equal(521 * 48, times[^1].DecodeTime);
        Assert.True(times[^1].Flags.HasFlag(FrameFlags.Discontinuity));

        // A clock that is a thousandth too fast: after a minute the times are still within a few hundredths of a second.
        for (var i = 1; i < 2800; i++) publisher.Sound((long)Math.Round(521 + i * 1024 / 48.0 * 1.001));
        var last = LabFrames.Take(cursor)[^1].DecodeTime;
        Assert.InRange(last / 48.0 - (521 + 2799 * 1024 / 48.0 * 1.001), -30, 30);
    }

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
        var publisher = Live(out var stream);
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
        var publisher = Live(out var stream);
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
        var publisher = Live(out var stream);
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
        var publisher = Live(out var stream);
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
        var publisher = Live(out var stream);
        publisher.Configure(RtmpCodec.Aac, "1210");
        publisher.Sound(40);
        Assert.NotSame(stream, _lab.Live);
        Assert.Equal(44_100, _lab.Live!.Tracks[1].Frames.Format!.ClockRate);
    }

    [Fact]
    public void Streams_of_one_connection_are_bounded()
    {
        var publisher = Live(out _);
        for (var i = 1; i < 100; i++) publisher.Configure(RtmpCodec.Aac, i % 2 == 0 ? "1190" : "1210");
        Assert.InRange(_lab.Ended.Count, 1, 10);
    }

    [Fact]
    public void The_newest_publisher_takes_over_and_the_one_before_is_told()
    {
        var first = Live(out var stream);
        var second = _lab.Publish();
        second.Begin();
        second.Picture(0, isKey: true);
        Assert.Equal(StreamEnd.TakenOver, stream.EndReason);
        first.Pump();
        Assert.Contains("taken the stream over", first.Words, StringComparison.Ordinal);
        Assert.True(first.Server.IsOver);
        first.Server.HandleClosed(_lab.Now);
        Assert.False(_lab.Live!.HasEnded);
        Assert.Single(_lab.Ended);
    }

    [Fact]
    public void Who_is_refused_reads_why_and_publishes_nothing()
    {
        _lab.Gate = _ => RtmpAnswer.Refused(RtmpRefusal.BadName, "The stream key is wrong.");
        var publisher = _lab.Connect();
        publisher.Pump();
        Assert.False(publisher.Client.IsPublishing);
        Assert.Contains(publisher.Told, t => t is { Code: "NetStream.Publish.BadName", Description: "The stream key is wrong." });
        Assert.True(publisher.Server.IsOver);
        Assert.Equal("The stream key is wrong.", _lab.Channels.Open("room").LastRefusal!.Reason);
        Assert.Null(_lab.Live);
    }

    [Theory]
    [InlineData("room-se-cr-et", "live", "room", "room-se-cr-et")]
    [InlineData("room?key=se-cr-et", "live", "room", "se-cr-et")]
    [InlineData("room?x=1&key=a%2Db", "live", "room", "a-b")]
    [InlineData("room", "live", "room", null)]
    [InlineData("", "live/room-secret", "room", "room-secret")]
    [InlineData("room", "live?key=secret", "room", "secret")]
    [InlineData("-secret", "live", "", "-secret")]
    [InlineData("", "", "", null)]
    public void Names_are_split_at_the_first_dash(string name, string app, string channel, string? key)
    {
        var asked = new List<RtmpRequest>();
        _lab.Gate = request =>
        {
            asked.Add(request);
            return RtmpAnswer.Refused(RtmpRefusal.BadName, "no", isKnownChannel: false);
        };
        _lab.Connect(name, app).Pump();
        Assert.Equal((channel, key), (Assert.Single(asked).ChannelId, asked[0].Key));
        Assert.DoesNotContain("secret", asked[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_channel_that_nobody_knows_leaves_nothing_behind()
    {
        _lab.Gate = _ => RtmpAnswer.Refused(RtmpRefusal.BadName, "no", isKnownChannel: false);
        _lab.Connect("nothere-x").Pump();
        Assert.Null(_lab.Channels.Find("nothere"));
    }

    [Fact]
    public void A_gate_that_breaks_refuses()
    {
        _lab.Gate = _ => throw new InvalidOperationException("broken");
        var publisher = _lab.Connect();
        publisher.Pump();
        Assert.Contains("could not check", publisher.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_publisher_far_above_the_limit_is_put_out_by_name()
    {
        var lab = new RtmpLab(maxBitrate: 1_000_000);
        var publisher = lab.Publish();
        publisher.Begin();
        publisher.Picture(0, isKey: true);
        byte[] large = [0, 1, 0x86, 0xa0, 0x41, .. new byte[99_999]];
        for (var i = 1; i < 300 && !publisher.Server.IsOver; i++)
        {
            lab.Now += TimeSpan.FromMilliseconds(40);
            publisher.Frame(RtmpCodec.Avc, i * 40, large, isKey: false);
        }

        Assert.Contains("MaxBitrate", publisher.Words, StringComparison.Ordinal);
        Assert.Contains("1.0", lab.Channels.Open("room").LastRefusal!.Reason, StringComparison.Ordinal);
        Assert.Null(lab.Live);
    }

    [Fact]
    public void Keyframes_far_apart_bring_advice()
    {
        var publisher = Live(out var stream);
        for (var i = 1; i <= 600; i++)
        {
            _lab.Now += TimeSpan.FromMilliseconds(40);
            publisher.Picture(i * 40, isKey: i % 250 == 0);
            publisher.Sound(i * 40);
        }

        var health = StreamHealth.Examine(stream, _lab.Now);
        Assert.Equal(10, health.KeyframeSeconds);
        Assert.Equal("A keyframe comes every 10 s: set the encoder's keyframe interval to 2 s, so that viewers see a picture at once.", Assert.Single(health.Advice));
        Assert.InRange(health.FramesPerSecond, 24, 26);
        Assert.False(health.HasBFrames);
        Assert.InRange(health.SkewMilliseconds!.Value, -5, 5);
    }

    [Fact]
    public void Sound_that_lags_behind_the_picture_brings_advice()
    {
        var publisher = Live(out var stream);
        for (var i = 1; i <= 150; i++)
        {
            _lab.Now += TimeSpan.FromMilliseconds(40);
            publisher.Picture(i * 40 + 400, isKey: i % 50 == 0);
            publisher.Sound(i * 40);
        }

        var health = StreamHealth.Examine(stream, _lab.Now);
        Assert.InRange(health.SkewMilliseconds!.Value, 380, 420);
        Assert.Contains("after the picture", Assert.Single(health.Advice), StringComparison.Ordinal);
    }

    [Fact]
    public void The_jitter_of_the_network_does_not_show_in_the_timeline()
    {
        var publisher = Live(out var stream);
        var random = new Random(5);
        var begun = _lab.Now;
        Timeline? settled = null;
        for (var i = 1; i <= 500; i++)
        {
            _lab.Now = begun + TimeSpan.FromMilliseconds(i * 40 + (i % 10 == 0 ? 0 : random.Next(0, 120)));
            publisher.Picture(i * 40, isKey: i % 50 == 0);
            publisher.Sound(i * 40);
            if (i == 100) settled = stream.Tracks[0].Timeline;
        }

        var zero = stream.Tracks[0].Timeline!.ToNtp(0);
        Assert.InRange((zero - settled!.ToNtp(0)).TotalMilliseconds, -6, 6);
        Assert.InRange((zero - stream.Tracks[1].Timeline!.ToNtp(0)).TotalMilliseconds, -6, 6);
    }

    [Fact]
    public void Messages_allocate_nothing_in_the_steady_state()
    {
        var publisher = Live(out _);
        var wire = new List<byte[]>();
        for (var i = 1; i <= 600; i++)
        {
            wire.Add(RtmpWire.Of(publisher.Client, MediaKind.Video, i * 20, [0x27, 1, 0, 0, 0, .. LabMedia.Slice]));
            wire.Add(RtmpWire.Of(publisher.Client, MediaKind.Audio, i * 20, [0xaf, 1, .. LabMedia.AacFrame]));
        }

        // The first seconds settle the clock. What the runtime allocates by the way does not come in every round.
        const int round = 100;
        var least = long.MaxValue;
        for (var i = 0; i < wire.Count; i += round)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var n = i; n < i + round; n++)
            {
                _lab.Now += TimeSpan.FromMilliseconds(10);
                publisher.Server.Handle(_lab.Now, wire[n]);
            }

            if (i >= 500) least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private LabPublisher Live(out LiveStream stream)
    {
        var publisher = _lab.Publish();
        publisher.Begin();
        publisher.Picture(0, isKey: true);
        publisher.Sound(0);
        stream = _lab.Live!;
        return publisher;
    }

    private void Pass(LabPublisher publisher, int milliseconds)
    {
        _lab.Now += TimeSpan.FromMilliseconds(milliseconds);
        publisher.Server.HandleTimeout(_lab.Now);
        publisher.Pump();
    }
}
