using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Feedback;

/// <summary>
/// Records when each packet of a publisher's transport arrived and reports it in transport feedback
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01), so that the publisher can estimate its bandwidth. A report is due
/// <see cref="LongestInterval"/> after the first unreported packet, and already after <see cref="ShortestInterval"/> where many packets
/// wait. A packet that comes late, after numbers behind it were reported, is reported again with them. One thread uses it; it allocates
/// at construction only.
/// <para>Bounds: the arrivals of the last <see cref="Window"/> numbers are kept; older packets are ignored, as are those more than a
/// report behind what was reported; a jump by more than the window begins anew.</para>
/// </summary>
public sealed class TransportFeedbackRecorder
{
    /// <summary>How many of the newest numbers are kept.</summary>
    public const int Window = 4096;

    /// <summary>Between two reports while packets are few.</summary>
    public static readonly TimeSpan LongestInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Between two reports while packets are many.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(50);

    private const int ManyPackets = 64;
    private const int MostInReport = 512;
    private const int MostOutOfWindow = 16;

    private readonly long[] _ticks = new long[Window]; // arrival in ticks of 250 µs plus one; 0 where it did not come
    private readonly short[] _deltas = new short[MostInReport];
    private bool _started;
    private long _highest;
    private long _next; // the first number the next report covers
    private int _waiting;
    private int _outOfWindow;
    private byte _count;
    private Instant _firstWaiting;
    private Instant _lastReport;

    /// <summary>When <see cref="TakeFeedback"/> has a report; <see cref="Instant.Never"/> while no packet waits.</summary>
    public Instant NextTimeout { get; private set; } = Instant.Never;

    /// <summary>Packets recorded.</summary>
    public long Recorded { get; private set; }

    /// <summary>Packets ignored: duplicates, and those older than the window.</summary>
    public long Ignored { get; private set; }

    /// <summary>Records a packet by its transport-wide number.</summary>
    public void OnPacket(Instant now, ushort sequence)
    {
        var number = _started ? SerialNumber.Extend(_highest, sequence) : sequence;
        if (_started && number <= _highest - Window)
        {
            Ignored++;
            if (++_outOfWindow < MostOutOfWindow) return;
            _started = false; // not a straggler: the publisher counts anew
            number = sequence;
        }

        if (!_started || number - _highest >= Window)
        {
            Begin(number);
        }

        _outOfWindow = 0;
        for (; _highest < number; _highest++)
        {
            _ticks[SlotOf(_highest + 1)] = 0;
        }

        _next = Math.Max(_next, _highest - Window + 1);
        ref var slot = ref _ticks[SlotOf(number)];
        if (slot != 0 || number < _next - MostInReport)
        {
            Ignored++;
            return;
        }

        slot = now.Nanoseconds / TransportFeedback.NanosecondsPerTick + 1;
        _next = Math.Min(_next, number);
        Recorded++;
        if (_waiting++ == 0)
        {
            _firstWaiting = now;
        }

        var due = _waiting >= ManyPackets ? _lastReport + ShortestInterval : _firstWaiting + LongestInterval;
        NextTimeout = Instant.Min(NextTimeout, due);
    }

    /// <summary>
    /// Writes the next report where one is due. Call it again until it gives 0: a burst, or a gap in time that a delta cannot express,
    /// takes more than one packet.
    /// </summary>
    /// <param name="now">The present.</param>
    /// <param name="sender">The SSRC we report under.</param>
    /// <param name="media">One of the publisher's streams.</param>
    /// <param name="destination">At least 64 bytes; the report uses what it needs.</param>
    /// <returns>Its length, or 0 where nothing is due.</returns>
    public int TakeFeedback(Instant now, Ssrc sender, Ssrc media, Span<byte> destination)
    {
        if (!NextTimeout.IsDue(now)) return 0;
        var most = Math.Min(MostInReport, (destination.Length - TransportFeedbackWriter.LongestLength(0) - 2) * 7 / 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 7, nameof(destination));
        SkipEmptyReports(most);
        if (_next > _highest)
        {
            Rest(now);
            return 0;
        }

        var first = _next;
        var reference = 0L;
        var last = 0L;
        var started = false;
        var used = 0;
        var usedUntilReceived = 0;
        for (; used < most && _next + used <= _highest; used++)
        {
            var ticks = _ticks[SlotOf(first + used)] - 1;
            if (ticks < 0)
            {
                _deltas[used] = TransportFeedbackWriter.NotReceived;
                continue;
            }

            if (!started)
            {
                started = true;
                reference = ticks >> 8;
                last = reference << 8;
            }

            var delta = ticks - last;
            if (delta is > short.MaxValue or <= short.MinValue) break;
            _deltas[used] = (short)delta;
            last = ticks;
            usedUntilReceived = used + 1;
        }

        // Whether a trailing gap is a loss is told by the report that knows what came behind it.
        _next = first + usedUntilReceived;
        var length = TransportFeedbackWriter.Write(
            destination, sender, media, (ushort)first, (int)reference, _count++, _deltas.AsSpan(0, usedUntilReceived));
        if (_next > _highest)
        {
            Rest(now);
        }

        return length;
    }

    // A gap longer than a whole report cannot stand before its first arrival: those numbers are not reported.
    private void SkipEmptyReports(int most)
    {
        var arrival = _next;
        while (arrival <= _highest && _ticks[SlotOf(arrival)] == 0)
        {
            arrival++;
        }

        _next = Math.Max(_next, arrival - most + 1);
        if (arrival > _highest)
        {
            _next = arrival;
        }
    }

    private void Begin(long number)
    {
        Array.Clear(_ticks);
        _started = true;
        _highest = number;
        _next = number;
        _waiting = 0;
        NextTimeout = Instant.Never;
    }

    private void Rest(Instant now)
    {
        _waiting = 0;
        _lastReport = now;
        NextTimeout = Instant.Never;
    }

    private static int SlotOf(long number) => (int)(number & (Window - 1));
}
