using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Feedback;

/// <summary>
/// Maps the RTP timestamps of one track to our wall clock and back. Before the track's first sender report the arrival of its packets
/// is all there is; after it the report's pair of RTP and NTP time counts (RFC 3550 §6.4.1), moved by the publisher's one
/// <see cref="PublisherClock.Offset"/>. A report that changes the map does not make time jump: the difference is worked off at
/// <see cref="SlewRate"/> of media time, unless it is larger than <see cref="LargestSlew"/>. One thread uses it.
/// </summary>
/// <param name="publisher">The clock all tracks of the publisher share.</param>
/// <param name="clockRate">Ticks of the RTP timestamp in a second.</param>
public sealed class TrackClock(PublisherClock publisher, int clockRate)
{
    /// <summary>A larger difference is not worked off but taken at once: the clock or the timestamps were set anew.</summary>
    public static readonly TimeSpan LargestSlew = TimeSpan.FromMilliseconds(500);

    /// <summary>Before the first report, a packet that arrives so much later than the map says makes a new map.</summary>
    public static readonly TimeSpan LargestLateness = TimeSpan.FromSeconds(10);

    /// <summary>How much of media time may go into working off a difference: time then runs at 95 % to 105 %.</summary>
    public const double SlewRate = 0.05;

    private const int InverseRounds = 4; // each leaves a twentieth of the error

    private bool _started;
    private bool _hasReport;
    private long _newest; // timestamps as extended numbers
    private long _anchor;
    private NtpTime _anchorNtp; // the publisher's clock after a report, ours before it
    private long _residualAt;
    private long _residualTicks; // of 100 ns: what the map still owes at _residualAt

    /// <summary>True once the map rests on a sender report.</summary>
    public bool IsSynchronised => _hasReport;

    /// <summary>True once a packet or report came, without which there is no map.</summary>
    public bool IsStarted => _started;

    /// <summary>How often time had to jump.</summary>
    public int Jumps { get; private set; }

    /// <summary>Tells of an arrived packet.</summary>
    public void OnPacket(Instant arrival, uint rtpTimestamp)
    {
        if (!_started)
        {
            Start(rtpTimestamp);
            _anchorNtp = publisher.WallClock.ToNtp(arrival);
            return;
        }

        var timestamp = SerialNumber.Extend(_newest, rtpTimestamp);
        _newest = Math.Max(_newest, timestamp);
        if (_hasReport) return;

        // Nothing arrives before it was made: a packet earlier than the map expects shows that the first one was late. One that is
        // far too late shows that the timestamps were set back.
        var ntp = publisher.WallClock.ToNtp(arrival);
        var late = ntp - Target(timestamp);
        if (late < TimeSpan.Zero || late > LargestLateness)
        {
            Remap(timestamp, ntp);
        }
    }

    /// <summary>
    /// Tells of a sender report of this track. A report without wall-clock time (NTP zero) says nothing and is ignored.
    /// </summary>
    public void OnSenderReport(Instant arrival, NtpTime ntp, uint rtpTimestamp)
    {
        if (ntp.Value == 0) return;
        publisher.OnSenderReport(arrival, ntp);
        if (!_started)
        {
            Start(rtpTimestamp);
            _anchorNtp = ntp;
            _hasReport = true;
            return;
        }

        var before = Map(_newest);
        _hasReport = true;
        _anchor = SerialNumber.Extend(_newest, rtpTimestamp);
        _anchorNtp = ntp;
        Owe(before);
    }

    /// <summary>Our wall-clock time of an RTP timestamp. Throws before the first packet or report.</summary>
    public NtpTime ToNtp(uint rtpTimestamp)
    {
        ThrowUnlessStarted();
        return Map(SerialNumber.Extend(_newest, rtpTimestamp));
    }

    /// <summary>
    /// The RTP timestamp of a time on our wall clock, for our own sender reports. Throws before the first packet or report.
    /// </summary>
    public uint ToRtp(NtpTime ntp)
    {
        ThrowUnlessStarted();
        var timestamp = Untarget(ntp);
        for (var i = 0; i < InverseRounds && _residualTicks != 0; i++)
        {
            timestamp = Untarget(ntp + -Residual(timestamp));
        }

        return (uint)timestamp;
    }

    private void Start(uint rtpTimestamp)
    {
        _started = true;
        _newest = rtpTimestamp;
        _anchor = rtpTimestamp;
        _residualAt = rtpTimestamp;
    }

    private void Remap(long timestamp, NtpTime ntp)
    {
        var before = Map(_newest);
        _newest = ntp - Target(timestamp) > LargestLateness ? timestamp : _newest;
        _anchor = timestamp;
        _anchorNtp = ntp;
        Owe(before);
    }

    private void Owe(NtpTime before)
    {
        _residualAt = _newest;
        _residualTicks = 0;
        var owed = before - Map(_newest);
        if (owed.Duration() > LargestSlew)
        {
            Jumps++;
            return;
        }

        _residualTicks = owed.Ticks;
    }

    private NtpTime Map(long timestamp) => Target(timestamp) + Residual(timestamp);

    private TimeSpan Offset => _hasReport ? publisher.Offset : TimeSpan.Zero;

    private NtpTime Target(long timestamp) => _anchorNtp + Offset + Span(timestamp - _anchor);

    private long Untarget(NtpTime ntp)
    {
        var span = ntp - _anchorNtp - Offset;
        return _anchor + (long)Math.Round(span.Ticks * (double)clockRate / TimeSpan.TicksPerSecond);
    }

    private TimeSpan Residual(long timestamp)
    {
        if (_residualTicks == 0) return TimeSpan.Zero;
        var passed = Math.Max(0, Span(timestamp - _residualAt).Ticks);
        var left = Math.Max(0, Math.Abs(_residualTicks) - (long)(passed * SlewRate));
        return TimeSpan.FromTicks(_residualTicks < 0 ? -left : left);
    }

    private TimeSpan Span(long ticks) => TimeSpan.FromTicks((long)((Int128)ticks * TimeSpan.TicksPerSecond / clockRate));

    private void ThrowUnlessStarted()
    {
        if (!_started) throw new InvalidOperationException("A track clock has no map before the first packet or sender report.");
    }
}
