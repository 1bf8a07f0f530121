using System.Buffers.Binary;
using Sluice.Bench.Linux;
using Sluice.Bench.Traffic;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Load;

/// <summary>
/// The thread of all viewers: it sleeps, drains every socket, sends what is due, and sleeps again, so that the server's sends do not pay for waking a
/// receiver each time. Everything in here belongs to that thread; others talk to it by <see cref="InvokeAsync(Action{Instant})"/>.
/// </summary>
internal sealed class ViewerLoop : IDisposable
{
    /// <summary>Where a publisher of ours writes the time of sending into a payload, if it is long enough.</summary>
    public const int StampOffset = 16;

    private const int ViewersPerSocket = 25;
    private const int BytesPerViewer = 150_000; // of receive buffer: a burst of pictures, in the kernel's count
    private const int SlowBuffer = 32 * 1024;
    private const uint FirstAddress = 0x7f01_0001; // 127.1.0.1
    private const int MaxRounds = 64;
    private const long PollNanoseconds = 4_000_000;
    private const long RestingPollNanoseconds = 40_000_000;
    private const long ConnectingPollNanoseconds = 1_000_000;
    private const long LatenessStep = 1_000_000;
    private const long DelayStep = 10_000;

    private readonly Errands _errands = new();
    private readonly List<ViewerGroup> _groups = [];
    private readonly ReceiveBatch _short = new() { IsShort = true };
    private readonly ReceiveBatch _whole = new();
    private readonly ReceiveBatch? _runs;
    private readonly Histogram _lateness = new(LatenessStep, 2000);
    private readonly Histogram _delay = new(DelayStep, 20_000);
    private readonly Thread _thread;
    private readonly double _packetsPerSecond;
    private readonly bool _soundAlone;
    private volatile bool _stopping;
    private uint _nextAddress = FirstAddress;
    private bool _anyConnecting;
    private long _wallAhead; // of the monotonic clock, in nanoseconds

    /// <param name="shape">What is watched.</param>
    /// <param name="takesRuns">True to have the kernel hand over runs whole: less to do for both ends, as behind a network card that splits and joins them.</param>
    public ViewerLoop(TrafficShape shape, bool takesRuns = false)
    {
        if (takesRuns) _runs = new ReceiveBatch(takesRuns: true);
        _packetsPerSecond = shape.PacketsPerSecond;
        _soundAlone = !shape.HasVideo;
        _thread = new Thread(Run) { IsBackground = true, Name = "viewers" };
        _thread.Start();
    }

    /// <summary>Datagrams to addresses nobody has, or with no RTP header.</summary>
    public long Unmatched { get; private set; }

    /// <summary>Runs something on the loop's thread.</summary>
    public Task<T> InvokeAsync<T>(Func<Instant, T> what) => _errands.InvokeAsync(what);

    /// <summary>Runs something on the loop's thread.</summary>
    public Task InvokeAsync(Action<Instant> what) => _errands.InvokeAsync(what);

    /// <summary>Makes a viewer with an address of its own; on the loop's thread.</summary>
    public Viewer Add(DtlsContext context, ViewerKind kind, bool isProbe)
    {
        var group = GroupFor(kind, isProbe);
        var viewer = new Viewer(new PeerLink(group.Socket, group.NextAddress, context) { WantsReceiver = isProbe }, kind);
        group.Add(viewer);
        return viewer;
    }

    /// <summary>True while nothing is sent to them, so that they cost those others little whom it is sent to; on the loop's thread.</summary>
    public bool IsResting { get; set; }

    /// <summary>Every viewer; on the loop's thread.</summary>
    public IEnumerable<Viewer> Viewers => _groups.SelectMany(static group => group.Viewers);

    /// <summary>The ports of the good viewers' sockets, by which the kernel's drops are found; on the loop's thread.</summary>
    public HashSet<ushort> Ports => [.. _groups.Where(static g => g.Kind == ViewerKind.Good).Select(static g => g.Socket.Port)];

    /// <summary>The sums up to now; on the loop's thread.</summary>
    public LoadCount Read(Instant now)
    {
        long received = 0, expected = 0, bytes = 0, all = 0;
        int up = 0, dead = 0;
        var each = new List<long>();
        foreach (var viewer in Viewers)
        {
            var packets = viewer.Received;
            all += packets;
            if (viewer.Kind != ViewerKind.Good) continue;
            received += packets;
            expected += viewer.Expected;
            bytes += viewer.Bytes;
            each.Add(packets);
            if (viewer.Link.State == LinkState.Up) up++;
            if (viewer.Link.State == LinkState.Dead) dead++;
        }

        return new LoadCount
        {
            At = now, Received = received, Expected = expected, Bytes = bytes, ReceivedByAll = all, Up = up, Dead = dead, PerViewer = [.. each],
            CpuNanoseconds = BenchLibc.ThreadCpuNanoseconds(), Lateness = _lateness.Copy(), Delay = _delay.Copy(),
        };
    }

    /// <summary>Forgets lateness and delay so far; on the loop's thread.</summary>
    public void ResetTimes()
    {
        _lateness.Clear();
        _delay.Clear();
    }

    /// <summary>Says goodbye for all and ends the thread.</summary>
    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        foreach (var group in _groups) group.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            var now = MonotonicClock.Now;
            _errands.Run(now);
            _wallAhead = LoadSocket.WallNanoseconds - MonotonicClock.Now.Nanoseconds;
            foreach (var group in _groups) Drain(group);
            HandleTimeouts(MonotonicClock.Now);
            var period = _anyConnecting ? ConnectingPollNanoseconds : IsResting ? RestingPollNanoseconds : PollNanoseconds;
            BenchLibc.Sleep(now.Nanoseconds + period - MonotonicClock.Now.Nanoseconds);
        }

        foreach (var group in _groups)
        {
            foreach (var viewer in group.Viewers) viewer.Link.Close();
            group.Socket.Flush();
        }
    }

    private void Drain(ViewerGroup group)
    {
        var allowance = group.Allowance(MonotonicClock.Now, _packetsPerSecond);
        for (var round = 0; round < MaxRounds && allowance > 0; round++)
        {
            var batch = group.TakesRuns ? _runs! : group.IsConnecting || group.IsProbe ? _whole : _short;
            var most = Math.Min(allowance, batch.Size);
            var count = batch.Receive(group.Socket, most);
            if (count == 0) return;
            var now = MonotonicClock.Now;
            Take(group, batch, count, now);
            allowance -= count;
            if (count < most) return;
        }
    }

    private void Take(ViewerGroup group, ReceiveBatch batch, int count, Instant now)
    {
        for (var i = 0; i < count; i++)
        {
            var bytes = batch.Take(i, out var arrival);
            if (group.Find(arrival.Destination) is not { } viewer)
            {
                Unmatched++;
                continue;
            }

            var at = arrival.Stamp == 0 ? now : new Instant(arrival.Stamp - _wallAhead);
            if (!group.TakesRuns)
            {
                Handle(viewer, now, at, bytes, arrival.Length);
                if (group.IsProbe && arrival.Stamp != 0) Probe(viewer, bytes, arrival.Stamp);
                continue;
            }

            for (var next = 0; next < bytes.Length; next += arrival.Segment)
            {
                var datagram = bytes.Slice(next, Math.Min(arrival.Segment, bytes.Length - next));
                Handle(viewer, now, at, datagram, datagram.Length);
            }
        }
    }

    // How long a packet was on its way, by the time of sending in its payload.
    private void Probe(Viewer viewer, Span<byte> datagram, long arrival)
    {
        if (viewer.Link.Receiver is not { } receiver || !IsRtp(datagram)) return;
        if (receiver.UnprotectRtp(datagram, out var plain) != SrtpError.None) return;
        if (!RtpPacketView.TryParse(datagram[..plain], out var packet)) return;
        if (packet.Payload.Length < StampOffset + 2 * sizeof(long) || IsLaterFragment(packet.Payload)) return;
        var stamp = BinaryPrimitives.ReadInt64BigEndian(packet.Payload[StampOffset..]);
        // The second word says that the first is a stamp.
        if (~stamp == BinaryPrimitives.ReadInt64BigEndian(packet.Payload[(StampOffset + sizeof(long))..])) _delay.Add(arrival - stamp);
    }

    // A slice may have been cut anew on its way: only its front is where it was. Sound of ours does not look like one.
    private static bool IsLaterFragment(ReadOnlySpan<byte> payload) => (payload[0] & 0x1f) == 28 && (payload[1] & 0x80) == 0;

    private void Handle(Viewer viewer, Instant now, Instant arrival, ReadOnlySpan<byte> datagram, int length)
    {
        if (!IsRtp(datagram))
        {
            viewer.Link.HandleControl(now, datagram);
            if (viewer.Link.State == LinkState.Up) viewer.HandleConnected(now);
            return;
        }

        var late = viewer.Count(arrival, datagram, length, _soundAlone);
        if (late >= 0 && viewer.Kind == ViewerKind.Good) _lateness.Add(late);
    }

    // RTP and neither RTCP (RFC 5761 §4) nor STUN nor DTLS (RFC 7983 §7).
    private static bool IsRtp(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= 12 && datagram[0] is >= 128 and <= 191 && datagram[1] is < 192 or > 223;

    private void HandleTimeouts(Instant now)
    {
        _anyConnecting = false;
        foreach (var group in _groups)
        {
            var connecting = false;
            foreach (var viewer in group.Viewers)
            {
                viewer.Link.HandleTimeout(now);
                var state = viewer.Link.State;
                if (state == LinkState.Up) viewer.HandleTimeout(now);
                else connecting |= state is LinkState.Checking or LinkState.Handshaking;
            }

            group.IsConnecting = connecting;
            _anyConnecting |= connecting;
            group.Socket.Flush();
        }
    }

    private ViewerGroup GroupFor(ViewerKind kind, bool isProbe)
    {
        if (kind == ViewerKind.Good)
        {
            foreach (var group in _groups)
            {
                if (group.Kind == kind && group.IsProbe == isProbe && group.Count < Share(group.Socket)) return group;
            }
        }

        var socket = new LoadSocket(kind is ViewerKind.Slow or ViewerKind.Deaf ? SlowBuffer : null);
        socket.StampArrivals();
        var takesRuns = _runs is not null && kind == ViewerKind.Good && !isProbe && socket.JoinRuns();
        var made = new ViewerGroup(socket, _nextAddress, kind, isProbe) { TakesRuns = takesRuns };
        _nextAddress += ViewersPerSocket;
        _groups.Add(made);
        return made;
    }

    // Where the kernel grants small buffers only, fewer viewers share one.
    private static int Share(LoadSocket socket) => Math.Clamp(socket.ReceiveBuffer / BytesPerViewer, 1, ViewersPerSocket);
}
