using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtmp;

public sealed class ServerSessionTests
{
    private static readonly byte[] AacFrame = [0xaf, 1, 0x21, 0x10];

    [Fact]
    public void A_client_connects_publishes_and_leaves()
    {
        var client = ScriptedClient.Publishing();
        client.Message(RtmpMessageType.Audio, 1, 20, AacFrame);
        client.Command("deleteStream", 7, 0, AmfValue.Null, AmfValue.Of(1));
        client.Session.HandleClosed();
        client.Take();

        Assert.Equal(
            [RtmpEventKind.ConnectRequested, RtmpEventKind.PublishRequested, RtmpEventKind.PublishEnded, RtmpEventKind.Closed], client.Kinds);
        Assert.Equal(["_result", "_result", "onStatus", "onStatus"], client.Answers.Select(a => a.Name));
        Assert.Equal("NetConnection.Connect.Success", client.Answers[0].Second["code"].Text);
        Assert.Equal(1, client.Answers[1].Second.Number);
        Assert.Equal("NetStream.Publish.Start", client.Answers[2].Second["code"].Text);
        Assert.Equal("NetStream.Unpublish.Success", client.LastStatus);
        Assert.Equal(20_000_000, Assert.Single(client.Tags).Nanoseconds);
        Assert.Equal(RtmpPublishEnd.Unpublished, client.Events[2].End);
        Assert.Equal(RtmpError.None, client.Session.Error);
    }

    [Theory]
    [InlineData("7-secret", "7-secret", "")]
    [InlineData("7-secret?a=b&c=d", "7-secret", "a=b&c=d")]
    [InlineData("", "", "")]
    public void Name_and_query_are_parted(string sent, string name, string query)
    {
        var client = new ScriptedClient().Connect().CreateStream().Publish(sent);
        var publish = client.Events[^1].Publish!;
        Assert.Equal(("live", name, query, RtmpPublishKind.Live), (publish.App, publish.Name, publish.Query, publish.Kind));
    }

    [Fact]
    public void A_query_of_the_application_serves_names_without_one()
    {
        var client = new ScriptedClient();
        client.Command("connect", 1, 0, AmfValue.Structure(new AmfProperty("app", AmfValue.Of("/live/x/?token=t"))));
        client.CreateStream().Publish();
        Assert.Equal(("live/x", "token=t"), (client.Events[^1].Publish!.App, client.Events[^1].Publish!.Query));
    }

    [Fact]
    public void Nothing_is_read_before_the_host_has_answered()
    {
        var client = new ScriptedClient { HoldsRequests = true };
        var create = ChunkReaderTests.Form0(3, 0, 20, [2, 0, 12, .. "createStream"u8, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 5]);
        client.Connect();
        Assert.True(client.Session.IsWaitingForHost);
        Assert.Equal(RtmpProgress.Waiting, client.Send(create));
        Assert.Equal(create.Length, client.Unconsumed);
        Assert.Empty(client.Answers);
        Assert.True(client.Session.AcceptConnect(client.Now));
        Assert.False(client.Session.AcceptConnect(client.Now));
        Assert.Equal(RtmpProgress.NeedsMore, client.Send(create));
        Assert.Equal(0, client.Unconsumed);
        Assert.Equal(2, client.Answers.Count);
    }

    [Theory]
    [InlineData(RtmpRefusal.BadName, "NetStream.Publish.BadName")]
    [InlineData(RtmpRefusal.Denied, "NetStream.Publish.Denied")]
    [InlineData(RtmpRefusal.Rejected, "NetStream.Publish.Rejected")]
    [InlineData(RtmpRefusal.Failed, "NetStream.Publish.Failed")]
    public void A_refused_publication_ends_the_session_with_the_reason(RtmpRefusal refusal, string code)
    {
        var client = new ScriptedClient().Connect().CreateStream();
        client.HoldsRequests = true;
        client.Publish();
        Assert.True(client.Session.RefusePublish(refusal, "The key is wrong."));
        client.Take();
        Assert.Equal((code, "error", "The key is wrong."), (client.LastStatus, client.Answers[^1].Second["level"].Text, client.Answers[^1].Second["description"].Text));
        Assert.Equal(RtmpError.Refused, client.Session.Error);
        Assert.Equal(RtmpEventKind.Closed, client.Events[^1].Kind);
        Assert.DoesNotContain(RtmpEventKind.PublishEnded, client.Kinds);
    }

    [Fact]
    public void A_refused_connection_is_told()
    {
        var client = new ScriptedClient { HoldsRequests = true }.Connect();
        Assert.True(client.Session.RefuseConnect("Full."));
        client.Take();
        Assert.Equal(("_error", 1.0, "NetConnection.Connect.Rejected"), (client.Answers[0].Name, client.Answers[0].Transaction, client.Answers[0].Second["code"].Text));
        Assert.Equal(RtmpProgress.Closed, client.Send([1, 2, 3]));
    }

    [Fact]
    public void An_answer_after_the_client_left_publishes_nothing()
    {
        var client = new ScriptedClient().Connect().CreateStream();
        client.HoldsRequests = true;
        client.Publish();
        client.Session.HandleClosed();
        Assert.False(client.Session.AcceptPublish(client.Now));
        client.Take();
        Assert.Equal(RtmpEventKind.Closed, client.Events[^1].Kind);
        Assert.DoesNotContain(RtmpEventKind.PublishEnded, client.Kinds);
    }

    [Fact]
    public void A_vanished_publisher_ends_once()
    {
        var client = ScriptedClient.Publishing();
        client.Session.HandleClosed();
        client.Session.HandleClosed();
        client.Take();
        Assert.Equal(RtmpPublishEnd.Disconnected, Assert.Single(client.Events, e => e.Kind == RtmpEventKind.PublishEnded).End);
        Assert.Single(client.Events, e => e.Kind == RtmpEventKind.Closed);
    }

    [Fact]
    public void Damage_ends_the_publication_as_failed()
    {
        var client = ScriptedClient.Publishing();
        Assert.Equal(RtmpProgress.Closed, client.Send([0xc9]));
        Assert.Equal((RtmpError.MissingChunkHeader, RtmpPublishEnd.Failed), (client.Session.Error, client.Events[^2].End));
        Assert.Equal(RtmpEventKind.Closed, client.Events[^1].Kind);
    }

    [Fact]
    public void The_host_can_end_a_publication_with_a_reason()
    {
        var client = ScriptedClient.Publishing();
        client.Session.End(RtmpRefusal.BadName, "Another publisher took over.");
        client.Take();
        Assert.Equal("NetStream.Publish.BadName", client.LastStatus);
        Assert.Equal(RtmpPublishEnd.EndedByHost, client.Events[^2].End);
        Assert.Equal(RtmpError.None, client.Session.Error);
    }

    [Fact]
    public void A_client_may_publish_again_on_the_same_connection()
    {
        var client = ScriptedClient.Publishing();
        client.Command("FCUnpublish", 6, 0, AmfValue.Null, AmfValue.Of("7-secret")).Command("deleteStream", 7, 0, AmfValue.Null, AmfValue.Of(1));
        client.CreateStream().Publish("8-other");
        Assert.Equal(2, client.Kinds.Count(kind => kind == RtmpEventKind.PublishRequested));
        Assert.Single(client.Kinds, RtmpEventKind.PublishEnded);
        client.Message(RtmpMessageType.Audio, 1, 0, AacFrame);
        Assert.Single(client.Tags);
    }

    [Fact]
    public void Two_streams_may_be_published_on_one_connection()
    {
        var client = ScriptedClient.Publishing().CreateStream().Publish("8-other", 2);
        client.Message(RtmpMessageType.Audio, 1, 0, AacFrame).Message(RtmpMessageType.Audio, 2, 0, AacFrame).Message(RtmpMessageType.Audio, 3, 0, AacFrame);
        Assert.Equal([1u, 2u], client.Tags.Select(tag => tag.StreamId));
        Assert.Equal(1, client.Session.StrayMessages);
        client.Session.HandleClosed();
        client.Take();
        Assert.Equal([1u, 2u], client.Events.Where(e => e.Kind == RtmpEventKind.PublishEnded).Select(e => e.StreamId));
    }

    [Fact]
    public void Streams_are_bounded()
    {
        var client = new ScriptedClient().Connect();
        for (var i = 0; i < 6; i++) client.CreateStream();
        Assert.Equal(4, client.Answers.Count(a => a.Name == "_result" && a.Transaction == 4));
        Assert.Equal(2, client.Answers.Count(a => a.Name == "_error"));
    }

    [Theory]
    [InlineData("createStream")]
    [InlineData("publish")]
    [InlineData("anything")]
    public void Nothing_goes_before_connect(string name)
    {
        var client = new ScriptedClient().Command(name, 1, 0, AmfValue.Null, AmfValue.Of("x"));
        Assert.Equal(RtmpError.UnexpectedCommand, client.Session.Error);
    }

    [Fact]
    public void A_client_connects_once() => Assert.Equal(RtmpError.UnexpectedCommand, new ScriptedClient().Connect().Connect().Session.Error);

    [Fact]
    public void Unknown_calls_are_answered_and_unknown_notices_are_not()
    {
        var client = new ScriptedClient().Connect().Command("setPeerInfo", 9, 0, AmfValue.Null).Command("notice", 0, 0, AmfValue.Null);
        Assert.Equal(("_error", 9.0), (client.Answers[^1].Name, client.Answers[^1].Transaction));
        Assert.Equal(2, client.Answers.Count);
    }

    [Fact]
    public void Playing_is_refused_and_the_connection_stays()
    {
        var client = new ScriptedClient().Connect().CreateStream().Command("play", 5, 1, AmfValue.Null, AmfValue.Of("x"));
        Assert.Equal("NetStream.Play.Failed", client.LastStatus);
        client.Publish();
        Assert.Equal("NetStream.Publish.Start", client.LastStatus);
    }

    [Fact]
    public void Enhanced_clients_are_told_what_is_supported()
    {
        var list = AmfValue.List(AmfValue.Of("av01"), AmfValue.Of("hvc1"), AmfValue.Of(4));
        var map = AmfValue.Structure(new AmfProperty("vp09", AmfValue.Of(2)), new AmfProperty("av01", AmfValue.Of(2)));
        var client = new ScriptedClient().Connect(
            new AmfProperty("fourCcList", list), new AmfProperty("videoFourCcInfoMap", map), new AmfProperty("capsEx", AmfValue.Of(3)));
        var connect = client.Events[0].Connect!;
        Assert.Equal(["av01", "hvc1", "vp09"], connect.Codecs);
        Assert.Equal(RtmpCapabilities.Reconnect | RtmpCapabilities.Multitrack, connect.Capabilities);
        var told = client.Answers[0].Second;
        Assert.Equal(15, told["capsEx"].Number);
        Assert.Contains("hvc1", told["fourCcList"].Items.Select(item => item.Text));
        Assert.Equal(4, told["videoFourCcInfoMap"]["av01"].Number);
        Assert.Equal(4, told["audioFourCcInfoMap"]["Opus"].Number);
    }

    [Fact]
    public void Plain_clients_are_told_nothing_of_it() =>
        Assert.Equal(AmfKind.Undefined, new ScriptedClient().Connect().Answers[0].Second["capsEx"].Kind);

    [Fact]
    public void A_client_that_can_is_asked_to_reconnect()
    {
        var client = new ScriptedClient().Connect(new AmfProperty("capsEx", AmfValue.Of(1)));
        Assert.True(client.Session.RequestReconnect("rtmp://other/live", "Update."));
        client.Take();
        Assert.Equal(("NetConnection.Connect.ReconnectRequest", "status", "rtmp://other/live"),
            (client.LastStatus, client.Answers[^1].Second["level"].Text, client.Answers[^1].Second["tcUrl"].Text));
        Assert.False(new ScriptedClient().Connect().Session.RequestReconnect(null, "Update."));
    }

    [Theory]
    [InlineData(1, "NetConnection.Connect.ReconnectRequest", "status")]
    [InlineData(0, "NetConnection.Connect.AppShutdown", "error")]
    public void A_server_that_goes_down_says_so_and_ends_the_publication_once(int capabilities, string code, string level)
    {
        var client = new ScriptedClient().Connect(new AmfProperty("capsEx", AmfValue.Of(capabilities))).CreateStream().Publish();
        client.Session.Shutdown("Update.");
        client.Session.Shutdown("Update.");
        client.Session.HandleClosed();
        client.Take();
        Assert.Equal((code, level, "Update."), (client.LastStatus, client.Answers[^1].Second["level"].Text, client.Answers[^1].Second["description"].Text));
        Assert.Equal(RtmpPublishEnd.EndedByHost, Assert.Single(client.Events, e => e.Kind == RtmpEventKind.PublishEnded).End);
        Assert.Equal(RtmpError.None, client.Session.Error);
        Assert.Single(client.Answers, a => a.Name == "onStatus" && a.Second["code"].Text == code);
    }

    [Fact]
    public void A_client_that_has_not_connected_is_told_nothing_of_a_shutdown()
    {
        var client = new ScriptedClient();
        client.Session.Shutdown("Update.");
        client.Take();
        Assert.Empty(client.Answers);
        Assert.Equal(RtmpEventKind.Closed, Assert.Single(client.Events).Kind);
    }

    [Fact]
    public void Amf3_commands_are_understood()
    {
        var client = new ScriptedClient();
        client.Message(RtmpMessageType.CommandAmf3, 0, 0, [
            0, 2, 0, 7, .. "connect"u8, 0, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x11, 0x0a, 0x0b, 1, 0x07, .. "app"u8, 6, 0x09, .. "live"u8, 1]);
        Assert.Equal("live", client.Session.Connect!.App);
    }

    [Fact]
    public void Pings_are_answered_and_measured()
    {
        var client = ScriptedClient.Publishing();
        client.Message(RtmpMessageType.UserControl, 0, 0, [0, 6, 1, 2, 3, 4], 2);
        Assert.Equal([0, 7, 1, 2, 3, 4], client.Controls[^1].Payload);
        client.Now += TimeSpan.FromSeconds(10);
        client.Session.HandleTimeout(client.Now);
        client.Take();
        var ping = client.Controls[^1].Payload;
        Assert.Equal([0, 6], ping[..2]);
        client.Now += TimeSpan.FromMilliseconds(35);
        ping[1] = 7;
        client.Message(RtmpMessageType.UserControl, 0, 0, ping, 2);
        Assert.Equal(35, client.Session.RoundTrip.TotalMilliseconds, 1);
    }

    [Fact]
    public void Received_bytes_are_acknowledged_by_half_a_window()
    {
        var client = ScriptedClient.Publishing();
        client.Message(RtmpMessageType.WindowAcknowledgementSize, 0, 0, [0, 2, 0, 0], 2);
        client.Send(ChunkReaderTests.Form0(2, 0, 1, [0, 1, 0, 0]));
        for (var i = 0; i < 40; i++) client.Send(ChunkReaderTests.Form0(6, 0, 9, [0x27, 1, 0, 0, 0, .. new byte[10_000]], chunkSize: 65_536));
        var acknowledgements = client.Controls.Where(c => c.Type == RtmpMessageType.Acknowledgement).ToArray();
        Assert.InRange(acknowledgements.Length, 5, 7);
        Assert.True(client.Session.BytesReceived - System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(acknowledgements[^1].Payload) < 70_000);
    }

    [Fact]
    public void Tiny_windows_make_no_flood()
    {
        var client = ScriptedClient.Publishing();
        client.Message(RtmpMessageType.WindowAcknowledgementSize, 0, 0, [0, 0, 0, 1], 2);
        for (var i = 0; i < 100; i++) client.Message(RtmpMessageType.Audio, 1, 0, AacFrame);
        Assert.DoesNotContain(client.Controls, c => c.Type == RtmpMessageType.Acknowledgement);
    }

    [Fact]
    public void A_client_that_does_not_read_is_not_read_from()
    {
        var client = new ScriptedClient().Connect();
        var call = ChunkReaderTests.Form0(3, 0, 20, [2, 0, 1, (byte)'x', 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 5]);
        var progress = RtmpProgress.NeedsMore;
        var calls = 0;
        for (; calls < 10_000 && progress == RtmpProgress.NeedsMore; calls++) progress = client.Session.Handle(call, client.Now, client, out _);
        Assert.Equal(RtmpProgress.Waiting, progress);
        Assert.InRange(calls, 100, 1000);
        client.Take();
        Assert.Equal(RtmpProgress.NeedsMore, client.Session.Handle(call, client.Now, client, out _));
    }

    [Fact]
    public void A_host_that_takes_no_events_is_told_to()
    {
        var client = ScriptedClient.Publishing();
        var data = ChunkReaderTests.Form0(5, 0, 18, [2, 0, 1, (byte)'x', 5]);
        var progress = RtmpProgress.NeedsMore;
        var count = 0;
        for (; count < 100 && progress == RtmpProgress.NeedsMore; count++) progress = client.Session.Handle(data, client.Now, client, out _);
        Assert.Equal((RtmpProgress.Waiting, 32), (progress, count));
    }

    [Theory]
    [InlineData(0, RtmpError.HandshakeTimeout)]
    [InlineData(1, RtmpError.CommandTimeout)]
    [InlineData(2, RtmpError.CommandTimeout)]
    [InlineData(3, RtmpError.IdleTimeout)]
    public void Silence_ends_a_session_in_every_state(int state, RtmpError error)
    {
        var client = state switch
        {
            0 => null,
            1 => new ScriptedClient(),
            2 => new ScriptedClient(new RtmpServerOptions { IdleTimeout = TimeSpan.FromMinutes(1) }).Connect().CreateStream(),
            _ => ScriptedClient.Publishing(),
        };
        var session = client?.Session ?? new RtmpServerSession(RtmpServerOptions.Default, 1, Instant.Zero);
        var now = Instant.FromMilliseconds(1000);
        for (var i = 0; i < 100 && session.NextTimeout != Instant.Never; i++)
        {
            Assert.True(session.NextTimeout >= now || i == 0);
            now = session.NextTimeout;
            session.HandleTimeout(now);
        }

        Assert.Equal(error, session.Error);
        Assert.InRange(now.TotalMilliseconds, 10_000, 62_000);
        Assert.Equal(Instant.Never, session.NextTimeout);
    }

    [Fact]
    public void The_host_may_take_its_time()
    {
        var client = new ScriptedClient { HoldsRequests = true }.Connect();
        client.Now += TimeSpan.FromSeconds(25);
        client.Session.HandleTimeout(client.Now);
        Assert.True(client.Session.AcceptConnect(client.Now));
    }

    [Fact]
    public void Commands_and_data_are_bounded()
    {
        var client = ScriptedClient.Publishing();
        client.Data(1, AmfValue.Of("onMetaData"), AmfValue.Of(new string('x', 66_000)));
        Assert.Equal(RtmpEventKind.Unsupported, client.Events[^1].Kind);
        client.Command("x", 0, 0, AmfValue.Of(new string('x', 66_000)));
        Assert.Equal(RtmpError.CommandTooLong, client.Session.Error);
    }

    [Fact]
    public void Unreadable_things_are_told_once_each_and_counted()
    {
        var client = ScriptedClient.Publishing();
        for (var i = 0; i < 3; i++)
        {
            client.Message(RtmpMessageType.Video, 1, 0, [0x91, .. "abcd"u8, 1]);
            client.Message(RtmpMessageType.Audio, 1, 0, [0xc0, 1]);
            client.Message(RtmpMessageType.SharedObjectAmf0, 1, 0, [1]);
            client.Data(1, AmfValue.Of(3));
        }

        Assert.Equal(
            [
                "The Video codec 'abcd' is unknown.", "The Audio codec number 12 is unknown.", "Messages of type 19 are not understood.",
                "A DataAmf0 message cannot be read: UnknownMarker.",
            ],
            client.Events.Where(e => e.Kind == RtmpEventKind.Unsupported).Select(e => e.Unsupported.ToString()));
        Assert.Equal(6, client.Session.UnreadableMessages);
        Assert.Empty(client.Tags);
    }

    [Fact]
    public void Codecs_Sluice_does_not_carry_come_with_their_name()
    {
        var client = ScriptedClient.Publishing();
        client.Message(RtmpMessageType.Audio, 1, 0, [0x2f, 0xff]).Message(RtmpMessageType.Audio, 1, 0, [0x91, .. "ac-3"u8, 1]);
        Assert.Equal(["MP3", "AC-3"], client.Tags.Select(tag => RtmpCodecs.NameOf(tag.Codec)));
    }

    [Fact]
    public void Aggregates_are_taken_apart()
    {
        var client = ScriptedClient.Publishing();
        client.Message(RtmpMessageType.Aggregate, 1, 1000, [
            8, 0, 0, 4, 0, 0, 50, 0, 0, 0, 0, .. AacFrame, 0, 0, 0, 15,
            9, 0, 0, 5, 0, 0, 60, 0, 0, 0, 0, 0x27, 1, 0, 0, 0, 0, 0, 0, 16]);
        Assert.Equal([1000L, 1010L], client.Tags.Select(tag => tag.Nanoseconds / 1_000_000));
        client.Message(RtmpMessageType.Aggregate, 1, 1000, [8, 0, 0, 9, 0, 0, 50, 0, 0, 0, 0, 1]);
        Assert.Equal(1, client.Session.UnreadableMessages);
    }

    [Fact]
    public void Metadata_in_an_aggregate_is_bounded_and_the_rest_is_counted()
    {
        byte[] data = [2, 0, 1, (byte)'x', 5];
        byte[] tag = [18, 0, 0, (byte)data.Length, 0, 0, 0, 0, 0, 0, 0, .. data, 0, 0, 0, 16];
        var client = ScriptedClient.Publishing();
        client.Message(RtmpMessageType.Aggregate, 1, 0, [.. Enumerable.Range(0, 50).SelectMany(_ => tag)]);
        Assert.Equal(16, client.Kinds.Count(kind => kind == RtmpEventKind.Message));
        Assert.Equal(34, client.Session.UnreadableMessages);
    }
}
