using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Rtmp.Handshakes;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>
/// A publishing client without socket and clock: handshake, connect, createStream, publish, then media until <see cref="Unpublish"/>.
/// <para><b>Handle one thing, then take everything, then sleep until <see cref="NextTimeout"/>.</b></para>
/// <para>One thread drives it. What the server sends never throws; it ends in <see cref="Error"/>.</para>
/// </summary>
public sealed class RtmpClientSession
{
    private const int ConnectTransaction = 1;
    private const int CreateTransaction = 4;
    private const int PublishTransaction = 5;
    private const int MaxEvents = 32;
    private const int ScratchLength = 4096;

    private static readonly ChunkLimits Limits = new(16, 1 << 20, 2 << 20);

    private readonly RtmpClientOptions _options;
    private readonly ClientHandshake _handshake;
    private readonly ChunkReader _chunks = new(Limits);
    private readonly OutputQueue _output;
    private readonly ChunkWriter _writer;
    private readonly Queue<RtmpClientEvent> _events = new();
    private readonly byte[] _scratch = new byte[ScratchLength];
    private Instant _deadline;
    private uint _streamId;
    private bool _isClosed;
    private long _received;
    private long _acknowledged;
    private uint _window = 2_500_000;

    /// <summary>Begins a session on a connection that was just made; the first bytes wait to be taken.</summary>
    /// <param name="options">What to ask for.</param>
    /// <param name="seed">Random bits for the handshake; need not be secret.</param>
    /// <param name="now">The time.</param>
    public RtmpClientSession(RtmpClientOptions options, ulong seed, Instant now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ChunkSize, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ChunkSize, 0xffffff, nameof(options));
        _options = options;
        _handshake = new ClientHandshake(seed, options.DigestScheme);
        _output = new OutputQueue(options.OutputLimit);
        _writer = new ChunkWriter(_output);
        _deadline = now + options.Timeout;
        _handshake.Begin(_output);
    }

    /// <summary>Why the session ended; none while it lives and where it ended well.</summary>
    public RtmpError Error { get; private set; }

    /// <summary>The server lets us publish.</summary>
    public bool IsPublishing { get; private set; }

    /// <summary>The server proved in the handshake that it knows the digest.</summary>
    public bool ServerSigned => _handshake.ServerSigned;

    /// <summary>Bytes that wait for the network.</summary>
    public int OutputCount => _output.Count;

    /// <summary>When to call <see cref="HandleTimeout"/>.</summary>
    public Instant NextTimeout => _deadline;

    /// <summary>Takes bytes from the server.</summary>
    /// <param name="bytes">What was received.</param>
    /// <param name="consumed">Bytes taken; the rest is to be given again once events were taken.</param>
    public RtmpProgress Handle(ReadOnlySpan<byte> bytes, out int consumed)
    {
        var rest = bytes;
        var progress = HandleBytes(ref rest);
        consumed = bytes.Length - rest.Length;
        _received += consumed;
        if (!_isClosed && _handshake.IsDone && _received - _acknowledged >= _window / 2)
        {
            _acknowledged = _received;
            SendControl(RtmpMessageType.Acknowledgement, (uint)_received);
        }

        return progress;
    }

    /// <summary>Called when <see cref="NextTimeout"/> has passed; calling it early is harmless.</summary>
    public void HandleTimeout(Instant now)
    {
        if (_deadline.IsDue(now)) Close(RtmpError.CommandTimeout);
    }

    /// <summary>The connection was closed by the server or the network.</summary>
    public void HandleClosed() => Close(RtmpError.None);

    /// <summary>Moves bytes for the server into the destination; false where none wait.</summary>
    public bool TryTakeOutput(Span<byte> destination, out int written) => _output.TryTake(destination, out written);

    /// <summary>Takes the next event; false when all were taken.</summary>
    public bool TryTakeEvent(out RtmpClientEvent @event) => _events.TryDequeue(out @event);

    /// <summary>Sends a media message as <see cref="Tags.TagWriter"/> makes it. False, and nothing sent, before publishing and where too much waits.</summary>
    /// <param name="kind">Audio or video.</param>
    /// <param name="timestamp">Milliseconds.</param>
    /// <param name="message">The message.</param>
    public bool TrySendMedia(MediaKind kind, long timestamp, ReadOnlySpan<byte> message) => IsPublishing && (kind == MediaKind.Audio
        ? _writer.TryWrite(ChunkWriter.AudioStream, RtmpMessageType.Audio, _streamId, timestamp, message)
        : _writer.TryWrite(ChunkWriter.VideoStream, RtmpMessageType.Video, _streamId, timestamp, message));

    /// <summary>Sends onMetaData. False as for media, and where the values do not fit in 4 kB.</summary>
    public bool TrySendMetadata(AmfValue values) => TrySendData(0, "@setDataFrame", AmfValue.Of("onMetaData"), values);

    /// <summary>Sends a data message: a name and its values. False as for metadata.</summary>
    /// <param name="timestamp">Milliseconds.</param>
    /// <param name="name">The message, such as <c>onTextData</c>.</param>
    /// <param name="values">What it says.</param>
    public bool TrySendData(long timestamp, string name, params ReadOnlySpan<AmfValue> values)
    {
        if (!IsPublishing) return false;
        var writer = new AmfWriter(_scratch);
        writer.Text(name);
        foreach (var value in values) writer.Value(value);
        return !writer.Overflowed && _writer.TryWrite(ChunkWriter.DataStream, RtmpMessageType.DataAmf0, _streamId, timestamp, writer.Written);
    }

    /// <summary>Ends the publication and the session; the farewell waits to be taken.</summary>
    public void Unpublish()
    {
        if (IsPublishing)
        {
            SendCall("FCUnpublish", 6, _options.StreamName);
            var writer = new AmfWriter(_scratch);
            writer.Text("deleteStream");
            writer.Number(7);
            writer.Null();
            writer.Number(_streamId);
            SendCommand(0, writer);
        }

        Close(RtmpError.None);
    }

    private RtmpProgress HandleBytes(ref ReadOnlySpan<byte> rest)
    {
        if (!_isClosed && !_handshake.IsDone)
        {
            var error = _handshake.Handle(ref rest, _output);
            if (error != RtmpError.None) Close(error);
            else if (!_handshake.IsDone) return RtmpProgress.NeedsMore;
            else SendConnect();
        }

        while (!_isClosed)
        {
            if (_events.Count >= MaxEvents) return RtmpProgress.Waiting;
            var reading = _chunks.Read(ref rest, out var message);
            if (reading == ChunkReading.NeedsMore) return RtmpProgress.NeedsMore;
            if (reading == ChunkReading.Broken) Close(RtmpErrors.From(_chunks.Error));
            else HandleMessage(message);
        }

        return RtmpProgress.Closed;
    }

    private void HandleMessage(in RtmpMessage message)
    {
        switch (message.Type)
        {
            case RtmpMessageType.CommandAmf0 or RtmpMessageType.CommandAmf3:
                if (RtmpCommand.TryRead(message.Payload, AmfLimits.Default, out var command, out _)) HandleCommand(command);
                else Close(RtmpError.BadCommand);
                break;
            case RtmpMessageType.WindowAcknowledgementSize when message.Payload.Length >= 4:
                _window = Math.Max(64 << 10, BinaryPrimitives.ReadUInt32BigEndian(message.Payload));
                break;
            case RtmpMessageType.UserControl when message.Payload is [0, 6, _, _, _, _, ..]:
                Span<byte> pong = stackalloc byte[6];
                message.Payload[..6].CopyTo(pong);
                pong[1] = 7;
                _writer.TryWrite(ChunkWriter.ControlStream, RtmpMessageType.UserControl, 0, 0, pong);
                break;
        }
    }

    private void HandleCommand(in RtmpCommand command)
    {
        var status = command[1];
        switch (command.Name)
        {
            case "_result" when command.Transaction == ConnectTransaction:
                Tell(RtmpClientEventKind.Connected, status);
                SendCall("releaseStream", 2, _options.StreamName);
                SendCall("FCPublish", 3, _options.StreamName);
                SendCall("createStream", CreateTransaction, null);
                break;
            case "_result" when command.Transaction == CreateTransaction:
                _streamId = status.Number is >= 0 and <= uint.MaxValue ? (uint)status.Number : 0;
                SendPublish();
                break;
            case "_error" when command.Transaction is ConnectTransaction or CreateTransaction or PublishTransaction:
                Tell(RtmpClientEventKind.Status, status);
                Close(RtmpError.RefusedByServer);
                break;
            case "onStatus":
                HandleStatus(status);
                break;
        }
    }

    private void HandleStatus(AmfValue status)
    {
        switch (status["code"].Text)
        {
            case "NetStream.Publish.Start" when !IsPublishing:
                IsPublishing = true;
                _deadline = Instant.Never;
                Tell(RtmpClientEventKind.Publishing, status);
                break;
            case "NetConnection.Connect.ReconnectRequest":
                Tell(RtmpClientEventKind.ReconnectRequested, status);
                break;
            default:
                Tell(RtmpClientEventKind.Status, status);
                if (status["level"].Text == "error") Close(RtmpError.RefusedByServer);
                break;
        }
    }

    private void SendConnect()
    {
        if (_options.ChunkSize != ChunkReader.InitialChunkSize) SendControl(RtmpMessageType.SetChunkSize, (uint)_options.ChunkSize);
        _writer.ChunkSize = _options.ChunkSize;
        var writer = new AmfWriter(_scratch);
        writer.Text("connect");
        writer.Number(ConnectTransaction);
        writer.BeginObject();
        writer.Property("app", _options.App);
        writer.Property("type", "nonprivate");
        writer.Property("flashVer", _options.Software);
        writer.Property("tcUrl", _options.TcUrl);
        if (_options.FourCcs.Count > 0)
        {
            writer.Name("fourCcList");
            writer.BeginList(_options.FourCcs.Count);
            foreach (var name in _options.FourCcs) writer.Text(name);
        }

        if (_options.Capabilities != RtmpCapabilities.None) writer.Property("capsEx", (double)_options.Capabilities);
        writer.End();
        SendCommand(0, writer);
    }

    private void SendCall(string name, double transaction, string? argument)
    {
        var writer = new AmfWriter(_scratch);
        writer.Text(name);
        writer.Number(transaction);
        writer.Null();
        if (argument is not null) writer.Text(argument);
        SendCommand(0, writer);
    }

    private void SendPublish()
    {
        var writer = new AmfWriter(_scratch);
        writer.Text("publish");
        writer.Number(PublishTransaction);
        writer.Null();
        writer.Text(_options.StreamName);
        writer.Text("live");
        SendCommand(_streamId, writer);
    }

    private void SendCommand(uint streamId, in AmfWriter writer)
    {
        if (writer.Overflowed || !_writer.TryWrite(ChunkWriter.CommandStream, RtmpMessageType.CommandAmf0, streamId, 0, writer.Written))
        {
            Close(RtmpError.OutputOverflow);
        }
    }

    private void SendControl(RtmpMessageType type, uint value)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, value);
        _writer.TryWrite(ChunkWriter.ControlStream, type, 0, 0, payload);
    }

    private void Tell(RtmpClientEventKind kind, AmfValue status) =>
        _events.Enqueue(new RtmpClientEvent(kind, status["code"].Text, status["description"].Text, status["tcUrl"].Text));

    private void Close(RtmpError error)
    {
        if (_isClosed) return;
        _isClosed = true;
        IsPublishing = false;
        Error = error;
        _deadline = Instant.Never;
        _events.Enqueue(new RtmpClientEvent(RtmpClientEventKind.Closed));
    }
}
