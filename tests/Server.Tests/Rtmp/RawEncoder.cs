using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Wire;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>An encoder on a real connection that says exactly what it is told to, in any order.</summary>
internal sealed class RawEncoder : IDisposable
{
    private const int HandshakeBytes = 1 + 2 * 1536;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 40_000 };
    private readonly byte[] _buffer = new byte[64 << 10];
    private readonly ChunkReader _answers = new(ChunkLimits.Default);
    private int _toSkip = HandshakeBytes;

    public RawEncoder(int port)
    {
        _socket.Connect(IPAddress.Loopback, port);
        _socket.Send([3, .. new byte[2 * 1536]]);
        Message(RtmpMessageType.SetChunkSize, 0, 0, [0, 1, 0, 0]);
    }

    /// <summary>The status codes and words the server has said.</summary>
    public List<(string Code, string Words)> Told { get; } = [];

    public RawEncoder Connect() => Command("connect", 1, 0, AmfValue.Structure(new AmfProperty("app", AmfValue.Of("live"))));

    public RawEncoder Command(string name, double transaction, uint streamId, params AmfValue[] arguments)
    {
        var writer = new AmfWriter(new byte[4096]);
        writer.Text(name);
        writer.Number(transaction);
        foreach (var argument in arguments) writer.Value(argument);
        return Message(RtmpMessageType.CommandAmf0, streamId, 0, writer.Written);
    }

    /// <summary>Says something of a stream by its name, as releaseStream and its like do.</summary>
    public RawEncoder Name(string command, double transaction, string name) => Command(command, transaction, 0, AmfValue.Null, AmfValue.Of(name));

    public RawEncoder Publish(string key, uint streamId = 1) => Command("publish", 9, streamId, AmfValue.Null, AmfValue.Of(key), AmfValue.Of("live"));

    public RawEncoder Metadata(uint streamId, params (string Name, double Value)[] values)
    {
        var writer = new AmfWriter(new byte[4096]);
        writer.Text("@setDataFrame");
        writer.Text("onMetaData");
        writer.Value(AmfValue.NamedArray([.. values.Select(v => new AmfProperty(v.Name, AmfValue.Of(v.Value)))]));
        return Message(RtmpMessageType.DataAmf0, streamId, 0, writer.Written);
    }

    public RawEncoder Video(uint timestamp, ReadOnlySpan<byte> message, uint streamId = 1) => Message(RtmpMessageType.Video, streamId, timestamp, message);

    public RawEncoder Audio(uint timestamp, ReadOnlySpan<byte> message, uint streamId = 1) => Message(RtmpMessageType.Audio, streamId, timestamp, message);

    /// <summary>H.264 baseline and AAC, and the first keyframe.</summary>
    public RawEncoder Begin(uint timestamp = 0, uint streamId = 1) => Video(timestamp, [0x17, 0, 0, 0, 0, .. Convert.FromHexString(LabMedia.Baseline)], streamId)
        .Audio(timestamp, [0xaf, 0, .. Convert.FromHexString(LabMedia.Aac)], streamId)
        .Video(timestamp, [0x17, 1, 0, 0, 0, .. LabMedia.Idr], streamId);

    public RawEncoder Message(RtmpMessageType type, uint streamId, uint timestamp, ReadOnlySpan<byte> payload)
    {
        _socket.Send(Chunk(type, streamId, timestamp, payload));
        return this;
    }

    /// <summary>A message in one chunk.</summary>
    public static byte[] Chunk(RtmpMessageType type, uint streamId, uint timestamp, ReadOnlySpan<byte> payload)
    {
        var isLong = timestamp >= 0xffffff;
        var chunk = new byte[12 + (isLong ? 4 : 0) + payload.Length];
        chunk[0] = 5;
        var shown = isLong ? 0xffffff : timestamp;
        (chunk[1], chunk[2], chunk[3]) = ((byte)(shown >> 16), (byte)(shown >> 8), (byte)shown);
        (chunk[4], chunk[5], chunk[6]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length);
        chunk[7] = (byte)type;
        BinaryPrimitives.WriteUInt32LittleEndian(chunk.AsSpan(8), streamId);
        if (isLong) BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(12), timestamp);
        payload.CopyTo(chunk.AsSpan(chunk.Length - payload.Length));
        return chunk;
    }

    /// <summary>Sends bytes until the server has had enough.</summary>
    public void SendForEver(byte[] bytes)
    {
        try
        {
            while (_socket.Send(bytes) > 0)
            {
                // As fast as they are taken.
            }
        }
        catch (SocketException)
        {
            // The server hung up.
        }
    }

    /// <summary>Hangs up without a word.</summary>
    public void HangUp() => _socket.Shutdown(SocketShutdown.Both);

    /// <summary>Reads what the server says until it says this, or hangs up.</summary>
    public bool Hears(string code)
    {
        while (!Told.Exists(t => t.Code == code))
        {
            int read;
            try
            {
                read = _socket.Receive(_buffer);
            }
            catch (SocketException)
            {
                return false;
            }

            if (read == 0) return false;
            Hear(_buffer.AsSpan(0, read));
        }

        return true;
    }

    public void Dispose() => _socket.Dispose();

    private void Hear(ReadOnlySpan<byte> bytes)
    {
        var skipped = Math.Min(_toSkip, bytes.Length);
        _toSkip -= skipped;
        bytes = bytes[skipped..];
        while (_answers.Read(ref bytes, out var message) == ChunkReading.Message)
        {
            if (message.Type != RtmpMessageType.CommandAmf0 || !RtmpCommand.TryRead(message.Payload, AmfLimits.Default, out var command, out _)) continue;
            if (command[1]["code"].Text is { Length: > 0 } code) Told.Add((code, command[1]["description"].Text));
        }
    }
}
