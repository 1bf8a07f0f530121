using System.Text;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtmp;

/// <summary>A tag as it came, kept.</summary>
internal sealed record KeptTag(
    uint StreamId, MediaKind Kind, RtmpCodec Codec, TagPacketType PacketType, byte Track, long Nanoseconds, int CompositionOffset, bool IsKeyframe, byte[] Payload);

/// <summary>A server session with a host that accepts what comes, and a client that says what it is told to.</summary>
internal sealed class ScriptedClient : IRtmpMediaSink
{
    private readonly ChunkReader _answers = new(ChunkLimits.Default);
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _toSkip = 1 + 2 * 1536;

    public ScriptedClient(RtmpServerOptions? options = null)
    {
        Session = new RtmpServerSession(options ?? RtmpServerOptions.Default, 42, Now);
        Send([3, .. new byte[2 * 1536]]);
    }

    public RtmpServerSession Session { get; }

    public Instant Now { get; set; } = Instant.FromMilliseconds(1000);

    /// <summary>Leave requests unanswered.</summary>
    public bool HoldsRequests { get; set; }

    public List<KeptTag> Tags { get; } = [];

    public List<RtmpEvent> Events { get; } = [];

    /// <summary>What the server sent: commands as name and arguments.</summary>
    public List<(string Name, double Transaction, AmfValue First, AmfValue Second)> Answers { get; } = [];

    public List<(RtmpMessageType Type, byte[] Payload)> Controls { get; } = [];

    public IEnumerable<RtmpEventKind> Kinds => Events.Select(e => e.Kind);

    public string LastStatus => Answers.LastOrDefault(a => a.Name == "onStatus").Second?["code"].Text ?? "";

    public int Unconsumed { get; private set; }

    public void OnMedia(uint streamId, in MediaTag tag) => Tags.Add(new KeptTag(
        streamId, tag.Kind, tag.Codec, tag.PacketType, tag.Track, tag.TimestampNanoseconds, tag.CompositionOffset, tag.IsKeyframe, tag.Payload.ToArray()));

    public RtmpProgress Send(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var progress = Session.Handle(bytes, Now, this, out var consumed);
            bytes = bytes[consumed..];
            Unconsumed = bytes.Length;
            Take();
            if (progress != RtmpProgress.Waiting || Session.IsWaitingForHost) return progress;
        }
    }

    public void Take()
    {
        while (Session.TryTakeEvent(out var e))
        {
            Events.Add(e);
            if (HoldsRequests) continue;
            if (e.Kind == RtmpEventKind.ConnectRequested) Session.AcceptConnect(Now);
            if (e.Kind == RtmpEventKind.PublishRequested) Session.AcceptPublish(Now);
        }

        while (Session.TryTakeOutput(_buffer, out var written)) Hear(_buffer.AsSpan(0, written));
    }

    public ScriptedClient Command(string name, double transaction, uint streamId, params AmfValue[] arguments)
    {
        var writer = new AmfWriter(new byte[70_000]);
        writer.Text(name);
        writer.Number(transaction);
        foreach (var argument in arguments) writer.Value(argument);
        return Message(RtmpMessageType.CommandAmf0, streamId, 0, writer.Written);
    }

    public ScriptedClient Message(RtmpMessageType type, uint streamId, uint timestamp, ReadOnlySpan<byte> payload, int chunkStream = 5)
    {
        Send(ChunkReaderTests.Form0(chunkStream, timestamp, (int)type, payload.ToArray(), streamId));
        return this;
    }

    public ScriptedClient Connect(params AmfProperty[] more) =>
        Command("connect", 1, 0, AmfValue.Structure([new AmfProperty("app", AmfValue.Of("live")), .. more]));

    public ScriptedClient CreateStream() => Command("createStream", 4, 0, AmfValue.Null);

    public ScriptedClient Publish(string name = "7-secret", uint streamId = 1) =>
        Command("publish", 5, streamId, AmfValue.Null, AmfValue.Of(name), AmfValue.Of("live"));

    public static ScriptedClient Publishing() => new ScriptedClient().Connect().CreateStream().Publish();

    public ScriptedClient Data(uint streamId, params AmfValue[] values)
    {
        var writer = new AmfWriter(new byte[200_000]);
        foreach (var value in values) writer.Value(value);
        return Message(RtmpMessageType.DataAmf0, streamId, 0, writer.Written);
    }

    public override string ToString() => new StringBuilder().AppendJoin(", ", Kinds).ToString();

    private void Hear(ReadOnlySpan<byte> bytes)
    {
        var skipped = Math.Min(_toSkip, bytes.Length);
        _toSkip -= skipped;
        bytes = bytes[skipped..];
        while (_answers.Read(ref bytes, out var message) == ChunkReading.Message)
        {
            if (message.Type == RtmpMessageType.CommandAmf0)
            {
                Assert.True(RtmpCommand.TryRead(message.Payload, AmfLimits.Default, out var command, out var error));
                Assert.Equal(AmfError.None, error);
                Answers.Add((command.Name, command.Transaction, command[0], command[1]));
            }
            else
            {
                Controls.Add((message.Type, message.Payload.ToArray()));
            }
        }

        Assert.Equal(ChunkError.None, _answers.Error);
    }
}
