using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Rtmp.Handshakes;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>
/// One client's connection to an RTMP server, without socket and clock (RTMP 1.0, Enhanced RTMP v2).
/// <para><b>Handle one thing, then take everything, then sleep until <see cref="NextTimeout"/>.</b></para>
/// <para>Media goes to the caller's sink while bytes are handled and allocates nothing in the steady state; all else is an event. Requests
/// stop the reading until the host answers, and so does a full queue of events or output: nothing is buffered beyond its bounds.</para>
/// <para>One thread drives a session. Peer input never throws; it ends in <see cref="Error"/>.</para>
/// </summary>
public sealed partial class RtmpServerSession
{
    private const int OutputLimit = 64 << 10;
    private const int ReplyRoom = 8 << 10;
    private const int MaxEvents = 32;

    private readonly RtmpServerOptions _options;
    private readonly ChunkReader _chunks;
    private readonly OutputQueue _output = new(OutputLimit);
    private readonly ChunkWriter _writer;
    private readonly Queue<RtmpEvent> _events = new();
    private readonly MessageStream[] _streams;
    private readonly Instant _begun;
    private ServerHandshake? _handshake; // null once it is done
    private TimerTable<RtmpTimer> _timers;
    private RtmpConnect? _connect;
    private Pending _pending;
    private bool _isConnected;
    private bool _isAnnounced;
    private bool _isClosed;
    private uint _requestStream;
    private double _requestTransaction;
    private RtmpPublish? _request;

    /// <summary>Begins a session for a connection that was just accepted.</summary>
    /// <param name="options">What to allow.</param>
    /// <param name="seed">Random bits for the handshake; need not be secret.</param>
    /// <param name="now">The time.</param>
    public RtmpServerSession(RtmpServerOptions options, ulong seed, Instant now)
    {
        _options = options;
        _handshake = new ServerHandshake(seed);
        _chunks = new ChunkReader(options.Chunks);
        _writer = new ChunkWriter(_output);
        _streams = new MessageStream[options.MaxStreams];
        _begun = now;
        _timers.Set(RtmpTimer.Handshake, now + options.HandshakeTimeout);
        _timers.Set(RtmpTimer.Idle, now + options.IdleTimeout);
    }

    private enum Pending : byte
    {
        Nothing = 0,
        Connect,
        Publish,
    }

    private enum StreamState : byte
    {
        Free = 0,
        Created,
        Publishing,
    }

    /// <summary>Why the session ended; none while it lives and where it ended well.</summary>
    public RtmpError Error { get; private set; }

    /// <summary>What the client said as it connected; null before.</summary>
    public RtmpConnect? Connect => _isConnected ? _connect : null;

    /// <summary>Bytes handled.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>The last round trip of a ping; zero before the first.</summary>
    public TimeSpan RoundTrip { get; private set; }

    /// <summary>Media messages without bytes, which several encoders send.</summary>
    public long EmptyMessages { get; private set; }

    /// <summary>Media messages that came while nothing was published.</summary>
    public long StrayMessages { get; private set; }

    /// <summary>Media messages, or their rest, that could not be read; each kind was told in an event.</summary>
    public long UnreadableMessages { get; private set; }

    /// <summary>Messages the client began and gave up.</summary>
    public long InterruptedMessages => _chunks.Interrupted;

    /// <summary>The session waits for an answer to a request.</summary>
    public bool IsWaitingForHost => _pending != Pending.Nothing;

    /// <summary>When to call <see cref="HandleTimeout"/>.</summary>
    public Instant NextTimeout => _timers.Next();

    /// <summary>Takes bytes from the client.</summary>
    /// <param name="bytes">What was received; valid during the call.</param>
    /// <param name="now">The time.</param>
    /// <param name="sink">Where media goes.</param>
    /// <param name="consumed">Bytes taken; the caller keeps the rest and gives it again, with what came meanwhile.</param>
    public RtmpProgress Handle(ReadOnlySpan<byte> bytes, Instant now, IRtmpMediaSink sink, out int consumed)
    {
        var rest = bytes;
        var progress = HandleBytes(ref rest, now, sink);
        consumed = bytes.Length - rest.Length;
        BytesReceived += consumed;
        if (consumed == 0 || _isClosed) return progress;
        _timers.Set(RtmpTimer.Idle, now + _options.IdleTimeout);
        Acknowledge();
        return progress;
    }

    /// <summary>Called when <see cref="NextTimeout"/> has passed; calling it early is harmless.</summary>
    public void HandleTimeout(Instant now)
    {
        while (!_isClosed && _timers.TryExpire(now, out var timer))
        {
            switch (timer)
            {
                case RtmpTimer.Handshake:
                    Fail(RtmpError.HandshakeTimeout);
                    break;
                case RtmpTimer.Command:
                    Fail(RtmpError.CommandTimeout);
                    break;
                case RtmpTimer.Idle:
                    Fail(RtmpError.IdleTimeout);
                    break;
                case RtmpTimer.Ping:
                    Ping(now);
                    _timers.Set(RtmpTimer.Ping, now + _options.PingInterval);
                    break;
            }
        }
    }

    /// <summary>The connection was closed by the client or the network.</summary>
    public void HandleClosed() => Close(RtmpPublishEnd.Disconnected);

    /// <summary>Moves bytes for the client into the destination; false where none wait.</summary>
    public bool TryTakeOutput(Span<byte> destination, out int written) => _output.TryTake(destination, out written);

    /// <summary>Takes the next event; false when all were taken.</summary>
    public bool TryTakeEvent(out RtmpEvent @event) => _events.TryDequeue(out @event);

    /// <summary>Adds what handling media touches to a set, the session's own first cache lines aside.</summary>
    public void Gather(ref WorkingSet set)
    {
        set.Add(_events);
        set.Add(_output);
        set.Add(_streams);
        _chunks.Gather(ref set);
    }

    private RtmpProgress HandleBytes(ref ReadOnlySpan<byte> rest, Instant now, IRtmpMediaSink sink)
    {
        if (!_isClosed && _handshake is { } handshake)
        {
            var error = handshake.Handle(ref rest, _output);
            if (error != RtmpError.None) Fail(error);
            else if (!handshake.IsDone) return RtmpProgress.NeedsMore;
            else
            {
                _handshake = null;
                _timers.Stop(RtmpTimer.Handshake);
                _timers.Set(RtmpTimer.Command, now + _options.CommandTimeout);
            }
        }

        while (!_isClosed)
        {
            if (_pending != Pending.Nothing || _events.Count >= MaxEvents || _output.Free < ReplyRoom) return RtmpProgress.Waiting;
            var reading = _chunks.Read(ref rest, out var message);
            if (reading == ChunkReading.NeedsMore) return RtmpProgress.NeedsMore;
            if (reading == ChunkReading.Broken) Fail(RtmpErrors.From(_chunks.Error));
            else HandleMessage(message, now, sink);
        }

        return RtmpProgress.Closed;
    }

    private void HandleMessage(in RtmpMessage message, Instant now, IRtmpMediaSink sink)
    {
        switch (message.Type)
        {
            case RtmpMessageType.Audio or RtmpMessageType.Video:
                HandleMedia(message, sink);
                break;
            case RtmpMessageType.Aggregate:
                HandleAggregate(message, sink);
                break;
            case RtmpMessageType.DataAmf0 or RtmpMessageType.DataAmf3:
                HandleData(message);
                break;
            case RtmpMessageType.CommandAmf0 or RtmpMessageType.CommandAmf3:
                HandleCommand(message, now);
                break;
            case RtmpMessageType.Acknowledgement:
                break;
            case RtmpMessageType.UserControl:
                HandleUserControl(message.Payload, now);
                break;
            case RtmpMessageType.WindowAcknowledgementSize:
                HandleWindow(message.Payload);
                break;
            case RtmpMessageType.SetPeerBandwidth:
                SendControl(RtmpMessageType.WindowAcknowledgementSize, (uint)_options.WindowBytes);
                break;
            default:
                Report(new RtmpUnsupported(message.Type, TagError.None, default, 0));
                break;
        }
    }

    private void Fail(RtmpError error)
    {
        if (_isClosed) return;
        Error = error;
        Close(RtmpPublishEnd.Failed);
    }

    private void Close(RtmpPublishEnd end)
    {
        if (_isClosed) return;
        _isClosed = true;
        _pending = Pending.Nothing;
        _timers = default;
        for (var i = 0; i < _streams.Length; i++)
        {
            EndPublication(ref _streams[i], end);
        }

        _events.Enqueue(new RtmpEvent(RtmpEventKind.Closed));
    }

    private bool EndPublication(ref MessageStream stream, RtmpPublishEnd end)
    {
        if (stream.State != StreamState.Publishing) return false;
        _events.Enqueue(new RtmpEvent(RtmpEventKind.PublishEnded, stream.Id, Publish: stream.Publication, End: end));
        stream.State = StreamState.Created;
        stream.Publication = null;
        return true;
    }

    private struct MessageStream
    {
        public uint Id;
        public StreamState State;
        public RtmpPublish? Publication;
    }
}
