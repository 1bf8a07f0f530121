using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtmp;

public sealed class ClientSessionTests : IRtmpMediaSink
{
    private static readonly Instant Now = Instant.FromMilliseconds(500);

    private readonly List<KeptTag> _tags = [];
    private readonly List<RtmpEvent> _serverEvents = [];
    private readonly List<RtmpClientEvent> _clientEvents = [];
    private readonly byte[] _buffer = new byte[1 << 16];
    private RtmpRefusal? _refuse;

    void IRtmpMediaSink.OnMedia(uint streamId, in MediaTag tag) => _tags.Add(new KeptTag(
        streamId, tag.Kind, tag.Codec, tag.PacketType, tag.Track, tag.TimestampNanoseconds, tag.CompositionOffset, tag.IsKeyframe, tag.Payload.ToArray()));

    [Theory]
    [InlineData(null, 128, 1)]
    [InlineData(0, 1, 37)]
    [InlineData(1, 4096, 1000)]
    [InlineData(0, 0xffffff, 60_000)]
    public void A_client_publishes_to_the_server(int? scheme, int chunkSize, int piece)
    {
        var client = Client(scheme, chunkSize);
        var server = new RtmpServerSession(RtmpServerOptions.Default, 2, Now);
        Exchange(client, server, piece);
        Assert.True(client.IsPublishing);
        Assert.Equal(scheme is not null, client.ServerSigned);
        Assert.Equal([RtmpClientEventKind.Connected, RtmpClientEventKind.Publishing], _clientEvents.Select(e => e.Kind));
        Assert.Equal(("live", "7-secret", "a=1"), (_serverEvents[^1].Publish!.App, _serverEvents[^1].Publish!.Name, _serverEvents[^1].Publish!.Query));

        Assert.True(client.TrySendMetadata(AmfValue.NamedArray(new AmfProperty("width", AmfValue.Of(640)))));
        var random = new Random(1);
        var expected = new List<byte[]>();
        for (var i = 0; i < 20; i++)
        {
            byte[] message = [0x27, 1, 0, 0, 0, .. new byte[random.Next(3000)]];
            random.NextBytes(message.AsSpan(5));
            expected.Add(message[5..]);
            Assert.True(client.TrySendMedia(MediaKind.Video, 40L * i, message));
            Assert.True(client.TrySendMedia(MediaKind.Audio, 40L * i + 3, [0xaf, 1, (byte)i]));
        }

        Exchange(client, server, piece);
        Assert.Equal(expected, _tags.Where(tag => tag.Kind == MediaKind.Video).Select(tag => tag.Payload));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (40L * i + 3) * 1_000_000), _tags.Where(tag => tag.Kind == MediaKind.Audio).Select(tag => tag.Nanoseconds));
        Assert.Contains(_serverEvents, e => e.Kind == RtmpEventKind.Metadata && e.Value!["width"].Number == 640);

        client.Unpublish();
        Exchange(client, server, piece);
        Assert.Equal(RtmpEventKind.PublishEnded, _serverEvents[^1].Kind);
        Assert.Equal(RtmpClientEventKind.Closed, _clientEvents[^1].Kind);
    }

    [Fact]
    public void A_refusal_reaches_the_client_with_its_words()
    {
        _refuse = RtmpRefusal.BadName;
        var client = Client(null, 128);
        Exchange(client, new RtmpServerSession(RtmpServerOptions.Default, 2, Now), 100);
        Assert.Equal(RtmpError.RefusedByServer, client.Error);
        Assert.Contains(_clientEvents, e => e is { Code: "NetStream.Publish.BadName", Description: "Wrong key." });
        Assert.False(client.TrySendMedia(MediaKind.Audio, 0, [0xaf, 1, 0]));
    }

    [Fact]
    public void A_reconnect_request_reaches_the_client()
    {
        var client = Client(null, 128);
        var server = new RtmpServerSession(RtmpServerOptions.Default, 2, Now);
        Exchange(client, server, 100);
        Assert.True(server.RequestReconnect("rtmp://b/live", "Update."));
        Exchange(client, server, 100);
        Assert.Equal(new RtmpClientEvent(RtmpClientEventKind.ReconnectRequested, "NetConnection.Connect.ReconnectRequest", "Update.", "rtmp://b/live"), _clientEvents[^1]);
        Assert.True(client.IsPublishing);
    }

    [Fact]
    public void Media_waits_for_the_publication_and_is_bounded()
    {
        var client = Client(null, 4096);
        Assert.False(client.TrySendMedia(MediaKind.Audio, 0, [0xaf, 1, 0]));
        Exchange(client, new RtmpServerSession(RtmpServerOptions.Default, 2, Now), 1000);
        var sent = 0;
        while (sent < 100 && client.TrySendMedia(MediaKind.Video, 0, new byte[100_000])) sent++;
        Assert.Equal(41, sent);
        Assert.InRange(client.OutputCount, 4_000_000, 4 << 20);
    }

    [Fact]
    public void A_server_that_says_nothing_times_the_client_out()
    {
        var client = Client(null, 128);
        client.HandleTimeout(client.NextTimeout);
        Assert.Equal(RtmpError.CommandTimeout, client.Error);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request", RtmpError.NotRtmp)]
    public void A_server_that_is_none_is_told_apart(string text, RtmpError error)
    {
        var client = Client(null, 128);
        Assert.Equal(RtmpProgress.Closed, client.Handle(System.Text.Encoding.ASCII.GetBytes(text), out _));
        Assert.Equal(error, client.Error);
    }

    private static RtmpClientSession Client(int? scheme, int chunkSize) => new(
        new RtmpClientOptions("live", "7-secret?a=1", "rtmp://host/live")
        {
            DigestScheme = scheme,
            ChunkSize = chunkSize,
            Capabilities = RtmpCapabilities.Reconnect,
            FourCcs = ["av01"],
        },
        1,
        Now);

    private void Exchange(RtmpClientSession client, RtmpServerSession server, int piece)
    {
        for (var moved = true; moved;)
        {
            moved = false;
            while (client.TryTakeOutput(_buffer.AsSpan(0, Math.Min(piece, _buffer.Length)), out var count))
            {
                moved = true;
                for (ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, count).ToArray(); ;)
                {
                    var progress = server.Handle(bytes, Now, this, out var consumed);
                    bytes = bytes[consumed..];
                    while (server.TryTakeEvent(out var e)) Answer(server, e);
                    if (progress != RtmpProgress.Waiting) break;
                }
            }

            while (server.TryTakeOutput(_buffer.AsSpan(0, Math.Min(piece, _buffer.Length)), out var count))
            {
                moved = true;
                client.Handle(_buffer.AsSpan(0, count), out var consumed);
                Assert.True(consumed == count || client.Error != RtmpError.None || !client.IsPublishing);
                while (client.TryTakeEvent(out var e)) _clientEvents.Add(e);
            }

            while (client.TryTakeEvent(out var e)) _clientEvents.Add(e);
        }
    }

    private void Answer(RtmpServerSession server, RtmpEvent e)
    {
        _serverEvents.Add(e);
        if (e.Kind == RtmpEventKind.ConnectRequested) server.AcceptConnect(Now);
        if (e.Kind != RtmpEventKind.PublishRequested) return;
        if (_refuse is { } refusal) server.RefusePublish(refusal, "Wrong key.");
        else server.AcceptPublish(Now);
    }
}
