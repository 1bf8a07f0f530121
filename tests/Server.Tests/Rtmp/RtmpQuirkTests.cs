using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Chunks;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>The manners of encoders people have, against the whole node over a real connection.</summary>
public sealed class RtmpQuirkTests : IAsyncLifetime
{
    private RtmpNode _node = null!;

    public async Task InitializeAsync() => _node = await RtmpNode.StartAsync("--Rtmp:MaxBitrateKbps=20000");

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("releaseStream FCPublish createStream publish")]
    [InlineData("FCPublish releaseStream createStream publish")]
    [InlineData("createStream releaseStream FCPublish publish")]
    [InlineData("createStream FCPublish publish _checkbw")]
    [InlineData("createStream publish FCPublish")]
    [InlineData("createStream publish")]
    [InlineData("publish")]
    public async Task Commands_come_in_any_order_and_some_not_at_all(string commands)
    {
        using var encoder = new RawEncoder(_node.Port).Connect();
        var transaction = 2;
        foreach (var command in commands.Split(' '))
        {
            _ = command switch
            {
                "createStream" or "_checkbw" => encoder.Command(command, transaction++, 0, AmfValue.Null),
                "publish" => encoder.Publish(_node.Key),
                _ => encoder.Name(command, transaction++, _node.Key),
            };
        }

        Assert.True(encoder.Hears("NetStream.Publish.Start"));
        encoder.Begin();
        var stream = await _node.LiveAsync();
        Assert.Equal(["video-0", "audio-0"], stream.Tracks.Select(t => t.Id.ToString()));
    }

    [Theory]
    [InlineData("FCUnpublish deleteStream", StreamEnd.Stopped)]
    [InlineData("deleteStream", StreamEnd.Stopped)]
    [InlineData("FCUnpublish", StreamEnd.Stopped)]
    [InlineData("closeStream", StreamEnd.Stopped)]
    [InlineData("", StreamEnd.Lost)]
    public async Task A_goodbye_is_said_in_several_ways_or_not_at_all_and_the_stream_ends_once(string commands, StreamEnd reason)
    {
        var (encoder, stream) = await LiveAsync();
        using var connection = encoder;
        foreach (var command in commands.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            _ = command switch
            {
                "FCUnpublish" => encoder.Name(command, 6, _node.Key),
                "closeStream" => encoder.Command(command, 0, 1, AmfValue.Null),
                _ => encoder.Command(command, 7, 0, AmfValue.Null, AmfValue.Of(1)),
            };
        }

        encoder.HangUp();
        await _node.UntilAsync(() => stream.HasEnded, "the stream ends");
        Assert.Equal(reason, stream.EndReason);
        var (again, next) = await LiveAsync();
        using var other = again;
        Assert.NotSame(stream, next);
    }

    [Fact]
    public async Task Messages_without_bytes_change_nothing()
    {
        var (encoder, stream) = await LiveAsync();
        using var connection = encoder;
        encoder.Video(40, []).Audio(40, []).Audio(40, [0xaf, 1]).Video(40, [0x27, 1, 0, 0, 0]).Video(40, [0x17, 0, 0, 0, 0])
            .Message(RtmpMessageType.DataAmf0, 1, 0, []).Message(RtmpMessageType.CommandAmf0, 0, 0, []);
        encoder.Video(66, [0x27, 1, 0, 0, 0, .. LabMedia.Slice]);
        await _node.UntilAsync(() => stream.Tracks[0].Frames.Count == 2, "the next picture comes");
        Assert.Equal(0, stream.Tracks[1].Frames.Count);
        Assert.Same(stream, _node.Channel.Stream);
    }

    [Fact]
    public async Task Sound_may_come_before_metadata_and_pictures()
    {
        using var encoder = Published();
        encoder.Audio(0, [0xaf, 0, .. Convert.FromHexString(LabMedia.Aac)]).Audio(0, [0xaf, 1, .. LabMedia.AacFrame]).Audio(21, [0xaf, 1, .. LabMedia.AacFrame]);
        encoder.Metadata(1, ("videocodecid", 7), ("audiocodecid", 10));
        encoder.Video(40, [0x17, 0, 0, 0, 0, .. Convert.FromHexString(LabMedia.Baseline)]).Video(40, [0x17, 1, 0, 0, 0, .. LabMedia.Idr]);
        var stream = await _node.LiveAsync();
        await _node.UntilAsync(() => stream.Find(MediaKind.Audio, 0)?.Frames.Count == 2, "the sound before it is kept");
        Assert.Equal(1, stream.Find(MediaKind.Video, 0)!.Frames.Count);
    }

    [Fact]
    public async Task Metadata_that_is_wrong_in_everything_is_not_believed()
    {
        using var encoder = Published();
        encoder.Metadata(1, ("videocodecid", 4), ("width", 7680), ("height", 1), ("framerate", -3), ("videodatarate", double.NaN), ("audiocodecid", 2),
            ("audiosamplerate", 8000), ("duration", double.PositiveInfinity));
        encoder.Begin();
        var stream = await _node.LiveAsync();
        Assert.Equal(new Resolution(64, 48), stream.Tracks[0].Resolution);
        Assert.Equal(Codec.H264, stream.Tracks[0].Frames.Format!.Codec);
        Assert.Equal(48_000, stream.Tracks[1].Frames.Format!.ClockRate);
    }

    [Fact]
    public async Task Timestamps_that_jump_back_and_wrap_go_on_in_one_stream()
    {
        using var encoder = Published();
        encoder.Begin(600_000);
        var stream = await _node.LiveAsync();
        using var cursor = new FrameCursor(stream.Tracks[0]);
        uint[] times = [600_040, 600_080, 0, 40, 4_294_967_270, 14, 54, 20, 60, 599_000];
        foreach (var time in times) encoder.Video(time, [0x27, 1, 0, 0, 0, .. LabMedia.Slice]);
        await _node.UntilAsync(() => stream.Tracks[0].Frames.Count == 1 + times.Length, "all pictures come");
        var taken = LabFrames.Take(cursor).ConvertAll(f => f.DecodeTime);
        Assert.Equal(taken.Order().Distinct(), taken);
        Assert.InRange(taken[^1] - taken[0], 1, 20 * 90_000);
        Assert.Same(stream, _node.Channel.Stream);
        Assert.False(stream.HasEnded);
    }

    [Fact]
    public async Task A_publisher_of_a_hundred_megabits_and_more_is_put_out_by_name_and_another_goes_on()
    {
        var (other, key) = await _node.CreateAsync("other");
        using var calm = new RawEncoder(_node.Port).Connect().Command("createStream", 2, 0, AmfValue.Null).Publish(key);
        calm.Begin();
        await _node.UntilAsync(other, channel => channel.Stream is not null, "the other one is live");
        var (flood, stream) = await LiveAsync();
        using var connection = flood;
        var message = RawEncoder.Chunk(RtmpMessageType.Video, 1, 40, [0x27, 1, 0, 0, 0, 0, 0, 0xea, 0x60, 0x41, .. new byte[59_999]]);
        await Task.Run(() => flood.SendForEver(message));
        Assert.True(flood.Hears("NetStream.Publish.Rejected"));
        Assert.Contains("MaxBitrateKbps", flood.Told[^1].Words, StringComparison.Ordinal);
        Assert.True(stream.HasEnded);
        Assert.Contains("20.0", _node.Channel.LastRefusal!.Reason, StringComparison.Ordinal);

        calm.Video(40, [0x27, 1, 0, 0, 0, .. LabMedia.Slice]);
        await _node.UntilAsync(other, channel => channel.Stream!.Tracks[0].Frames.Count == 2, "the other one goes on");
    }

    private RawEncoder Published()
    {
        var encoder = new RawEncoder(_node.Port).Connect().Command("createStream", 2, 0, AmfValue.Null).Publish(_node.Key);
        Assert.True(encoder.Hears("NetStream.Publish.Start"));
        return encoder;
    }

    private async Task<(RawEncoder Encoder, LiveStream Stream)> LiveAsync() => (Published().Begin(), await _node.LiveAsync());
}
