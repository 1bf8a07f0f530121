using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Feedback;

/// <summary>
/// What RFC 3550 §6.4.1 wants reported on one incoming stream: extended highest sequence number (§A.1), loss (§A.3) and jitter (§A.8).
/// Retransmissions have a stream of their own and are not told here. One thread uses it; it allocates at construction only.
/// </summary>
/// <param name="ssrc">The stream.</param>
/// <param name="clockRate">Ticks of its RTP timestamp in a second.</param>
public sealed class ReceptionStatistics(Ssrc ssrc, int clockRate)
{
    private const int ProbationPackets = 2; // MIN_SEQUENTIAL
    private const int LongestDropout = 3000; // MAX_DROPOUT
    private const int MostMisordered = 100; // MAX_MISORDER
    private const int NoBadSequence = -1;

    private bool _started;
    private int _probation;
    private long _highest;
    private long _base;
    private long _received;
    private long _expectedPrior;
    private long _receivedPrior;
    private int _badSequence;
    private bool _hasTransit;
    private uint _transit;
    private uint _jitterScaled; // sixteenfold, as in RFC 3550 §A.8
    private uint _lastReport;
    private Instant _lastReportAt;

    /// <summary>The stream.</summary>
    public Ssrc Ssrc { get; } = ssrc;

    /// <summary>True once two packets in a row showed that the stream is real.</summary>
    public bool IsValid => _started && _probation == 0;

    /// <summary>Packets received since the stream became valid, duplicates included.</summary>
    public long Received => _received;

    /// <summary>Packets that should have come since the stream became valid.</summary>
    public long Expected => IsValid ? _highest - _base + 1 : 0;

    /// <summary>Packets lost so far; negative where duplicates outnumber losses.</summary>
    public long CumulativeLost => Expected - _received;

    /// <summary>Cycles in the upper, highest sequence number in the lower 16 bits.</summary>
    public uint HighestSequence => (uint)_highest;

    /// <summary>Interarrival jitter in ticks of the stream's clock.</summary>
    public uint Jitter => _jitterScaled >> 4;

    /// <summary>Interarrival jitter as time.</summary>
    public TimeSpan JitterTime => TimeSpan.FromSeconds((double)Jitter / clockRate);

    /// <summary>
    /// Tells of an arrived packet. False where it does not count: during probation, or after a large jump that no second packet has
    /// confirmed yet.
    /// </summary>
    public bool OnPacket(Instant now, ushort sequence, uint timestamp)
    {
        if (!UpdateSequence(sequence)) return false;
        UpdateJitter(now, timestamp);
        return true;
    }

    /// <summary>Tells of a sender report of this stream, which the next report block refers to.</summary>
    public void OnSenderReport(Instant now, NtpTime ntp)
    {
        _lastReport = ntp.Middle;
        _lastReportAt = now;
    }

    /// <summary>
    /// Makes the report block for the time since the last one. Calling it starts the next interval. False while the stream is not valid.
    /// </summary>
    public bool TryTakeReport(Instant now, out ReportBlock block)
    {
        block = default;
        if (!IsValid) return false;
        var expected = Expected;
        var expectedNow = expected - _expectedPrior;
        var lostNow = expectedNow - (_received - _receivedPrior);
        _expectedPrior = expected;
        _receivedPrior = _received;
        var fraction = expectedNow <= 0 || lostNow <= 0 ? 0 : Math.Min(255, lostNow * 256 / expectedNow);
        block = new ReportBlock(
            Ssrc,
            (byte)fraction,
            (int)Math.Clamp(expected - _received, -0x80_0000, 0x7f_ffff),
            HighestSequence,
            Jitter,
            _lastReport,
            _lastReport == 0 ? 0 : NtpDelay(now - _lastReportAt));
        return true;
    }

    /// <summary>A span in units of 1/65536 s, as DLSR and DLRR carry it; negative spans are 0.</summary>
    public static uint NtpDelay(TimeSpan span) =>
        (uint)Int128.Clamp((Int128)span.Ticks * 65536 / TimeSpan.TicksPerSecond, 0, uint.MaxValue);

    private bool UpdateSequence(ushort sequence)
    {
        if (!_started)
        {
            _started = true;
            Begin(sequence);
            _probation = ProbationPackets - 1;
            return false;
        }

        if (_probation > 0)
        {
            if (sequence != (ushort)(_highest + 1))
            {
                Begin(sequence);
                _probation = ProbationPackets - 1;
                return false;
            }

            if (--_probation > 0)
            {
                _highest = sequence;
                return false;
            }

            Begin(sequence);
            _received = 1;
            return true;
        }

        var forward = (ushort)(sequence - (ushort)_highest);
        if (forward < LongestDropout)
        {
            _highest += forward;
        }
        else if (forward <= ushort.MaxValue + 1 - MostMisordered)
        {
            if (_badSequence != sequence)
            {
                _badSequence = (ushort)(sequence + 1);
                return false;
            }

            // Two in a row: the sender began anew without telling.
            Begin(sequence);
        }

        _received++;
        return true;
    }

    private void Begin(ushort sequence)
    {
        _highest = sequence;
        _base = sequence;
        _received = 0;
        _expectedPrior = 0;
        _receivedPrior = 0;
        _badSequence = NoBadSequence;
        _hasTransit = false;
    }

    private void UpdateJitter(Instant now, uint timestamp)
    {
        var arrival = (uint)((Int128)now.Nanoseconds * clockRate / 1_000_000_000);
        var transit = arrival - timestamp;
        if (_hasTransit)
        {
            // A jump of the timestamps is a new clock, not jitter of hours.
            var difference = (uint)Math.Min(Math.Abs((long)(int)(transit - _transit)), clockRate * 8L);
            _jitterScaled += difference - ((_jitterScaled + 8) >> 4);
        }

        _transit = transit;
        _hasTransit = true;
    }
}
