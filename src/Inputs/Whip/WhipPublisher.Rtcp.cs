using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Whip;

/// <summary>What a publisher is told: reports, lost packets, wanted key pictures, arrival times and bandwidth.</summary>
internal sealed partial class WhipPublisher
{
    private const int MaxNacks = 64;
    private static readonly TimeSpan FirstReport = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private enum RtcpTimer : byte
    {
        /// <summary>The next receiver reports are due.</summary>
        Report = 0,
    }

    private readonly Ssrc _ssrc;
    private readonly PublisherClock _clock;
    private readonly TransportFeedbackRecorder _arrivals = new();
    private readonly RembSender _remb = new();
    private readonly RttEstimator _rtt = new(TimeSpan.Zero);
    private TimerTable<RtcpTimer> _timers;
    private bool _reportsDue;
    private bool _reducedSize;
    private bool _hasTransportFeedback;
    private bool _hasRemb;
    private TimeSpan _roundTrip;
    private byte _firNumber;
    private bool _hasPli;

    public override Instant NextTimeout
    {
        get
        {
            var next = Instant.Min(_timers.Next(), Instant.Min(_arrivals.NextTimeout, _remb.NextTimeout));
            foreach (var track in _tracks)
            {
                next = Instant.Min(next, track.NextTimeout);
            }

            return next;
        }
    }

    public override void HandleTimeout(Instant now)
    {
        while (_timers.TryExpire(now, out _))
        {
            _reportsDue = true;
            _timers.Set(RtcpTimer.Report, now + ReportInterval);
            if (_hasRemb && !_hasTransportFeedback && _remb.NextTimeout == Instant.Never) _remb.SetLimit(now, WhipInput.MaxBitrate);
        }

        foreach (var track in _tracks)
        {
            track.HandleTimeout(now);
        }
    }

    public override void HandleRtcp(Instant now, ReadOnlySpan<byte> packet)
    {
        foreach (var part in new RtcpReader(packet))
        {
            switch (part.Type)
            {
                case RtcpPacketType.SenderReport when SenderReport.TryParse(part, out var report):
                    _streams.Find(report.Sender)?.HandleSenderReport(now, report.Ntp, report.RtpTimestamp);
                    break;
                case RtcpPacketType.ExtendedReport when ExtendedReport.TryParse(part, out var extended):
                    HandleExtended(now, extended);
                    break;
            }
        }
    }

    public override bool TryTakeRtcp(Instant now, Span<byte> destination, out int length)
    {
        length = 0;
        if (_reportsDue)
        {
            _reportsDue = false;
            length = WriteReports(now, destination);
            length += ExtendedReport.WriteReferenceTime(destination[length..], _ssrc, _input.Clock.ToNtp(now));
            return true;
        }

        Span<ushort> sequences = stackalloc ushort[MaxNacks];
        foreach (var track in _tracks)
        {
            if (track.TryTakeKeyframeRequest(now))
            {
                length = Begin(destination);
                length += _hasPli
                    ? new PictureLossIndication(_ssrc, track.Ssrc).Write(destination[length..])
                    : FullIntraRequest.Write(destination[length..], _ssrc, new FullIntraCommand(track.Ssrc, _firNumber++));
                return true;
            }

            var count = track.TakeNacks(now, _roundTrip, sequences);
            if (count == 0) continue;
            length = Begin(destination);
            length += GenericNack.Write(destination[length..], _ssrc, track.Ssrc, sequences[..count], out _);
            return true;
        }

        if (_hasTransportFeedback && _arrivals.NextTimeout <= now)
        {
            length = Begin(destination);
            var written = _arrivals.TakeFeedback(now, _ssrc, MediaSsrc, destination[length..]);
            if (written > 0)
            {
                length += written;
                return true;
            }
        }

        if (_hasRemb && !_hasTransportFeedback && _remb.NextTimeout <= now)
        {
            length = Begin(destination);
            var written = _remb.Take(now, _ssrc, [MediaSsrc], destination[length..]);
            length += written;
            return written > 0;
        }

        length = 0;
        return false;
    }

    private Ssrc MediaSsrc
    {
        get
        {
            foreach (var track in _tracks)
            {
                if (track is { IsVideo: true, HasStarted: true }) return track.Ssrc;
            }

            return _tracks[0].Ssrc;
        }
    }

    // A report of its own begins every packet where the peer has not agreed to reduced-size RTCP (RFC 5506).
    private int Begin(Span<byte> destination) => _reducedSize ? 0 : ReceiverReport.Write(destination, _ssrc, []);

    private int WriteReports(Instant now, Span<byte> destination)
    {
        Span<ReportBlock> blocks = stackalloc ReportBlock[16];
        var count = 0;
        foreach (var track in _tracks)
        {
            if (count < blocks.Length && track.TryTakeReport(now, out var block)) blocks[count++] = block;
        }

        var length = ReceiverReport.Write(destination, _ssrc, blocks[..count]);
        return length + SourceDescription.Write(destination[length..], _ssrc, "sluice"u8);
    }

    // Where the peer answers our reference time, the round trip is known without sending media (RFC 3611 §4.5).
    private void HandleExtended(Instant now, ExtendedReport report)
    {
        while (report.MoveNext())
        {
            if (report.BlockType != ExtendedBlockType.DelaySinceLastReceiverReport) continue;
            for (var i = 0; i < report.DelayCount; i++)
            {
                var delay = report.Delay(i);
                if (delay.Receiver == _ssrc && _rtt.OnReport(_input.Clock.ToNtp(now), delay.LastReferenceTime, delay.Delay)) _roundTrip = _rtt.Smoothed;
            }
        }
    }

    private void NoteArrival(Instant now, in RtpPacketView view)
    {
        if (_hasTransportFeedback
            && _extensions.TryGet(view, HeaderExtensionKind.TransportSequence, out var bytes)
            && TransportSequenceExtension.TryParse(bytes, out var sequence))
        {
            _arrivals.OnPacket(now, sequence.Sequence);
        }
    }

    private void ReadFeedback(NegotiatedSession negotiated)
    {
        _reducedSize = negotiated.Media.All(m => m.ReducedSizeRtcp);
        foreach (var payload in negotiated.Media.SelectMany(m => m.Payloads))
        {
            _hasTransportFeedback |= payload.Allows(PayloadFeedback.TransportCc);
            _hasRemb |= payload.Allows(PayloadFeedback.Remb);
            _hasPli |= payload.Allows(PayloadFeedback.Pli);
        }

        _hasTransportFeedback &= _extensions.IdOf(HeaderExtensionKind.TransportSequence) != 0;
    }
}
