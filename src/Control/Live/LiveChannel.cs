using Sluice.Protocols.Wire;

namespace Sluice.Control.Live;

/// <summary>What an output tells about one viewer.</summary>
/// <param name="Id">The viewer's id, opaque.</param>
/// <param name="Protocol">The protocol it watches by: <c>whep</c>.</param>
/// <param name="Since">When it came.</param>
/// <param name="PacketsSent">Media packets sent, retransmissions not counted.</param>
/// <param name="PacketsRetransmitted">Retransmissions sent.</param>
/// <param name="NacksReceived">Packets the viewer asked for again.</param>
/// <param name="PlisReceived">Key pictures the viewer asked for.</param>
/// <param name="PacketsMissed">Packets the viewer's cursor never saw because it was overtaken.</param>
/// <param name="RoundTrip">Round trip, zero while unknown.</param>
/// <param name="Jitter">Jitter as the viewer reports it.</param>
/// <param name="FractionLost">Share of packets lost in the last report, 0 to 1.</param>
/// <param name="EncodingId">The rendition it gets; empty where there is one.</param>
public sealed record ViewerSnapshot(string Id, string Protocol, DateTimeOffset Since, long PacketsSent, long PacketsRetransmitted,
    long NacksReceived, long PlisReceived, long PacketsMissed, TimeSpan RoundTrip, TimeSpan Jitter, double FractionLost, string EncodingId);

/// <summary>A viewer, as Control needs it.</summary>
public interface IAudience
{
    /// <summary>The viewer's figures now. Any thread.</summary>
    ViewerSnapshot Observe();

    /// <summary>Ends the viewing from our side. Any thread.</summary>
    void Close();
}

/// <summary>
/// The live state of one channel: the stream that is on, if any, who watches, and which threads read. It outlives streams: viewers wait here
/// for the next one. All members are safe for any thread; the lock is never held while media moves.
/// </summary>
public sealed class LiveChannel(string channelId)
{
    private readonly Lock _gate = new();
    private readonly HashSet<IAudience> _viewers = [];
    private LiveStream? _stream;
    private ChannelReader[] _readers = [];
    private int _readings;
    private long _version;
    private PublishRefusal? _lastRefusal;
    private readonly Succession _succession = new();

    public string ChannelId => channelId;

    /// <summary>The stream that is on; null while nobody publishes.</summary>
    public LiveStream? Stream => Volatile.Read(ref _stream);

    /// <summary>Grows with every change of stream; a reader that remembers it sees a change by comparing one number.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Why the last publisher was turned away or put out; null where none was since the node started.</summary>
    public PublishRefusal? LastRefusal => Volatile.Read(ref _lastRefusal);

    /// <summary>Keeps why a publisher was turned away, for its owner to read.</summary>
    public void NoteRefusal(PublishRefusal refusal) => Volatile.Write(ref _lastRefusal, refusal);

    /// <summary>Raised after the stream has changed or the number of viewers has, outside the lock.</summary>
    public event Action<LiveChannel>? Changed;

    /// <summary>How many read: <see cref="AddReader"/> less <see cref="RemoveReader"/>.</summary>
    public int ReaderCount => Volatile.Read(ref _readings);

    /// <summary>Raised once for every stream that ended.</summary>
    public event Action<LiveStream>? StreamEnded;

    public int ViewerCount
    {
        get
        {
            lock (_gate) return _viewers.Count;
        }
    }

    /// <summary>
    /// Why somebody whose key is right may not publish now; null where it may. The newest publisher replaces the one before, but who was replaced stays away while
    /// its successor sends. Inputs ask through one place, so that the rule is the same for all protocols.
    /// </summary>
    /// <param name="who">Who wants to publish.</param>
    /// <param name="refusesTakeover">The channel is set to refuse a second publisher.</param>
    /// <param name="now">The time on the drivers' clock.</param>
    public string? WhyNot(PublisherIdentity who, bool refusesTakeover, Instant now)
    {
        lock (_gate) return _stream is { } live ? _succession.Judge(live, who, refusesTakeover, now) : null;
    }

    /// <summary>
    /// How long to wait before <see cref="WhyNot"/> is asked again: somebody like the publisher that is on may be that one, whose connection has died unnoticed.
    /// Zero where waiting changes nothing.
    /// </summary>
    public TimeSpan TimeToTell(PublisherIdentity who) => Stream?.Publication.Identity == who ? Succession.Silence : TimeSpan.Zero;

    /// <summary>Puts a stream on. The one before, if any, ends as taken over; its publisher is closed, and its owner can read why.</summary>
    public void Start(LiveStream stream)
    {
        LiveStream? before;
        var isOthers = false;
        lock (_gate)
        {
            before = _stream;
            _stream = stream;
            _version++;
            if (before is not null) isOthers = _succession.Replace(before, stream);
        }

        if (isOthers)
        {
            NoteRefusal(new PublishRefusal(stream.StartedAt, before!.Publication.Protocol,
                $"Another encoder with the channel's key took the stream over, by {stream.Publication.Protocol}; if that was not meant, stop one of the two."));
        }

        if (before is not null) Finish(before, StreamEnd.TakenOver);
        WakeReaders();
        Changed?.Invoke(this);
    }

    /// <summary>Ends a stream, whoever finds out first; the others' calls do nothing.</summary>
    public void End(LiveStream stream, StreamEnd reason)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_stream, stream))
            {
                _stream = null;
                _version++;
                _succession.Forget();
            }
        }

        if (!Finish(stream, reason)) return;
        WakeReaders();
        Changed?.Invoke(this);
    }

    private bool Finish(LiveStream stream, StreamEnd reason)
    {
        if (!stream.TryEnd(reason)) return false;
        stream.Publication.Close(reason);
        StreamEnded?.Invoke(stream);
        return true;
    }

    /// <summary>Has every viewer choose anew: what a rendition is good for has turned out otherwise.</summary>
    public void Reconsider()
    {
        lock (_gate) _version++;
        WakeReaders();
    }

    public void Enter(IAudience viewer)
    {
        lock (_gate) _viewers.Add(viewer);
        Changed?.Invoke(this);
    }

    public void Leave(IAudience viewer)
    {
        bool removed;
        lock (_gate) removed = _viewers.Remove(viewer);
        if (removed) Changed?.Invoke(this);
    }

    public IAudience[] Viewers()
    {
        lock (_gate) return [.. _viewers];
    }

    /// <summary>Adds a thread to those that are told of news; counted, one entry for each viewer it serves.</summary>
    public void AddReader(ReaderThread thread)
    {
        lock (_gate)
        {
            var reader = Array.Find(_readers, r => ReferenceEquals(r.Thread, thread));
            if (reader is null)
            {
                reader = new ChannelReader(this, thread);
                Volatile.Write(ref _readers, [.. _readers, reader]);
            }

            reader.Count++;
            Volatile.Write(ref _readings, _readings + 1);
        }
    }

    /// <summary>Takes one count of a thread back.</summary>
    public void RemoveReader(ReaderThread thread)
    {
        lock (_gate)
        {
            if (Array.Find(_readers, r => ReferenceEquals(r.Thread, thread)) is not { } reader) return;
            Volatile.Write(ref _readings, _readings - 1);
            if (--reader.Count == 0) Volatile.Write(ref _readers, Array.FindAll(_readers, r => !ReferenceEquals(r, reader)));
        }
    }

    /// <summary>
    /// Tells every reading thread that there is news, and wakes those that did not know, but not the caller's own. Called once for each batch of packets
    /// appended.
    /// </summary>
    public void WakeReaders(ReaderThread? except = null)
    {
        // A thread that has just begun to read either is in the list read here, or finds what was appended before.
        Interlocked.MemoryBarrier();
        foreach (var reader in Volatile.Read(ref _readers))
        {
            if (reader.Tell() && !ReferenceEquals(reader.Thread, except)) reader.Thread.Wake();
        }
    }
}
