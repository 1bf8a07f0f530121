using Sluice.Bench.Linux;
using Sluice.Bench.Traffic;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Load;

/// <summary>
/// The thread of all publishers: sends every packet at its time and sleeps in between. Everything in here belongs to that thread; others talk to it by
/// <see cref="InvokeAsync(Action{Instant})"/>.
/// </summary>
internal sealed class PublisherLoop : IDisposable
{
    /// <summary>The first begins so much after it is told to.</summary>
    public static readonly TimeSpan StartsIn = TimeSpan.FromMilliseconds(50);

    /// <summary>Publishers begin within so long, evenly: their pictures do not all come at once.</summary>
    public static readonly TimeSpan PictureTime = TimeSpan.FromMilliseconds(33);

    private const uint FirstAddress = 0x7f02_0001; // 127.2.0.1
    private const long Slack = 200_000; // packets due so soon are sent at once
    private const long IdlePoll = 4_000_000;
    private const long ControlPoll = 4_000_000;

    private readonly Errands _errands = new();
    private readonly LoadSocket _socket = new();
    private readonly List<Publisher> _publishers = [];
    private readonly PriorityQueue<Publisher, long> _due = new();
    private readonly ReceiveBatch _batch = new();
    private readonly WallClock _clock = MonotonicClock.ReadWallClock();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private Instant _nextControl;
    private bool _isPaused;

    public PublisherLoop()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "publishers" };
        _thread.Start();
    }

    /// <summary>The longest that a packet was sent behind its time since the last reset, in milliseconds: high on a machine without a core to spare.</summary>
    public double WorstLagMilliseconds { get; private set; }

    /// <summary>Packets sent in all.</summary>
    public long Sent { get; private set; }

    /// <summary>Runs something on the loop's thread.</summary>
    public Task<T> InvokeAsync<T>(Func<Instant, T> what) => _errands.InvokeAsync(what);

    /// <summary>Runs something on the loop's thread.</summary>
    public Task InvokeAsync(Action<Instant> what) => _errands.InvokeAsync(what);

    /// <summary>Makes a publisher with an address of its own; on the loop's thread.</summary>
    public Publisher Add(DtlsContext context, TrafficShape shape)
    {
        var publisher = new Publisher(new PeerLink(_socket, FirstAddress + (uint)_publishers.Count, context), shape, _clock);
        _publishers.Add(publisher);
        return publisher;
    }

    /// <summary>Lets a connected publisher send from a time on; on the loop's thread.</summary>
    public void Start(Publisher publisher, Instant at)
    {
        publisher.Start(at);
        _due.Enqueue(publisher, publisher.NextPacket.Nanoseconds);
    }

    /// <summary>Has all publishers send nothing but what keeps them connected; on the loop's thread.</summary>
    public void Pause() => _isPaused = true;

    /// <summary>Has those that sent go on at a place of their shape, a picture's time apart in all; on the loop's thread.</summary>
    public void Resume(Instant now, TimeSpan place)
    {
        if (!_isPaused) return;
        _isPaused = false;
        _due.Clear();
        for (var i = 0; i < _publishers.Count; i++)
        {
            var publisher = _publishers[i];
            if (publisher.NextPacket == Instant.Never) continue;
            publisher.GoOn(place, now + StartsIn + PictureTime * i / _publishers.Count);
            _due.Enqueue(publisher, publisher.NextPacket.Nanoseconds);
        }
    }

    /// <summary>Forgets the lag so far; on the loop's thread.</summary>
    public void ResetLag() => WorstLagMilliseconds = 0;

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        foreach (var publisher in _publishers) publisher.Link.Dispose();
        _socket.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            var now = MonotonicClock.Now;
            _errands.Run(now);
            if (!_isPaused) SendDue(now);
            if (_nextControl <= now) HandleControl(now);
            _socket.Flush();
            var wake = now.Nanoseconds + IdlePoll;
            if (!_isPaused && _due.TryPeek(out _, out var next)) wake = Math.Min(wake, next);
            BenchLibc.Sleep(wake - MonotonicClock.Now.Nanoseconds);
        }

        foreach (var publisher in _publishers) publisher.Link.Close();
        _socket.Flush();
    }

    private void SendDue(Instant now)
    {
        while (_due.TryPeek(out var publisher, out var at) && at <= now.Nanoseconds + Slack)
        {
            _due.Dequeue();
            if (publisher.Link.State == LinkState.Dead) continue;
            WorstLagMilliseconds = Math.Max(WorstLagMilliseconds, (now.Nanoseconds - at) / 1e6);
            // A picture's packets share one time: they go one after the other, each when it is encrypted, as encoders send them.
            do
            {
                publisher.SendNext(now);
                _socket.Flush();
                Sent++;
            }
            while (publisher.NextPacket.Nanoseconds <= at);
            _due.Enqueue(publisher, publisher.NextPacket.Nanoseconds);
        }
    }

    private void HandleControl(Instant now)
    {
        _nextControl = new Instant(now.Nanoseconds + ControlPoll);
        for (int count; (count = _batch.Receive(_socket)) > 0;)
        {
            for (var i = 0; i < count; i++)
            {
                var datagram = _batch.Take(i, out var arrival);
                var index = arrival.Destination - FirstAddress;
                if (index < (uint)_publishers.Count) _publishers[(int)index].Link.HandleControl(now, datagram);
            }
        }

        foreach (var publisher in _publishers) publisher.Link.HandleTimeout(now);
    }
}
