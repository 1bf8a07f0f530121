using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Inputs.Rtmp;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Wire;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>The input of RTMP without sockets and in time that the test moves; the gate answers what the test says.</summary>
internal sealed class RtmpLab
{
    public RtmpLab(long maxBitrate = 0)
    {
        Channels.StreamEnded += stream => Ended.Enqueue(stream);
        var resources = new TrackResources(TrackResources.MakeSlab(64 << 20));
        var clock = new WallClock(Instant.Zero, NtpTime.FromUtc(new DateTime(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc)));
        Input = new RtmpInput((request, _) => ValueTask.FromResult(Gate(request)), Channels, resources, () => new RtmpInputOptions { MaxBitrate = maxBitrate },
            clock, TimeProvider.System, new LoggerFactory([Log]).CreateLogger<RtmpInput>());
    }

    public LiveChannels Channels { get; } = new();

    public KeptLog Log { get; } = new();

    public RtmpInput Input { get; }

    public ConcurrentQueue<LiveStream> Ended { get; } = new();

    public Func<RtmpRequest, RtmpAnswer> Gate { get; set; } = _ => RtmpAnswer.Granted;

    public Instant Now { get; set; } = Instant.FromMilliseconds(10_000);

    public LiveStream? Live => Channels.Find("room")?.Stream;

    public LabPublisher Connect(string name = "room-secret", string app = "live", uint host = 1, RtmpCapabilities capabilities = RtmpCapabilities.None) =>
        new(this, new RtmpClientOptions(app, name, $"rtmp://lab/{app}") { Capabilities = capabilities }, host);

    /// <summary>A publisher that is let in.</summary>
    public LabPublisher Publish(string name = "room-secret", uint host = 1, RtmpCapabilities capabilities = RtmpCapabilities.None)
    {
        var publisher = Connect(name, host: host, capabilities: capabilities);
        publisher.Pump();
        Assert.True(publisher.Client.IsPublishing, string.Join("; ", publisher.Told));
        return publisher;
    }

    /// <summary>A publisher that is let in and whose stream is on, with a picture and a sound.</summary>
    public LabPublisher GoLive(out LiveStream stream, uint host = 1)
    {
        var publisher = Publish(host: host);
        publisher.Begin();
        publisher.Picture(0, isKey: true);
        publisher.Sound(0);
        stream = Live!;
        return publisher;
    }
}

/// <summary>An encoder on a wire of memory.</summary>
internal sealed class LabPublisher : IStreamConnection
{
    private readonly RtmpLab _lab;
    private readonly byte[] _buffer = new byte[64 << 10];
    private readonly byte[] _message = new byte[256 << 10];
    private byte[] _rest = [];
    private readonly object _wakes = new();
    private bool _isWoken;
    private bool _wasLetIn;

    public LabPublisher(RtmpLab lab, RtmpClientOptions options, uint host)
    {
        _lab = lab;
        Remote = NetworkAddress.FromIPv4(0x0a000000 + host, 40_000);
        Client = new RtmpClientSession(options, 7, lab.Now);
        Server = lab.Input.Accept(lab.Now, this);
    }

    public NetworkAddress Remote { get; }

    public RtmpClientSession Client { get; }

    public IStreamSession Server { get; }

    public List<RtmpClientEvent> Told { get; } = [];

    public string Words => string.Join(" ", Told.Select(t => t.Description));

    public void Wake()
    {
        lock (_wakes)
        {
            _isWoken = true;
            Monitor.PulseAll(_wakes);
        }
    }

    /// <summary>Moves bytes both ways until nothing moves; waits for the gate where the server does.</summary>
    public void Pump()
    {
        while (true)
        {
            var moved = false;
            while (Client.TryTakeOutput(_buffer, out var written))
            {
                moved = true;
                _rest = [.. _rest, .. _buffer.AsSpan(0, written)];
            }

            if (_rest.Length > 0 && !Server.IsOver)
            {
                var taken = Server.Handle(_lab.Now, _rest);
                moved |= taken > 0;
                _rest = _rest[taken..];
            }

            while (Server.TryTakeOutput(_buffer, out var answered))
            {
                moved = true;
                Client.Handle(_buffer.AsSpan(0, answered), out _);
            }

            while (Client.TryTakeEvent(out var told)) Told.Add(told);
            if (moved) continue;
            _wasLetIn |= Client.IsPublishing;
            if (!_wasLetIn && !Server.IsOver && Client.Error == RtmpError.None)
            {
                Assert.True(TakeWake(TimeSpan.FromSeconds(20)), "The gate answers.");
                Server.HandleTimeout(_lab.Now);
                continue;
            }

            if (!TakeWake(TimeSpan.Zero)) return;
            Server.HandleTimeout(_lab.Now);
        }
    }

    private bool TakeWake(TimeSpan patience)
    {
        lock (_wakes)
        {
            if (!_isWoken) Monitor.Wait(_wakes, patience);
            var was = _isWoken;
            _isWoken = false;
            return was;
        }
    }

    /// <summary>Lets time pass.</summary>
    public void Pass(int milliseconds)
    {
        _lab.Now += TimeSpan.FromMilliseconds(milliseconds);
        Server.HandleTimeout(_lab.Now);
        Pump();
    }

    /// <summary>Sends a tag and lets it arrive.</summary>
    public void Send(in MediaTag tag)
    {
        Assert.True(TagWriter.TryWrite(tag, _message, out var written));
        Client.TrySendMedia(tag.Kind, tag.Timestamp, _message.AsSpan(0, written));
        Pump();
    }

    public void SendMetadata(params (string Name, double Value)[] values)
    {
        Assert.True(Client.TrySendMetadata(AmfValue.NamedArray([.. values.Select(v => new AmfProperty(v.Name, AmfValue.Of(v.Value)))])));
        Pump();
    }

    public void SendData(long timestamp, string name, AmfValue value)
    {
        Assert.True(Client.TrySendData(timestamp, name, value));
        Pump();
    }

    /// <summary>Sends a message as it is.</summary>
    public void SendRaw(Protocols.Media.MediaKind kind, long timestamp, ReadOnlySpan<byte> message)
    {
        Client.TrySendMedia(kind, timestamp, message);
        Pump();
    }

    public void Configure(RtmpCodec codec, string record, byte track = 0) => Send(new MediaTag
    {
        Kind = RtmpCodecs.KindOf(codec), Codec = codec, PacketType = TagPacketType.SequenceStart, Track = track,
        FrameType = RtmpCodecs.KindOf(codec) == Protocols.Media.MediaKind.Video ? TagFrameType.Key : TagFrameType.None, Payload = Convert.FromHexString(record),
    });

    public void Frame(RtmpCodec codec, long timestamp, ReadOnlySpan<byte> payload, bool isKey = true, int offset = 0, byte track = 0, int nanoseconds = 0) => Send(new MediaTag
    {
        Kind = RtmpCodecs.KindOf(codec), Codec = codec, PacketType = TagPacketType.CodedFrames, Timestamp = timestamp, CompositionOffset = offset, Track = track,
        NanosecondOffset = nanoseconds,
        FrameType = RtmpCodecs.KindOf(codec) != Protocols.Media.MediaKind.Video ? TagFrameType.None : isKey ? TagFrameType.Key : TagFrameType.Inter, Payload = payload,
    });

    /// <summary>H.264 baseline and AAC at 48 kHz, as nearly every encoder begins.</summary>
    public void Begin(bool withSound = true, string record = LabMedia.Baseline)
    {
        Configure(RtmpCodec.Avc, record);
        if (withSound) Configure(RtmpCodec.Aac, LabMedia.Aac);
    }

    public void Picture(long timestamp, bool isKey = false, int offset = 0, int nanoseconds = 0) =>
        Frame(RtmpCodec.Avc, timestamp, isKey ? LabMedia.Idr : LabMedia.Slice, isKey, offset, nanoseconds: nanoseconds);

    public void Sound(long timestamp) => Frame(RtmpCodec.Aac, timestamp, LabMedia.AacFrame);
}

/// <summary>The smallest media that is told apart from damage.</summary>
internal static class LabMedia
{
    public const string Baseline = "0142c00affe1001567" + "42c00ada11ec0440000003004000000523c489a8" + "01000468ce0fc8";
    public const string Main = "014d400affe1001767" + "4d400aeca23d8088000003000800000300a078912cb0" + "01000468ce0fc8";
    public const string Hevc = "0101600000009000000000001ef000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003001eba0240a1000100274201010160000003009000"
        + "0003000003001ea02083165ba4a4c2f0168080000003008000000504a2000100064401c073c089";
    public const string Aac = "1190";
    public static readonly byte[] Idr = Unit("6588841122");
    public static readonly byte[] Slice = Unit("419a221133");
    public static readonly byte[] HevcKey = Unit("2601af1122");
    public static readonly byte[] Av1Key = Convert.FromHexString("12000a0d20000002aff79b5f2404340080320414002233");
    public static readonly byte[] Vp9Key = Convert.FromHexString("a2498342e003f002f60838241c184a0004207cb17adfcbf1");
    public static readonly byte[] AacFrame = Convert.FromHexString("2110049f11223344");
    public static readonly byte[] OpusFrame = Convert.FromHexString("fc0102030405");

    private static byte[] Unit(string nal) => [0, 0, 0, (byte)(nal.Length / 2), .. Convert.FromHexString(nal)];
}

/// <summary>Reads a track's frames as they come.</summary>
internal static class LabFrames
{
    public static List<(long DecodeTime, int Offset, FrameFlags Flags, int Length)> Take(FrameCursor cursor)
    {
        var taken = new List<(long, int, FrameFlags, int)>();
        while (cursor.TryTake(out var frame)) taken.Add((frame.DecodeTime, frame.CompositionOffset, frame.Flags, frame.Payload.Length));
        return taken;
    }
}

/// <summary>What a client would send, kept as bytes.</summary>
internal static class RtmpWire
{
    public static byte[] Of(RtmpClientSession client, Protocols.Media.MediaKind kind, long timestamp, ReadOnlySpan<byte> message)
    {
        Assert.True(client.TrySendMedia(kind, timestamp, message));
        var buffer = new byte[4096];
        Assert.True(client.TryTakeOutput(buffer, out var written) && !client.TryTakeOutput(buffer.AsSpan(written), out _), "It fits.");
        return buffer[..written];
    }
}
