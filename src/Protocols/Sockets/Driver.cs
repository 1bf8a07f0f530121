using System.Diagnostics.CodeAnalysis;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Sockets.Portable;
using Sluice.Protocols.Sockets.Tcp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets;

/// <summary>
/// One thread that owns one machine, its share of the UDP port and its TCP connections. A turn of its loop: wait for input, a wake or the
/// machine's deadline; read the clock once; hand over everything received; time out; take and send everything.
/// </summary>
/// <remarks>
/// An exception of the machine is a bug. It goes to <see cref="DriverOptions.Failed"/>, the rest of the batch is dropped, and the loop goes on.
/// </remarks>
/// <typeparam name="TMachine">The machine; a sealed class lets the calls be inlined.</typeparam>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Its thread closes what it owns when the group stops.")]
public sealed partial class Driver<TMachine>
    where TMachine : class, IDatagramMachine
{
    private const int MaxReady = 128;
    private const int MaxBytesPerTurn = 4 << 20;
    private const int MaxHandOversPerTurn = 256;
    private const int MaxReceiveCallsPerTurn = 16;

    // As long as the beginning of a picture waits for its end anyway; worth it from 8000 datagrams a second on, more than one publisher sends.
    private const int PauseNanoseconds = 1_000_000;
    private const int WorthAPause = 8;

    // A machine that fails in every turn must not take the processor with it.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(10);

    private readonly DriverGroup<TMachine> _group;
    private readonly DriverOptions _options;
    private readonly Poller _poller;
    private readonly UdpPort _udp;
    private readonly TcpShard _tcp;
    private readonly Ready[] _ready = new Ready[MaxReady];
    private readonly CommandQueue<TMachine> _commands = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DriverStatistics _statistics = new();
    private readonly ThreadBinding _binding = new();
    private readonly GatheringPause? _pause; // null where there are no pauses that short
    private Processors? _processors; // null where threads are not bound
    private bool _moreToDo;
    private bool _woken; // outlives a turn only while the machine pauses
    private bool _paused;
    private Instant _pausedUntil;
    private volatile bool _stopping;
    private volatile bool _closed;

    internal Driver(DriverGroup<TMachine> group, DriverOptions options, PortBinding binding, int shard, TMachine machine)
    {
        _group = group;
        _options = options;
        Shard = shard;
        Machine = machine;
        Inbox = new HandOverInbox(options.HandOverCapacity);
        if (!options.Portable) _pause = new GatheringPause(PauseNanoseconds, WorthAPause);
        _poller = options.Portable ? new SelectPoller() : new EpollPoller();
        _udp = options.Portable ? new PortableUdpPort(binding.Udp[shard], _statistics) : new LinuxUdpPort(binding.Udp[shard], _statistics);
        _udp.Completing = machine.CompleteTransmits;
        _tcp = new TcpShard(binding.Tcp[shard], _poller, options, _statistics);
        for (var i = 0; i < _udp.Sockets.Length; i++) _poller.Watch(_udp.Sockets[i], ReadySource.Udp, i);
    }

    /// <summary>Which driver of the group this is, from 0.</summary>
    public int Shard { get; }

    /// <summary>The machine. Once the group has started, only this driver's thread may touch it: see <see cref="Post"/>.</summary>
    public TMachine Machine { get; }

    /// <summary>What it counted; any thread may read.</summary>
    public DriverStatistics Statistics => _statistics;

    /// <summary>Done when the thread has ended and every socket is closed; faulted where the driver itself, not the machine, failed.</summary>
    public Task Stopped => _stopped.Task;

    internal HandOverInbox Inbox { get; }

    internal UdpPort Udp => _udp;

    /// <summary>Lets the machine be timed out soon: somebody left it something to do. Any thread; cheap when repeated.</summary>
    public void Wake() => _poller.Wake();

    /// <summary>
    /// Runs a command on the driver's thread, between two batches; the machine's output is taken right after. Any thread. False where the driver is stopping
    /// or 4096 commands wait.
    /// </summary>
    /// <param name="command">Must be short.</param>
    /// <param name="abandon">Called, on any thread, where the driver ended before it came to the command.</param>
    public bool Post(Action<TMachine, Instant> command, Action? abandon = null)
    {
        if (_stopping || !_commands.TryPut(command, abandon)) return false;
        _poller.Wake();
        return true;
    }

    internal void Start()
    {
        var thread = new Thread(Run) { Name = $"{_options.Name}-{Shard}", IsBackground = true };
        thread.Start();
    }

    internal void Stop()
    {
        _stopping = true;
        _poller.Wake();
    }

    /// <summary>Closes everything of a driver that never ran, or has ended.</summary>
    internal void Close()
    {
        if (_closed) return;
        _stopping = true;
        _closed = true;
        _commands.Close();
        Inbox.Close();
        _tcp.Dispose();
        _udp.Dispose();
        _poller.Dispose();
        _stopped.TrySetResult();
    }

    private void Run()
    {
        try
        {
            if (_options is { BindThreads: true, Portable: false } && Processors.Read() is { } all && all.Count == _group.Drivers.Count && all.Count > 1) _processors = all;
            while (!_stopping) Turn();
            // What was asked for before the stop still goes out: farewells of the machine, frames half sent.
            RunCommands(MonotonicClock.Now);
            Transmit(MonotonicClock.Now);
            Close();
        }
        catch (Exception error)
        {
            _stopped.TrySetException(error);
            _options.Failed?.Invoke(error);
            Close();
        }
    }

    private void Turn()
    {
        _statistics.TurnsCount++;
        var before = MonotonicClock.Now;
        var count = _poller.Wait(TimeToWait(_moreToDo || _pause is null ? before : _pause.Take(before)), _ready);
        var now = MonotonicClock.Now;
        if (_processors is { } processors && _binding.Note(before, now)) Bind(processors);
        var woken = _poller.WasWoken;
        if (woken) _statistics.WakesCount++;
        _moreToDo = false;
        var received = _statistics.DatagramsReceivedCount;
        for (var i = 0; i < count; i++)
        {
            var ready = _ready[i];
            switch (ready.Source)
            {
                case ReadySource.Udp:
                    ReceiveAll(ready.Index, now);
                    break;
                case ReadySource.Listener:
                    _tcp.Accept(ready.Index, now);
                    break;
                default:
                    if (_tcp.At(ready.Index) is { } connection) HandleConnection(connection, ready, now);
                    break;
            }
        }

        _pause?.Note(now, (int)(_statistics.DatagramsReceivedCount - received));
        TakeHandOvers(now);
        RunCommands(now);
        _woken |= woken;
        _paused &= !_pausedUntil.IsDue(now);
        if (!_paused && (_woken || Machine.NextTimeout.IsDue(now))) HandleTimeout(now);
        if (!_paused) Transmit(now);
        _tcp.Sweep(now);
    }

    // Refused (a sandbox may) it stays as it is: that costs some delay, no more.
    private void Bind(Processors processors)
    {
        if (_binding.IsBound) processors.TryBindThread(Shard);
        else processors.TryFreeThread();
    }

    private long TimeToWait(Instant now)
    {
        if (_moreToDo) return 0;
        var deadline = _paused ? _pausedUntil : Machine.NextTimeout;
        deadline = Instant.Min(deadline, _tcp.NextTimeout);
        return deadline == Instant.Never ? -1 : Math.Max(0, deadline.Nanoseconds - now.Nanoseconds);
    }

    // Input goes before output: what is not read while much is sent is dropped by the kernel, a publisher's packets among it.
    private void ReceiveAll(int socket, Instant now)
    {
        for (var calls = 0; calls < MaxReceiveCallsPerTurn; calls++)
        {
            var count = _udp.Receive(socket);
            HandleMessages(count, now);
            if (count < _udp.Received.Length) return;
        }
    }

    private void HandleMessages(int count, Instant now)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                ref readonly var message = ref _udp.Received[i];
                var bytes = _udp.ReceiveSlab.AsSpan(message.Offset, message.Length);
                var size = message.SegmentSize > 0 ? message.SegmentSize : message.Length;
                while (bytes.Length > size)
                {
                    HandleDatagram(now, message.Path, bytes[..size], mayPassOn: true);
                    bytes = bytes[size..];
                }

                HandleDatagram(now, message.Path, bytes, mayPassOn: true);
            }
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    private void HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram, bool mayPassOn)
    {
        _statistics.DatagramsReceivedCount++;
        _statistics.BytesReceivedCount += datagram.Length;
        var handling = Machine.HandleDatagram(now, path, datagram);
        switch (handling.Kind)
        {
            case HandlingKind.Handled:
                break;
            case HandlingKind.HandOver:
                var target = TargetOf(handling);
                if (mayPassOn && target.Inbox.TryPut(path, datagram))
                {
                    _statistics.HandOversSentCount++;
                    target.Wake();
                }
                else
                {
                    _statistics.HandOversDroppedCount++;
                }

                break;
            default:
                _statistics.RefusedCount++;
                break;
        }
    }

    private void TakeHandOvers(Instant now)
    {
        if (_group.Drivers.Count == 1) return;
        while (Inbox.TryTake(out var connection))
        {
            _statistics.HandOversTakenCount++;
            if (_tcp.Adopt(connection!, now)) HandleFrames(connection!, now);
        }

        for (var i = 0; Inbox.TryPeek(out var path, out var datagram); i++)
        {
            if (i == MaxHandOversPerTurn)
            {
                _moreToDo = true;
                return;
            }

            _statistics.HandOversTakenCount++;
            try
            {
                HandleDatagram(now, path, datagram, mayPassOn: false);
            }
            catch (Exception error)
            {
                Fail(error);
            }

            Inbox.Release();
        }
    }

    private void RunCommands(Instant now)
    {
        for (var left = _commands.Count; left > 0 && _commands.TryTake(out var command); left--)
        {
            try
            {
                command(Machine, now);
            }
            catch (Exception error)
            {
                Fail(error);
            }
        }
    }

    private void HandleTimeout(Instant now)
    {
        _woken = false;
        try
        {
            Machine.HandleTimeout(now);
        }
        catch (Exception error)
        {
            Fail(error);
            _paused = true;
            _pausedUntil = now + PauseAfterFailure;
        }
    }

    private void Transmit(Instant now)
    {
        var left = MaxBytesPerTurn;
        try
        {
            while (Machine.TryTakeTransmit(now, _udp.Reserve(), out var transmit))
            {
                if (transmit.Path.Protocol == TransportProtocol.Tcp)
                {
                    Machine.CompleteTransmits();
                    _tcp.Send(transmit, _udp.Reserve()[..transmit.Length]);
                }
                else
                {
                    _udp.Commit(transmit);
                }

                // Input must not starve behind a machine that always has more; short datagrams cost as much as long ones.
                left -= Math.Max(1024, transmit.Length);
                if (left < 0)
                {
                    _moreToDo = true;
                    break;
                }
            }
        }
        catch (Exception error)
        {
            Fail(error);
            _paused = true;
            _pausedUntil = now + PauseAfterFailure;
        }

        _udp.Flush();
        _tcp.Flush();
    }

    private Driver<TMachine> TargetOf(Handling handling)
    {
        if ((uint)handling.Shard >= (uint)_group.Drivers.Count || handling.Shard == Shard)
        {
            throw new InvalidOperationException($"Shard {Shard} of {_group.Drivers.Count} handed a datagram over to shard {handling.Shard}.");
        }

        return _group.Drivers[handling.Shard];
    }

    private void Fail(Exception error)
    {
        _statistics.FailuresCount++;
        _options.Failed?.Invoke(error);
    }
}
