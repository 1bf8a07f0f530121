using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;

namespace Sluice.Testing.Fuzzing;

/// <summary>A datagram of RTCP never breaks the reader, and each packet it gives survives being written and read again.</summary>
public static class RtcpTarget
{
    /// <summary>Runs one datagram and gives how many of its packets had a meaning.</summary>
    public static int Walk(ReadOnlySpan<byte> input)
    {
        var understood = 0;
        var bytes = 0;
        var reader = new RtcpReader(input);
        while (reader.MoveNext())
        {
            bytes += RtcpPacketView.HeaderLength + reader.Current.Body.Length;
            understood += Visit(reader.Current) ? 1 : 0;
        }

        FuzzAssert.That(bytes <= input.Length, "packets lie inside the datagram");
        FuzzAssert.That(!reader.MoveNext(), "the end stays the end");
        return understood;
    }

    /// <summary>Runs one datagram.</summary>
    public static void Run(ReadOnlySpan<byte> input) => Walk(input);

    private static bool Visit(in RtcpPacketView packet)
    {
        if (SenderReport.TryParse(packet, out var sender)) Check(sender);
        else if (ReceiverReport.TryParse(packet, out var receiver)) Check(receiver);
        else if (SourceDescription.TryParse(packet, out var description)) Check(description);
        else if (Goodbye.TryParse(packet, out var goodbye)) Check(goodbye);
        else if (GenericNack.TryParse(packet, out var nack)) Check(nack);
        else if (TransportFeedback.TryParse(packet, out var feedback)) Check(feedback);
        else if (PictureLossIndication.TryParse(packet, out var indication)) Check(indication);
        else if (FullIntraRequest.TryParse(packet, out var request)) Check(request);
        else if (ReceiverEstimatedBitrate.TryParse(packet, out var estimate)) Check(estimate);
        else if (ExtendedReport.TryParse(packet, out var extended)) Check(extended);
        else return false;
        return true;
    }

    private static RtcpPacketView ReadBack(ReadOnlySpan<byte> written)
    {
        var reader = new RtcpReader(written);
        FuzzAssert.That(reader.MoveNext(), "what was written is a packet");
        var packet = reader.Current;
        FuzzAssert.That(!reader.MoveNext() && !reader.Malformed, "and nothing else");
        return packet;
    }

    private static ReportBlock[] BlocksOf(in ReportBlockList list)
    {
        var blocks = new ReportBlock[list.Count];
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i] = list[i];
        }

        return blocks;
    }

    private static void Check(in SenderReport report)
    {
        var blocks = BlocksOf(report.Reports);
        var buffer = new byte[SenderReport.LengthOf(blocks.Length)];
        var length = SenderReport.Write(
            buffer, report.Sender, report.Ntp, report.RtpTimestamp, report.PacketCount, report.OctetCount, blocks);
        FuzzAssert.That(SenderReport.TryParse(ReadBack(buffer.AsSpan(0, length)), out var again), "a sender report survives");
        FuzzAssert.That(again.Ntp == report.Ntp && again.RtpTimestamp == report.RtpTimestamp, "so do its times");
        FuzzAssert.That(again.Sender == report.Sender, "so does its stream");
        FuzzAssert.That(again.PacketCount == report.PacketCount && again.OctetCount == report.OctetCount, "so do its counts");
        FuzzAssert.That(BlocksOf(again.Reports).AsSpan().SequenceEqual(blocks), "so do its blocks");
    }

    private static void Check(in ReceiverReport report)
    {
        var blocks = BlocksOf(report.Reports);
        var buffer = new byte[ReceiverReport.LengthOf(blocks.Length)];
        var length = ReceiverReport.Write(buffer, report.Sender, blocks);
        FuzzAssert.That(ReceiverReport.TryParse(ReadBack(buffer.AsSpan(0, length)), out var again), "a receiver report survives");
        FuzzAssert.That(again.Sender == report.Sender && BlocksOf(again.Reports).AsSpan().SequenceEqual(blocks), "so do its blocks");
    }

    private static void Check(SourceDescription description)
    {
        for (var chunks = 0; description.MoveNext(); chunks++)
        {
            FuzzAssert.That(chunks < 31, "there are no more chunks than the header can count");
            var buffer = new byte[SourceDescription.LengthOf(description.CanonicalName.Length)];
            var length = SourceDescription.Write(buffer, description.Ssrc, description.CanonicalName);
            FuzzAssert.That(SourceDescription.TryParse(ReadBack(buffer.AsSpan(0, length)), out var again), "a description survives");
            FuzzAssert.That(again.MoveNext() && again.Ssrc == description.Ssrc, "so does its stream");
            FuzzAssert.That(again.CanonicalName.SequenceEqual(description.CanonicalName), "so does its name");
        }
    }

    private static void Check(in Goodbye goodbye)
    {
        var sources = new Ssrc[goodbye.Count];
        for (var i = 0; i < sources.Length; i++)
        {
            sources[i] = goodbye[i];
        }

        var buffer = new byte[4 + sources.Length * 4];
        var length = Goodbye.Write(buffer, sources);
        FuzzAssert.That(Goodbye.TryParse(ReadBack(buffer.AsSpan(0, length)), out var again), "a goodbye survives");
        FuzzAssert.That(again.Count == sources.Length, "so do its streams");
    }

    private static void Check(GenericNack nack)
    {
        var sequences = new List<ushort>();
        foreach (var sequence in nack)
        {
            sequences.Add(sequence);
        }

        var buffer = new byte[12 + 4 * sequences.Count];
        var length = GenericNack.Write(buffer, nack.Sender, nack.Media, sequences.ToArray(), out var taken);
        FuzzAssert.That(taken == sequences.Count, "all requests fit");
        if (taken == 0) return;
        FuzzAssert.That(GenericNack.TryParse(ReadBack(buffer.AsSpan(0, length)), out var again), "a nack survives");

        // Requests written out of order, or twice, may be packed otherwise; none is lost or invented.
        var asked = new HashSet<ushort>(sequences);
        var read = new HashSet<ushort>();
        foreach (var sequence in again)
        {
            read.Add(sequence);
        }

        FuzzAssert.That(asked.SetEquals(read), "no request is lost or invented");
    }

    private static void Check(TransportFeedback feedback)
    {
        var deltas = new short[feedback.StatusCount];
        var arrivals = new PacketArrival[feedback.StatusCount];
        var last = (long)feedback.ReferenceTime * TransportFeedback.TicksPerReferenceUnit;
        var count = 0;
        var expressible = true;
        foreach (var arrival in feedback)
        {
            FuzzAssert.That(count < deltas.Length, "there are as many packets as the count says");
            FuzzAssert.That(arrival.Sequence == (ushort)(feedback.BaseSequence + count), "packets come in order");
            arrivals[count] = arrival;
            deltas[count] = TransportFeedbackWriter.NotReceived;
            if (arrival.Received)
            {
                var delta = arrival.ArrivalTicks - last;
                FuzzAssert.That(delta is >= short.MinValue and <= short.MaxValue, "deltas have two bytes at most");
                expressible &= delta != TransportFeedbackWriter.NotReceived;
                deltas[count] = (short)delta;
                last = arrival.ArrivalTicks;
            }

            count++;
        }

        FuzzAssert.That(count == deltas.Length, "there are as many packets as the count says");
        if (count == 0 || !expressible) return;
        var buffer = new byte[TransportFeedbackWriter.LongestLength(count)];
        var length = TransportFeedbackWriter.Write(
            buffer, feedback.Sender, feedback.Media, feedback.BaseSequence, feedback.ReferenceTime, feedback.FeedbackCount, deltas);
        FuzzAssert.That(TransportFeedback.TryParse(ReadBack(buffer.AsSpan(0, length)), out var again), "feedback survives");
        FuzzAssert.That(again.FeedbackCount == feedback.FeedbackCount && again.StatusCount == count, "so do its counts");
        foreach (var arrival in again)
        {
            FuzzAssert.That(arrival == arrivals[arrivals.Length - count], "so do its arrivals");
            count--;
        }
    }

    private static void Check(PictureLossIndication indication)
    {
        var buffer = new byte[PictureLossIndication.Length];
        var length = indication.Write(buffer);
        FuzzAssert.That(
            PictureLossIndication.TryParse(ReadBack(buffer.AsSpan(0, length)), out var again) && again == indication, "a PLI survives");
    }

    private static void Check(FullIntraRequest request)
    {
        foreach (var command in request)
        {
            var buffer = new byte[FullIntraRequest.Length];
            var length = FullIntraRequest.Write(buffer, request.Sender, command);
            FuzzAssert.That(FullIntraRequest.TryParse(ReadBack(buffer.AsSpan(0, length)), out var again), "a FIR survives");
            FuzzAssert.That(again.MoveNext() && again.Current == command && !again.MoveNext(), "so does its command");
        }
    }

    private static void Check(in ReceiverEstimatedBitrate estimate)
    {
        FuzzAssert.That(estimate.BitsPerSecond >= 0, "a limit is not negative");
        var sources = new Ssrc[estimate.Count];
        for (var i = 0; i < sources.Length; i++)
        {
            sources[i] = estimate[i];
        }

        var buffer = new byte[ReceiverEstimatedBitrate.LengthOf(sources.Length)];
        var length = ReceiverEstimatedBitrate.Write(buffer, estimate.Sender, estimate.BitsPerSecond, sources);
        FuzzAssert.That(ReceiverEstimatedBitrate.TryParse(ReadBack(buffer.AsSpan(0, length)), out var again), "a REMB survives");
        FuzzAssert.That(again.BitsPerSecond == estimate.BitsPerSecond && again.Count == estimate.Count, "so do its limit and streams");
    }

    private static void Check(ExtendedReport report)
    {
        while (report.MoveNext())
        {
            if (report.BlockType == ExtendedBlockType.ReceiverReferenceTime)
            {
                var buffer = new byte[ExtendedReport.ReferenceTimeLength];
                var length = ExtendedReport.WriteReferenceTime(buffer, report.Sender, report.ReferenceTime);
                FuzzAssert.That(ExtendedReport.TryParse(ReadBack(buffer.AsSpan(0, length)), out var again), "a reference time survives");
                FuzzAssert.That(again.MoveNext() && again.ReferenceTime == report.ReferenceTime, "to the bit");
            }
            else if (report.BlockType == ExtendedBlockType.DelaySinceLastReceiverReport)
            {
                var delays = new ReceiverDelay[report.DelayCount];
                for (var i = 0; i < delays.Length; i++)
                {
                    delays[i] = report.Delay(i);
                }

                var buffer = new byte[ExtendedReport.DelaysLength(delays.Length)];
                if (buffer.Length > ushort.MaxValue) continue;
                var length = ExtendedReport.WriteDelays(buffer, report.Sender, delays);
                FuzzAssert.That(ExtendedReport.TryParse(ReadBack(buffer.AsSpan(0, length)), out var again), "delays survive");
                FuzzAssert.That(again.MoveNext() && again.DelayCount == delays.Length, "all of them");
                for (var i = 0; i < delays.Length; i++)
                {
                    FuzzAssert.That(again.Delay(i) == delays[i], "to the bit");
                }
            }
        }
    }
}
