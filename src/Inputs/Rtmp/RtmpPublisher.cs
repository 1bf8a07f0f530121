using Sluice.Control.Live;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Rtmp;

/// <summary>
/// One publisher: a connection whose media goes into the frames of one live stream. The session with its requests is here, tracks and streams are in
/// <c>RtmpPublisher.Media.cs</c>. One thread drives it; <see cref="Close(StreamEnd)"/> may come from any.
/// </summary>
internal sealed partial class RtmpPublisher : IStreamSession, IRtmpMediaSink
{
    private const int MaxVendor = 128;
    private const int MaxNotes = 8;
    private const int SessionLines = 6;

    private readonly RtmpInput _input;
    private readonly IStreamConnection _connection;
    private readonly RtmpInputOptions _options;
    private readonly RtmpServerSession _session;
    private WorkingSet _set;
    private LiveChannel? _channel;
    private string _asked = "";
    private RtmpAnswer? _answer;
    private StreamEnd _reason;
    private int _closing;
    private string? _refusal;
    private bool _isOver;
    private int _notes;

    public RtmpPublisher(RtmpInput input, IStreamConnection connection, string protocol, RtmpInputOptions options, ulong seed, Instant now)
    {
        _input = input;
        _connection = connection;
        Protocol = protocol;
        _options = options;
        _session = new RtmpServerSession(RtmpServerOptions.Default, seed, now);
        _timeline = new PublisherTimeline(input.Clock);
        _meter = new BitrateMeter(now);
    }

    public string Protocol { get; }

    public string Vendor { get; private set; } = "";

    public PublisherIdentity Identity { get; private set; } = PublisherIdentity.Unknown;

    public TimeSpan RoundTrip => _session.RoundTrip;

    public bool IsOver => _isOver;

    public Instant NextTimeout => Instant.Min(Instant.Min(_session.NextTimeout, _figuresBy), Instant.Min(_startBy, _silentBy));

    public int Handle(Instant now, ReadOnlySpan<byte> bytes)
    {
        _now = now;
        var taken = 0;
        while (true)
        {
            var progress = _session.Handle(bytes[taken..], now, this, out var consumed);
            taken += consumed;
            var told = TakeEvents(now);
            if (_refusal is not null) Refuse(now);

            // A request was answered, or the events were full: the session goes on at once.
            if (progress != RtmpProgress.Waiting || _session.IsWaitingForHost || (consumed == 0 && !told)) break;
        }

        if (_channel is not null && !_isOver) Meter(now, taken);
        Deliver(now);
        return _isOver ? bytes.Length : taken;
    }

    public void HandleTimeout(Instant now)
    {
        _now = now;
        if (Interlocked.Exchange(ref _answer, null) is { } answer) HandleAnswer(answer, now);
        if (Volatile.Read(ref _closing) != 0 && !_isOver) HandleClose(now);
        _session.HandleTimeout(now);
        TakeEvents(now);
        if (_figuresBy.IsDue(now)) RollFigures(now);
        if (_silentBy.IsDue(now)) HandleSilence(now);
        if (_startBy.IsDue(now)) ConsiderStart(now, isLate: true);
        Deliver(now);
    }

    public void HandleClosed(Instant now)
    {
        _now = now;
        _session.HandleClosed();
        TakeEvents(now);
    }

    public bool TryTakeOutput(Span<byte> destination, out int written) => _session.TryTakeOutput(destination, out written);

    public void Fetch(int step)
    {
        if (step == 0)
        {
            Prefetch.Lines(_session, SessionLines);
            _set.FetchList();
        }
        else if (step == 1)
        {
            _set.Fetch();
        }
        else
        {
            foreach (var track in _tracks) track.FetchHead();
        }
    }

    /// <summary>Ends the publication from our side. Any thread.</summary>
    public void Close(StreamEnd reason)
    {
        if (Interlocked.CompareExchange(ref _closing, (int)reason, 0) == 0) _connection.Wake();
    }

    /// <summary>The same for one stream's publication, unless the publisher has begun another since.</summary>
    public void Close(RtmpPublication publication, StreamEnd reason)
    {
        if (ReferenceEquals(Volatile.Read(ref _publication), publication)) Close(reason);
    }

    private bool TakeEvents(Instant now)
    {
        var any = false;
        while (_session.TryTakeEvent(out var happened))
        {
            any = true;
            switch (happened.Kind)
            {
                case RtmpEventKind.ConnectRequested:
                    Vendor = happened.Connect!.Software.Length > MaxVendor ? happened.Connect.Software[..MaxVendor] : happened.Connect.Software;
                    Identity = PublisherIdentity.Of(_connection.Remote, Vendor);
                    _session.AcceptConnect(now);
                    break;
                case RtmpEventKind.PublishRequested:
                    HandleRequest(happened.Publish!);
                    break;
                case RtmpEventKind.Metadata:
                    HandleMetadata(happened.Value);
                    FollowMetadata(happened.Value, happened.Timestamp);
                    break;
                case RtmpEventKind.Message:
                    HandleNote(happened.Name, happened.Value, happened.Timestamp);
                    break;
                case RtmpEventKind.Unsupported:
                    HandleUnsupported(happened.Unsupported);
                    break;
                case RtmpEventKind.PublishEnded:
                    if (_reason == StreamEnd.None) _reason = happened.End == RtmpPublishEnd.Unpublished ? StreamEnd.Stopped : StreamEnd.Lost;
                    EndPublication();
                    break;
                case RtmpEventKind.Closed:
                    _isOver = true;
                    EndPublication();
                    var end = RtmpErrors.Describe(_session.Error);
                    _input.LogConnectionEnded(_connection.Remote, end);
                    break;
            }
        }

        return any;
    }

    private void HandleRequest(RtmpPublish publish)
    {
        if (_channel is not null)
        {
            _session.RefusePublish(RtmpRefusal.BadName, "A connection carries one publication here; connect once for each channel.");
            return;
        }

        var (channelId, key) = RtmpNames.Read(publish);
        _asked = channelId;
        var request = new RtmpRequest(channelId, key, _connection.Remote, Protocol, Identity);
        ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Publisher.AskAsync(state.Request), (Publisher: this, Request: request), preferLocal: false);
    }

    private async Task AskAsync(RtmpRequest request)
    {
        Volatile.Write(ref _answer, await _input.AskAsync(request, _options.AdmissionWait));
        _connection.Wake();
    }

    private void HandleAnswer(RtmpAnswer answer, Instant now)
    {
        if (!answer.IsGranted)
        {
            if (answer.IsKnownChannel)
            {
                _input.LogRefused(_connection.Remote, _asked, answer.Reason);
                _input.Channels.Open(_asked).NoteRefusal(new PublishRefusal(_input.UtcNow, Protocol, answer.Reason));
            }

            _session.RefusePublish(answer.Refusal, answer.Reason);
            return;
        }

        if (!_session.AcceptPublish(now)) return;
        _channel = _input.Channels.Open(_asked);
        _input.Remember(this, _asked);
        _meter = new BitrateMeter(now);
        _silentBy = now + _options.SilenceLimit;
        _input.LogAccepted(_asked, _connection.Remote, Vendor);
    }

    private void HandleClose(Instant now)
    {
        var reason = (StreamEnd)Volatile.Read(ref _closing);
        if (_reason == StreamEnd.None) _reason = reason;
        if (reason == StreamEnd.Shutdown) _session.Shutdown(Describe(reason));
        else if (_channel is null) _session.RefusePublish(RtmpRefusal.Denied, Describe(reason));
        else _session.End(reason == StreamEnd.TakenOver ? RtmpRefusal.BadName : RtmpRefusal.Denied, Describe(reason));
        TakeEvents(now);
    }

    // The connection lives, and answers pings even; but there is nothing to see.
    private void HandleSilence(Instant now)
    {
        _silentBy = Instant.Never;
        if (_channel is null || _isOver) return;
        _reason = StreamEnd.Lost;
        _session.End(RtmpRefusal.Failed, "No sound and no picture came for a while; start the stream again.");
        TakeEvents(now);
    }

    private void HandleUnsupported(in RtmpUnsupported unsupported)
    {
        var isMedia = unsupported.MessageType is Protocols.Rtmp.Chunks.RtmpMessageType.Audio or Protocols.Rtmp.Chunks.RtmpMessageType.Video;
        if (isMedia && unsupported is { Amf: Protocols.Rtmp.Amf.AmfError.None, Tag: TagError.None or TagError.UnknownCodec })
        {
            _refusal ??= $"{unsupported} Set the encoder to H.264 with AAC.";
            return;
        }

        Note(unsupported.ToString());
    }

    // Said to the encoder, to the log and to the channel's owner; then the session ends.
    private void Refuse(Instant now)
    {
        var reason = _refusal!;
        _refusal = null;
        if (_isOver) return;
        _reason = StreamEnd.Ended;
        _input.LogRefused(_connection.Remote, _asked, reason);
        _channel?.NoteRefusal(new PublishRefusal(_input.UtcNow, Protocol, reason));
        _session.End(RtmpRefusal.Rejected, reason);
        TakeEvents(now);
    }

    private void Note(string what)
    {
        if (_notes++ < MaxNotes) _input.LogOddity(_asked, what);
    }

    private static string Describe(StreamEnd reason) => reason switch
    {
        StreamEnd.TakenOver => "Another encoder with the channel's key has taken the stream over; this one is let in again when that one has stopped.",
        StreamEnd.Shutdown => "The server goes down or starts again; connect again in a moment.",
        _ => "The server has ended the stream: the channel was deleted, its key changed, or an operator stopped it.",
    };
}
