using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Rtmp.Sessions;

namespace Sluice.Protocols.Tests.Rtmp;

/// <summary>What encoders do that no specification says. Each fact is one habit.</summary>
public sealed class EncoderQuirkTests
{
    private static readonly byte[] AacFrame = [0xaf, 1, 0x21, 0x10];

    [Theory]
    [InlineData("releaseStream", "FCPublish", "createStream")]
    [InlineData("FCPublish", "releaseStream", "createStream")]
    [InlineData("createStream", "releaseStream", "FCPublish")]
    [InlineData("createStream", "FCPublish", "_checkbw")]
    public void The_calls_before_publish_come_in_any_order(params string[] names)
    {
        var client = new ScriptedClient().Connect();
        for (var i = 0; i < names.Length; i++) client.Command(names[i], i + 2, 0, AmfValue.Null, AmfValue.Of("7-secret"));
        client.Publish();
        Assert.Equal([1.0, 2, 3, 4], client.Answers.Where(a => a.Name == "_result").Select(a => a.Transaction));
        Assert.Equal("NetStream.Publish.Start", client.LastStatus);
        Assert.Equal(names.Contains("FCPublish"), client.Answers.Any(a => a.Name == "onFCPublish"));
    }

    [Fact]
    public void All_is_sent_at_once_without_waiting_for_answers()
    {
        var source = new ScriptedClient { HoldsRequests = true };
        var bytes = new List<byte>();
        foreach (var (name, transaction, stream) in ((string, double, uint)[])[("createStream", 2, 0), ("publish", 3, 1)])
        {
            var writer = new AmfWriter(new byte[200]);
            writer.Text(name);
            writer.Number(transaction);
            writer.Null();
            if (name == "publish") writer.Text("7-secret");
            bytes.AddRange(ChunkReaderTests.Form0(3, 0, 20, writer.Written.ToArray(), stream));
        }

        bytes.AddRange(ChunkReaderTests.Form0(4, 0, 8, AacFrame));
        source.HoldsRequests = false;
        source.Connect();
        byte[] rest = [.. bytes];
        while (rest.Length > 0)
        {
            source.Send(rest);
            rest = rest[^source.Unconsumed..];
        }

        Assert.Single(source.Tags);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void Publish_comes_on_a_stream_nobody_created(uint streamId)
    {
        var client = new ScriptedClient().Connect().Publish(streamId: streamId);
        client.Message(RtmpMessageType.Audio, streamId, 0, AacFrame);
        Assert.Single(client.Tags);
    }

    [Fact]
    public void Media_comes_on_another_stream_than_publish()
    {
        var client = ScriptedClient.Publishing().Message(RtmpMessageType.Audio, 0, 0, AacFrame);
        Assert.Equal(1u, Assert.Single(client.Tags).StreamId);
    }

    [Fact]
    public void Publish_lacks_its_kind()
    {
        var client = new ScriptedClient().Connect().CreateStream().Command("publish", 5, 1, AmfValue.Null, AmfValue.Of("7-secret"));
        Assert.Equal(RtmpPublishKind.Live, client.Events[^1].Publish!.Kind);
    }

    [Fact]
    public void Publish_without_a_name_is_an_error() =>
        Assert.Equal(RtmpError.BadCommand, new ScriptedClient().Connect().CreateStream().Command("publish", 5, 1, AmfValue.Null).Session.Error);

    [Fact]
    public void Only_FCUnpublish_says_goodbye()
    {
        var client = ScriptedClient.Publishing().Command("FCUnpublish", 6, 0, AmfValue.Null, AmfValue.Of("7-secret?x=1"));
        Assert.Equal(RtmpEventKind.PublishEnded, client.Events[^1].Kind);
        client.Session.HandleClosed();
        client.Take();
        Assert.Single(client.Kinds, RtmpEventKind.PublishEnded);
    }

    [Fact]
    public void FCUnpublish_of_another_name_ends_nothing()
    {
        var client = ScriptedClient.Publishing().Command("FCUnpublish", 6, 0, AmfValue.Null, AmfValue.Of("other"));
        Assert.DoesNotContain(RtmpEventKind.PublishEnded, client.Kinds);
    }

    [Fact]
    public void Only_closeStream_says_goodbye()
    {
        var client = ScriptedClient.Publishing().Command("closeStream", 0, 1, AmfValue.Null);
        Assert.Equal(RtmpEventKind.PublishEnded, client.Events[^1].Kind);
    }

    [Fact]
    public void Media_goes_on_after_goodbye()
    {
        var client = ScriptedClient.Publishing().Command("deleteStream", 6, 0, AmfValue.Null, AmfValue.Of(1));
        client.Message(RtmpMessageType.Audio, 1, 0, AacFrame);
        Assert.Empty(client.Tags);
        Assert.Equal((1, RtmpError.None), (client.Session.StrayMessages, client.Session.Error));
    }

    [Fact]
    public void Messages_of_every_type_are_empty_at_times()
    {
        var client = ScriptedClient.Publishing();
        foreach (var type in (int[])[3, 4, 5, 6, 8, 9, 15, 17, 18, 20, 22]) client.Message((RtmpMessageType)type, 1, 0, []);
        Assert.Equal(RtmpError.None, client.Session.Error);
        Assert.Equal(6, client.Session.EmptyMessages);
        Assert.DoesNotContain(RtmpEventKind.Unsupported, client.Kinds);
    }

    [Fact]
    public void Sound_comes_before_metadata_and_metadata_comes_bare_or_never()
    {
        var client = ScriptedClient.Publishing().Message(RtmpMessageType.Audio, 1, 0, AacFrame);
        client.Data(1, AmfValue.Of("onMetaData"), AmfValue.NamedArray(new AmfProperty("width", AmfValue.Of(640))));
        Assert.Equal(640, client.Events[^1].Value!["width"].Number);
        client.Data(1, AmfValue.Of("@setDataFrame"), AmfValue.Of("onMetaData"), AmfValue.Structure(new AmfProperty("width", AmfValue.Of(320))));
        Assert.Equal((RtmpEventKind.Metadata, 320), (client.Events[^1].Kind, client.Events[^1].Value!["width"].Number));
    }

    [Fact]
    public void Metadata_is_absurd()
    {
        var client = ScriptedClient.Publishing();
        client.Data(1, AmfValue.Of("onMetaData"));
        client.Data(1, AmfValue.Of("onMetaData"), AmfValue.Of("text"));
        client.Data(1, AmfValue.Of("onMetaData"), AmfValue.NamedArray(new AmfProperty("width", AmfValue.Of("wide"))));
        Assert.All(client.Events.TakeLast(3), e => Assert.Equal(RtmpEventKind.Metadata, e.Kind));
        Assert.All(client.Events.TakeLast(3), e => Assert.Equal(0, e.Value!["width"].Number));
    }

    [Fact]
    public void Data_messages_of_AMF3_come_with_and_without_their_format_byte()
    {
        byte[] values = [2, 0, 10, .. "onMetaData"u8, 8, 0, 0, 0, 0, 0, 0, 9];
        var client = ScriptedClient.Publishing();
        client.Message(RtmpMessageType.DataAmf3, 1, 0, values).Message(RtmpMessageType.DataAmf3, 1, 0, [0, .. values]);
        Assert.Equal(2, client.Kinds.Count(kind => kind == RtmpEventKind.Metadata));
    }

    [Fact]
    public void Timestamps_jump_back()
    {
        var client = ScriptedClient.Publishing();
        foreach (var time in (uint[])[5000, 5020, 0, 20]) client.Message(RtmpMessageType.Audio, 1, time, AacFrame);
        Assert.Equal([5000, 5020, 0, 20], client.Tags.Select(tag => tag.Nanoseconds / 1_000_000));
    }

    [Fact]
    public void Control_messages_with_time_zero_do_not_disturb_the_clock_past_its_wrap()
    {
        var client = ScriptedClient.Publishing();
        client.Message(RtmpMessageType.Audio, 1, 0xfffffff0, AacFrame, 4).Message(RtmpMessageType.Audio, 1, 16, AacFrame, 4);
        client.Message(RtmpMessageType.UserControl, 0, 0, [0, 3, 0, 0, 0, 0, 0, 0, 0, 0], 2);
        client.Message(RtmpMessageType.Audio, 1, 36, AacFrame, 4);
        Assert.Equal([0xfffffff0, 0x100000010, 0x100000024], client.Tags.Select(tag => tag.Nanoseconds / 1_000_000));
    }

    [Fact]
    public void A_second_publish_on_the_same_stream_is_told_so()
    {
        var client = ScriptedClient.Publishing().Publish();
        Assert.Equal("NetStream.Publish.BadName", client.LastStatus);
        client.Message(RtmpMessageType.Audio, 1, 0, AacFrame);
        Assert.Single(client.Tags);
    }

    [Fact]
    public void Keys_are_not_printed()
    {
        var client = ScriptedClient.Publishing();
        Assert.DoesNotContain("secret", client.Events[^1].Publish!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", client.Events[^1].ToString(), StringComparison.Ordinal);
    }
}
