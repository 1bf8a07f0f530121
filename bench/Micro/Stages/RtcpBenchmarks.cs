using BenchmarkDotNet.Attributes;
using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Micro.Stages;

/// <summary>RTCP read and written.</summary>
public class RtcpBenchmarks
{
    private const int FeedbackPackets = 30;

    private readonly byte[] _report = new byte[256];
    private readonly byte[] _nack = new byte[256];
    private readonly byte[] _feedback = new byte[1200];
    private readonly byte[] _written = new byte[1200];
    private readonly ReportBlock[] _blocks = [new(new Ssrc(1), 3, 17, 0x1_2345, 90, 1, 2), new(new Ssrc(2), 0, 0, 0x5432, 20, 1, 2)];
    private readonly ushort[] _missing = [100, 101, 104, 110, 150, 151, 152, 300];
    private readonly TransportFeedbackRecorder _recorder = new();
    private int _reportLength;
    private int _nackLength;
    private int _feedbackLength;
    private Instant _now = Instant.FromMilliseconds(1000);
    private ushort _sequence;

    [GlobalSetup]
    public void Setup()
    {
        _reportLength = WriteReceiverReport();
        _written.AsSpan(0, _reportLength).CopyTo(_report);
        _nackLength = WriteNack();
        _written.AsSpan(0, _nackLength).CopyTo(_nack);
        for (var i = 0; _feedbackLength == 0 && i < 10; i++)
        {
            _feedbackLength = RecordAndWriteTransportFeedback();
        }

        _written.AsSpan(0, _feedbackLength).CopyTo(_feedback);
        if (ReadReceiverReport() != _blocks.Length || ReadNack() != _missing.Length || ReadTransportFeedback() < FeedbackPackets - 1) throw new InvalidOperationException("What was written cannot be read.");
    }

    /// <summary>A receiver report with two blocks and a name, as viewers send it each second.</summary>
    [Benchmark, PerPacket]
    public int ReadReceiverReport()
    {
        var blocks = 0;
        foreach (var part in new RtcpReader(_report.AsSpan(0, _reportLength)))
        {
            if (!ReceiverReport.TryParse(part, out var report)) continue;
            for (var i = 0; i < report.Reports.Count; i++)
            {
                if (report.Reports[i].Ssrc.Value != 0) blocks++;
            }
        }

        return blocks;
    }

    /// <summary>The same written.</summary>
    [Benchmark, PerPacket]
    public int WriteReceiverReport()
    {
        var length = ReceiverReport.Write(_written, new Ssrc(9), _blocks);
        return length + SourceDescription.Write(_written.AsSpan(length), new Ssrc(9), "viewer"u8);
    }

    /// <summary>A sender report with a name, as viewers get it each second for each track.</summary>
    [Benchmark, PerPacket]
    public int WriteSenderReport()
    {
        var length = SenderReport.Write(_written, new Ssrc(9), new NtpTime(0x1234_5678_9abc), 1, 2, 3);
        return length + SourceDescription.Write(_written.AsSpan(length), new Ssrc(9), "meadow"u8);
    }

    /// <summary>Eight packets asked for.</summary>
    [Benchmark, PerPacket]
    public int ReadNack()
    {
        var missing = 0;
        foreach (var part in new RtcpReader(_nack.AsSpan(0, _nackLength)))
        {
            if (!GenericNack.TryParse(part, out var nack)) continue;
            foreach (var sequence in nack)
            {
                if (sequence != 0) missing++;
            }
        }

        return missing;
    }

    /// <summary>The same written.</summary>
    [Benchmark, PerPacket]
    public int WriteNack() => GenericNack.Write(_written, new Ssrc(9), new Ssrc(1), _missing, out _);

    /// <summary>Feedback on thirty packets.</summary>
    [Benchmark, PerPacket]
    public int ReadTransportFeedback()
    {
        var received = 0;
        foreach (var part in new RtcpReader(_feedback.AsSpan(0, _feedbackLength)))
        {
            if (!TransportFeedback.TryParse(part, out var feedback)) continue;
            foreach (var arrival in feedback)
            {
                if (arrival.Received) received++;
            }
        }

        return received;
    }

    /// <summary>The arrivals of thirty packets within 100 ms noted, and the feedback on them written.</summary>
    [Benchmark, PerPacket]
    public int RecordAndWriteTransportFeedback()
    {
        for (var i = 0; i < FeedbackPackets; i++)
        {
            _now += TimeSpan.FromMilliseconds(3.4);
            _recorder.OnPacket(_now, _sequence++);
        }

        var length = 0;
        for (int taken; (taken = _recorder.TakeFeedback(_now, new Ssrc(9), new Ssrc(1), _written)) > 0;)
        {
            length = taken;
        }

        return length;
    }
}
