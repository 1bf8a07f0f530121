using System.Buffers.Binary;
using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>What the host says, and how it is said to the client.</summary>
public sealed partial class RtmpServerSession
{
    private const int OutputChunkSize = 4096;
    private const int MaxDescription = 256;
    private const int SmallestWindow = 64 << 10;
    private const int CanForward = 4;

    private readonly byte[] _scratch = new byte[ReplyRoom / 2];
    private long _acknowledged;
    private int _window = 2_500_000;

    // Acknowledgements and pings may be left out, answers may not.
    private bool HasRoomToSpare => _output.Count < ReplyRoom / 2;

    /// <summary>Lets the client connect. False where the session waits for no such answer, or ended meanwhile.</summary>
    public bool AcceptConnect(Instant now)
    {
        if (_pending != Pending.Connect) return false;
        _pending = Pending.Nothing;
        _isConnected = true;
        _timers.Set(RtmpTimer.Command, now + _options.CommandTimeout);
        SendControl(RtmpMessageType.WindowAcknowledgementSize, (uint)_options.WindowBytes);
        Span<byte> bandwidth = stackalloc byte[5];
        BinaryPrimitives.WriteInt32BigEndian(bandwidth, _options.WindowBytes);
        bandwidth[4] = 2; // dynamic
        Send(ChunkWriter.ControlStream, RtmpMessageType.SetPeerBandwidth, 0, bandwidth);
        SendControl(RtmpMessageType.SetChunkSize, OutputChunkSize);
        _writer.ChunkSize = OutputChunkSize;
        SendUserControl(0, 0);

        var writer = new AmfWriter(_scratch);
        writer.Text("_result");
        writer.Number(_requestTransaction);
        writer.BeginObject();
        writer.Property("fmsVer", "FMS/3,5,7,7009");
        writer.Property("capabilities", 31);
        writer.Property("mode", 1);
        writer.End();
        writer.BeginObject();
        WriteStatus(ref writer, "status", "NetConnection.Connect.Success", "The connection is accepted.");
        writer.Property("objectEncoding", _connect!.ObjectEncoding);
        WriteEnhancements(ref writer);
        writer.End();
        SendCommand(0, writer);
        return true;
    }

    /// <summary>Refuses the connection (NetConnection.Connect.Rejected) and ends the session.</summary>
    /// <param name="description">The reason as the client may show it.</param>
    public bool RefuseConnect(string description)
    {
        if (_pending != Pending.Connect) return false;
        SendError(_requestTransaction, "NetConnection.Connect.Rejected", description);
        Fail(RtmpError.Refused);
        return true;
    }

    /// <summary>Lets the client publish. False where the session waits for no such answer, or ended meanwhile: then nothing was published.</summary>
    public bool AcceptPublish(Instant now)
    {
        if (_pending != Pending.Publish) return false;
        _pending = Pending.Nothing;
        ref var stream = ref _streams[Find(_requestStream)];
        stream.State = StreamState.Publishing;
        stream.Publication = _request;
        _request = null;
        _timers.Set(RtmpTimer.Ping, now + _options.PingInterval);
        SendUserControl(0, stream.Id);
        if (_isAnnounced) SendOnFcPublish();
        SendStatus(stream.Id, "status", "NetStream.Publish.Start", "The stream is live.");
        return true;
    }

    /// <summary>Refuses the publication and ends the session, so that the encoder shows an error instead of sending into the void.</summary>
    /// <param name="refusal">The status code.</param>
    /// <param name="description">The reason as the client may show it.</param>
    public bool RefusePublish(RtmpRefusal refusal, string description)
    {
        if (_pending != Pending.Publish) return false;
        SendStatus(_requestStream, "error", CodeOf(refusal), description);
        Fail(RtmpError.Refused);
        return true;
    }

    /// <summary>Ends whatever is published and the session, with a status the client may show.</summary>
    /// <param name="refusal">The status code.</param>
    /// <param name="description">The reason as the client may show it.</param>
    public void End(RtmpRefusal refusal, string description)
    {
        if (_isClosed) return;
        for (var i = 0; i < _streams.Length; i++)
        {
            if (_streams[i].State == StreamState.Publishing) SendStatus(_streams[i].Id, "error", CodeOf(refusal), description);
        }

        Close(RtmpPublishEnd.EndedByHost);
    }

    /// <summary>
    /// Ends whatever is published and the session because the server goes down: a client that can is asked to connect again (Enhanced RTMP v2, "Reconnect
    /// Request"), another is told of the shutdown (NetConnection.Connect.AppShutdown).
    /// </summary>
    /// <param name="description">The reason as the client may show it.</param>
    public void Shutdown(string description)
    {
        if (_isClosed) return;
        if (_isConnected && !RequestReconnect(null, description)) SendStatus(0, "error", "NetConnection.Connect.AppShutdown", description);
        Close(RtmpPublishEnd.EndedByHost);
    }

    /// <summary>
    /// Asks the client to connect again, here or elsewhere, at its next keyframe; the session goes on until the client leaves (Enhanced RTMP
    /// v2, "Reconnect Request"). False where the client never said that it can.
    /// </summary>
    /// <param name="tcUrl">Where to connect; null for the same place.</param>
    /// <param name="description">The reason in words.</param>
    public bool RequestReconnect(string? tcUrl, string description)
    {
        if (_isClosed || Connect is not { } connect || (connect.Capabilities & RtmpCapabilities.Reconnect) == 0) return false;
        var writer = new AmfWriter(_scratch);
        writer.Text("onStatus");
        writer.Number(0);
        writer.Null();
        writer.BeginObject();
        WriteStatus(ref writer, "status", "NetConnection.Connect.ReconnectRequest", description);
        if (tcUrl is not null) writer.Property("tcUrl", tcUrl);
        writer.End();
        SendCommand(0, writer);
        return true;
    }

    private static string CodeOf(RtmpRefusal refusal) => refusal switch
    {
        RtmpRefusal.BadName => "NetStream.Publish.BadName",
        RtmpRefusal.Denied => "NetStream.Publish.Denied",
        RtmpRefusal.Rejected => "NetStream.Publish.Rejected",
        _ => "NetStream.Publish.Failed",
    };

    private void WriteEnhancements(ref AmfWriter writer)
    {
        if (_connect!.Codecs.Count == 0 && _connect.Capabilities == RtmpCapabilities.None) return;
        const RtmpCapabilities all =
            RtmpCapabilities.Reconnect | RtmpCapabilities.Multitrack | RtmpCapabilities.ModEx | RtmpCapabilities.TimestampNanoOffset;
        writer.Property("capsEx", (double)all);
        writer.Name("fourCcList");
        writer.BeginList(_options.VideoFourCcs.Count + _options.AudioFourCcs.Count);
        foreach (var name in _options.VideoFourCcs) writer.Text(name);
        foreach (var name in _options.AudioFourCcs) writer.Text(name);
        writer.Name("videoFourCcInfoMap");
        WriteMap(ref writer, _options.VideoFourCcs);
        writer.Name("audioFourCcInfoMap");
        WriteMap(ref writer, _options.AudioFourCcs);
    }

    private static void WriteMap(ref AmfWriter writer, IReadOnlyList<string> names)
    {
        writer.BeginObject();
        foreach (var name in names) writer.Property(name, CanForward);
        writer.End();
    }

    private static void WriteStatus(ref AmfWriter writer, string level, string code, string description)
    {
        writer.Property("level", level);
        writer.Property("code", code);
        writer.Property("description", description.Length > MaxDescription ? description[..MaxDescription] : description);
    }

    private void SendOnFcPublish()
    {
        var writer = new AmfWriter(_scratch);
        writer.Text("onFCPublish");
        writer.Number(0);
        writer.Null();
        writer.BeginObject();
        WriteStatus(ref writer, "status", "NetStream.Publish.Start", "The stream is live.");
        writer.End();
        SendCommand(0, writer);
    }

    private void SendStatus(uint streamId, string level, string code, string description)
    {
        var writer = new AmfWriter(_scratch);
        writer.Text("onStatus");
        writer.Number(0);
        writer.Null();
        writer.BeginObject();
        WriteStatus(ref writer, level, code, description);
        writer.End();
        SendCommand(streamId, writer);
    }

    private void SendResult(double transaction, AmfValue? value = null)
    {
        if (transaction == 0) return;
        var writer = new AmfWriter(_scratch);
        writer.Text("_result");
        writer.Number(transaction);
        writer.Null();
        writer.Value(value ?? AmfValue.Undefined);
        SendCommand(0, writer);
    }

    private void SendError(double transaction, string code, string description)
    {
        var writer = new AmfWriter(_scratch);
        writer.Text("_error");
        writer.Number(transaction);
        writer.Null();
        writer.BeginObject();
        WriteStatus(ref writer, "error", code, description);
        writer.End();
        SendCommand(0, writer);
    }

    private void SendCommand(uint streamId, in AmfWriter writer)
    {
        if (writer.Overflowed) Fail(RtmpError.OutputOverflow);
        else Send(ChunkWriter.CommandStream, RtmpMessageType.CommandAmf0, streamId, writer.Written);
    }

    private void SendControl(RtmpMessageType type, uint value)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, value);
        Send(ChunkWriter.ControlStream, type, 0, payload);
    }

    private void SendUserControl(ushort type, uint value)
    {
        Span<byte> payload = stackalloc byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(payload, type);
        BinaryPrimitives.WriteUInt32BigEndian(payload[2..], value);
        Send(ChunkWriter.ControlStream, RtmpMessageType.UserControl, 0, payload);
    }

    private void Send(int chunkStream, RtmpMessageType type, uint streamId, ReadOnlySpan<byte> payload)
    {
        if (!_writer.TryWrite(chunkStream, type, streamId, 0, payload)) Fail(RtmpError.OutputOverflow);
    }

    private void Ping(Instant now)
    {
        const ushort pingRequest = 6;
        if (HasRoomToSpare) SendUserControl(pingRequest, (uint)(now - _begun).TotalMilliseconds);
    }

    private void HandleWindow(ReadOnlySpan<byte> payload)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(payload, out var window)) return;
        _window = (int)Math.Clamp(window, SmallestWindow, int.MaxValue);
    }

    // Half a window early: clients that stop at a full window never come to a stop.
    private void Acknowledge()
    {
        if (!_isConnected || BytesReceived - _acknowledged < _window / 2 || !HasRoomToSpare) return;
        _acknowledged = BytesReceived;
        SendControl(RtmpMessageType.Acknowledgement, (uint)BytesReceived);
    }
}
