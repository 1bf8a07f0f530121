using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Whep;

/// <summary>A viewer's RTCP: sender reports out, receiver reports, NACK and key picture requests in.</summary>
internal sealed partial class WhepViewer
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    // Sound and picture are told apart in time only by sender reports: the first ones come often, so that lips are in step from the start.
    private static readonly TimeSpan FirstReportInterval = TimeSpan.FromMilliseconds(200);
    private const int FirstReports = 5;

    private enum RtcpTimer : byte
    {
        /// <summary>The next sender reports are due.</summary>
        Report = 0,
    }

    private readonly byte[] _cname;
    private TimerTable<RtcpTimer> _rtcp;
    private int _reports;
    private bool _reportDue;
    private NtpTime _echoReference;
    private Instant _echoAt;
    private Ssrc _echoSsrc;
    private long _plis;
    private TimeSpan _rtt;
    private TimeSpan _jitter;
    private double _fractionLost;

    public override Instant NextTimeout => _rtcp.Next();

    public override void HandleTimeout(Instant now)
    {
        while (_rtcp.TryExpire(now, out _))
        {
            _reportDue = true;
            Review(now);
            _rtcp.Set(RtcpTimer.Report, now + (_reports++ < FirstReports ? FirstReportInterval : ReportInterval));
        }
    }

    public override void HandleRtcp(Instant now, ReadOnlySpan<byte> packet)
    {
        foreach (var part in new RtcpReader(packet))
        {
            switch (part.Type)
            {
                case RtcpPacketType.ReceiverReport when ReceiverReport.TryParse(part, out var report):
                    HandleReports(now, report.Reports);
                    break;
                case RtcpPacketType.SenderReport when SenderReport.TryParse(part, out var report):
                    HandleReports(now, report.Reports);
                    break;
                case RtcpPacketType.TransportFeedback when GenericNack.TryParse(part, out var nack):
                    HandleNack(nack);
                    break;
                case RtcpPacketType.PayloadFeedback when PictureLossIndication.TryParse(part, out var pli):
                    HandleKeyframeRequest(pli.Media);
                    break;
                case RtcpPacketType.PayloadFeedback when FullIntraRequest.TryParse(part, out var fir):
                    foreach (var command in fir)
                    {
                        HandleKeyframeRequest(command.Media);
                    }

                    break;
                case RtcpPacketType.ExtendedReport when ExtendedReport.TryParse(part, out var extended):
                    while (extended.MoveNext())
                    {
                        if (extended.BlockType != ExtendedBlockType.ReceiverReferenceTime) continue;
                        _echoReference = extended.ReferenceTime;
                        _echoAt = now;
                        _echoSsrc = extended.Sender;
                    }

                    break;
            }
        }
    }

    public override bool TryTakeRtcp(Instant now, Span<byte> destination, out int length)
    {
        length = 0;
        if (!_reportDue) return false;
        _reportDue = false;
        var ntp = _output.Clock.ToNtp(now);
        var sender = default(Ssrc);
        foreach (var track in _tracks)
        {
            if (!track.TryGetTimestamp(ntp, out var timestamp)) continue;
            sender = new Ssrc(track.Ssrc);
            length += SenderReport.Write(destination[length..], sender, ntp, timestamp, (uint)track.PacketsSent, (uint)track.OctetsSent);
            length += SourceDescription.Write(destination[length..], sender, _cname);
        }

        if (length > 0 && _echoReference != default)
        {
            var delay = (uint)Math.Min((now - _echoAt).TotalSeconds * 65536, uint.MaxValue);
            length += ExtendedReport.WriteDelays(destination[length..], sender, [new ReceiverDelay(_echoSsrc, _echoReference.Middle, delay)]);
            _echoReference = default;
        }

        return length > 0;
    }

    private void HandleReports(Instant now, ReportBlockList reports)
    {
        for (var i = 0; i < reports.Count; i++)
        {
            var block = reports[i];
            if (Find(block.Ssrc) is not { } track) continue;
            _fractionLost = block.FractionLost / 256.0;
            _jitter = TimeSpan.FromSeconds(block.Jitter / (double)Protocols.Media.CodecFacts.ClockRateOf(
                track.Kind == Protocols.Media.MediaKind.Audio ? Protocols.Media.Codec.Opus : Protocols.Media.Codec.H264));
            if (block.LastSenderReport == 0) continue;
            var rtt = unchecked(_output.Clock.ToNtp(now).Middle - block.LastSenderReport - block.DelaySinceLastSenderReport);
            if ((int)rtt >= 0) _rtt = TimeSpan.FromSeconds(rtt / 65536.0);
        }
    }

    private OutgoingTrack? Find(Ssrc ssrc)
    {
        foreach (var track in _tracks)
        {
            if (track.Ssrc == ssrc.Value) return track;
        }

        return null;
    }

    private void HandleNack(GenericNack nack)
    {
        foreach (var track in _tracks)
        {
            if (track.Ssrc != nack.Media.Value) continue;
            foreach (var sequence in nack)
            {
                track.HandleNack(sequence);
            }

            _fanOut?.List(this);
        }
    }

    private void HandleKeyframeRequest(Ssrc media)
    {
        foreach (var track in _tracks)
        {
            if (track.Ssrc != media.Value) continue;
            _plis++;
            track.RequestKeyframe();
        }
    }
}
