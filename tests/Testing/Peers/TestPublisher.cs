using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Testing.Peers;

/// <summary>
/// A synthetic WHIP publisher: stamped frames at a steady rate, a keyframe when asked, sound, sender reports, and retransmissions from its own
/// history.
/// </summary>
public sealed class TestPublisher : TestPeer
{
    private const int PacketSize = 1160;
    private const int TransportSequenceId = 3;
    private const int MidId = 4;
    private const int RidId = 10;
    private const int RepairedRidId = 11;
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly byte[] _packet = new byte[1500];
    private readonly List<TestEncoding> _encodings = [];
    private Instant _nextReport = Instant.Never;
    private Instant _started;
    private ushort _transportSequence = 65_000;

    /// <param name="random">Where its numbers come from.</param>
    /// <param name="address">Its own address.</param>
    /// <param name="clock">Virtual time against the wall.</param>
    /// <param name="plan">What it sends.</param>
    public TestPublisher(SeededRandom random, NetworkAddress address, WallClock clock, PublisherPlan plan)
        : base(random, address, clock)
    {
        Plan = plan;
        var source = (uint)random.Next() & 0xffff_ff00;
        foreach (var rid in plan.Layers.Count > 0 ? plan.Layers : [""])
        {
            _encodings.Add(new TestEncoding(MediaKind.Video, plan.Video, "1", rid, source++, NewSsrc(), NewSsrc(), plan));
        }

        if (plan.AudioInterval > TimeSpan.Zero) _encodings.Add(new TestEncoding(MediaKind.Audio, Codec.Opus, "0", "", source, NewSsrc(), 0, plan));
    }

    /// <summary>What it sends.</summary>
    public PublisherPlan Plan { get; }

    /// <summary>Its streams: the layers of the picture, then sound.</summary>
    public IReadOnlyList<TestEncoding> Encodings => _encodings;

    /// <summary>The picture, or its best layer.</summary>
    public TestEncoding Video => _encodings[0];

    /// <summary>Sound.</summary>
    public TestEncoding Audio => _encodings[^1];

    /// <summary>False stops making frames, while the session goes on.</summary>
    public bool IsSending { get; set; } = true;

    /// <summary>Which packets never leave at the first try; null for none. They can be asked for again.</summary>
    public Func<FrameStamp, bool>? Loses { get; set; }

    /// <summary>Receiver reports taken.</summary>
    public int Reports { get; private set; }

    /// <summary>Transport-wide feedback taken.</summary>
    public int TransportFeedback { get; private set; }

    /// <inheritdoc />
    protected override Instant NextMediaTimeout
    {
        get
        {
            var next = _nextReport;
            if (!IsSending) return next;
            foreach (var encoding in _encodings)
            {
                next = Instant.Min(next, encoding.NextFrame);
            }

            return next;
        }
    }

    /// <summary>The offer it posts.</summary>
    public string Offer()
    {
        var text = new StringBuilder("v=0\r\no=- 42 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
        var hasAudio = Plan.AudioInterval > TimeSpan.Zero;
        text.Append(hasAudio ? "a=group:BUNDLE 0 1\r\n" : "a=group:BUNDLE 1\r\n");
        var twcc = Plan.HasTransportFeedback
            ? $"a=extmap:{TransportSequenceId} http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n" : "";
        if (hasAudio)
        {
            var pt = Plan.AudioPayloadType;
            text.Append(CultureInfo.InvariantCulture, $"m=audio 9 UDP/TLS/RTP/SAVPF {pt}\r\nc=IN IP4 0.0.0.0\r\n").Append(TransportLines());
            text.Append("a=mid:0\r\na=sendonly\r\n").Append(twcc);
            text.Append(CultureInfo.InvariantCulture, $"a=extmap:{MidId} urn:ietf:params:rtp-hdrext:sdes:mid\r\n");
            text.Append(CultureInfo.InvariantCulture, $"a=rtpmap:{pt} opus/48000/2\r\na=fmtp:{pt} minptime=10;useinbandfec=1\r\n");
            if (Plan.HasTransportFeedback) text.Append(CultureInfo.InvariantCulture, $"a=rtcp-fb:{pt} transport-cc\r\n");
            if (Plan.RepairsAudio) text.Append(CultureInfo.InvariantCulture, $"a=rtcp-fb:{pt} nack\r\n");
            text.Append(CultureInfo.InvariantCulture, $"a=ssrc:{Audio.Ssrc.Value} cname:test\r\n");
        }

        AppendVideo(text, twcc);
        return text.ToString();
    }

    /// <summary>Sends the next picture as one that needs no other.</summary>
    public void RequestKeyframe()
    {
        foreach (var encoding in _encodings)
        {
            encoding.WantsKeyframe = true;
        }
    }

    /// <summary>Goes on under another SSRC, as an encoder that was replaced.</summary>
    public static void ChangeSsrc(TestEncoding encoding, uint ssrc) => encoding.Ssrc = new Ssrc(ssrc);

    /// <inheritdoc />
    protected override void HandleConnected(Instant now)
    {
        _started = now;
        _nextReport = now;
        foreach (var encoding in _encodings)
        {
            encoding.NextFrame = now;
        }
    }

    /// <inheritdoc />
    protected override void HandleRtp(Instant now, Span<byte> packet) => throw new InvalidOperationException("A publisher was sent media.");

    /// <inheritdoc />
    protected override void HandleRtcp(Instant now, ReadOnlySpan<byte> packet)
    {
        foreach (var part in new RtcpReader(packet))
        {
            if (part.Type == RtcpPacketType.ReceiverReport) Reports++;
            if (GenericNack.TryParse(part, out var nack))
            {
                if (Find(nack.Media) is not { } encoding) continue;
                foreach (var sequence in nack)
                {
                    Retransmit(encoding, sequence);
                }
            }
            else if (part.Type == RtcpPacketType.TransportFeedback)
            {
                TransportFeedback++;
            }
            else if (PictureLossIndication.TryParse(part, out var pli))
            {
                AskForKeyframe(now, pli.Media);
            }
            else if (FullIntraRequest.TryParse(part, out var fir))
            {
                foreach (var command in fir)
                {
                    AskForKeyframe(now, command.Media);
                }
            }
        }
    }

    /// <inheritdoc />
    protected override void HandleMediaTimeout(Instant now)
    {
        for (var i = 0; i < _encodings.Count && IsSending; i++)
        {
            var encoding = _encodings[i];
            while (encoding.NextFrame <= now)
            {
                SendFrame(now, encoding, i);
                // From the number, so that hours of frames do not add up their rounding.
                encoding.NextFrame = new Instant(_started.Nanoseconds + (long)(encoding.Frames * TicksPerFrame(encoding) / encoding.ClockRate * 1e9));
            }
        }

        if (_nextReport > now) return;
        _nextReport = now + ReportInterval;
        SendReports(now);
    }

    private double TicksPerFrame(TestEncoding encoding) => encoding.Kind == MediaKind.Video
        ? encoding.ClockRate / Plan.FramesPerSecond
        : encoding.ClockRate * Plan.AudioInterval.TotalSeconds;

    private void SendFrame(Instant now, TestEncoding encoding, int layer)
    {
        var isVideo = encoding.Kind == MediaKind.Video;
        var isKey = isVideo && (encoding.WantsKeyframe || (Plan.KeyframeInterval > 0 && encoding.Frames % Plan.KeyframeInterval == 0));
        var bytes = isVideo ? (int)((Plan.VideoBitrate >> layer) / 8 / Plan.FramesPerSecond) * (isKey ? Plan.KeyframeFactor : 1) : 80;
        if (isVideo) bytes += Random.Next(bytes / 4 + 1) - bytes / 8;
        var parts = isVideo ? Math.Max(isKey ? 2 : 1, (bytes + PacketSize - 1) / PacketSize) : 1;
        if (isKey)
        {
            encoding.WantsKeyframe = false;
            encoding.Keyframes.Add(encoding.Frames);
        }

        var timestamp = encoding.TimestampOf(encoding.Frames, TicksPerFrame(encoding));
        for (var part = 0; part < parts; part++)
        {
            // Equal parts but for the last, as encoders' packetizers make them.
            var size = part < parts - 1 ? (bytes + parts - 1) / parts : Math.Max(FrameStamp.Length, bytes - (parts - 1) * ((bytes + parts - 1) / parts));
            var stamp = new FrameStamp(encoding.Source, encoding.Frames, (ushort)part, (ushort)parts, isKey, now.Nanoseconds);
            SendPart(encoding, stamp, size, timestamp);
        }

        encoding.Frames++;
        encoding.PictureId = (ushort)(encoding.PictureId + 1 & 0x7fff);
        encoding.Tl0++;
    }

    private void SendPart(TestEncoding encoding, in FrameStamp stamp, int size, uint timestamp)
    {
        var sequence = encoding.NextSequence++;
        var marker = encoding.Kind == MediaKind.Video && stamp.Part == stamp.Parts - 1;
        var header = WriteHeader(encoding, encoding.PayloadType, marker, (ushort)sequence, timestamp, encoding.Ssrc, RidId);
        var length = header + SyntheticPayload.Write(encoding.Codec, _packet.AsSpan(header), stamp, size, encoding.PictureId, encoding.Tl0);
        encoding.Remember(_packet.AsSpan(0, length), header, sequence);
        if (Loses?.Invoke(stamp) != true) SendRtp(_packet.AsSpan(0, length), header, sequence);
    }

    private void Retransmit(TestEncoding encoding, ushort sequence)
    {
        encoding.Nacked++;
        if (!encoding.TryRecall(sequence, out var packet, out var headerLength, out var extended)) return;
        encoding.Retransmitted++;
        if (encoding.Kind == MediaKind.Audio || !Plan.HasRtx)
        {
            SendRtp(packet, headerLength, extended);
            return;
        }

        if (!RtpPacketView.TryParse(packet, out var original)) return;
        var rtxSequence = encoding.RtxSequence++;
        var header = WriteHeader(encoding, (byte)(encoding.PayloadType + 1), original.Marker, (ushort)rtxSequence, original.Timestamp, encoding.RtxSsrc, RepairedRidId);
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(header), sequence);
        original.Payload.CopyTo(_packet.AsSpan(header + 2));
        SendRtp(_packet.AsSpan(0, header + 2 + original.Payload.Length), header, rtxSequence);
    }

    private int WriteHeader(TestEncoding encoding, byte payloadType, bool marker, ushort sequence, uint timestamp, Ssrc ssrc, int ridId)
    {
        var writer = RtpHeaderWriter.Begin(_packet, new PayloadType(payloadType), marker, sequence, timestamp, ssrc);
        if (Plan.HasTransportFeedback) BinaryPrimitives.WriteUInt16BigEndian(writer.AddExtension(TransportSequenceId, 2), _transportSequence++);
        if (encoding.Rid.Length > 0)
        {
            writer.AddExtension(MidId, Encoding.ASCII.GetBytes(encoding.Mid));
            writer.AddExtension(ridId, Encoding.ASCII.GetBytes(encoding.Rid));
        }

        return writer.Complete();
    }

    private void SendReports(Instant now)
    {
        foreach (var encoding in _encodings)
        {
            if (encoding.Frames == 0) continue;
            var ticks = (now - _started).TotalSeconds * encoding.ClockRate;
            var length = SenderReport.Write(_packet, encoding.Ssrc, Clock.ToNtp(now) + Plan.ClockAhead,
                (uint)(encoding.FirstTimestamp + (long)Math.Round(ticks)), (uint)encoding.Packets, (uint)encoding.Octets);
            length += SourceDescription.Write(_packet.AsSpan(length), encoding.Ssrc, "test"u8);
            SendRtcp(_packet.AsSpan(0, length));
        }
    }

    private void AskForKeyframe(Instant now, Ssrc media)
    {
        if (Find(media) is not { } encoding) return;
        encoding.KeyframeRequests++;
        encoding.KeyframeRequestTimes.Add(now);
        encoding.WantsKeyframe = true;
    }

    private TestEncoding? Find(Ssrc ssrc) => _encodings.Find(e => e.Ssrc == ssrc);

    private void AppendVideo(StringBuilder text, string twcc)
    {
        var pt = Plan.VideoPayloadType;
        var rtx = pt + 1;
        text.Append(CultureInfo.InvariantCulture, $"m=video 9 UDP/TLS/RTP/SAVPF {pt}{(Plan.HasRtx ? $" {rtx}" : "")}\r\nc=IN IP4 0.0.0.0\r\n").Append(TransportLines());
        text.Append("a=mid:1\r\na=sendonly\r\n").Append(twcc);
        text.Append(CultureInfo.InvariantCulture, $"a=extmap:{MidId} urn:ietf:params:rtp-hdrext:sdes:mid\r\n");
        if (Plan.Layers.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"a=extmap:{RidId} urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n");
            text.Append(CultureInfo.InvariantCulture, $"a=extmap:{RepairedRidId} urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"a=rtpmap:{pt} {(Plan.Video == Codec.H264 ? "H264" : "VP8")}/90000\r\n");
        if (Plan.Video == Codec.H264) text.Append(CultureInfo.InvariantCulture, $"a=fmtp:{pt} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42c01e\r\n");
        foreach (var feedback in (ReadOnlySpan<string>)["nack", "nack pli", "ccm fir", .. Plan.HasTransportFeedback ? ["transport-cc"] : (string[])[]])
        {
            text.Append(CultureInfo.InvariantCulture, $"a=rtcp-fb:{pt} {feedback}\r\n");
        }

        if (Plan.HasRtx) text.Append(CultureInfo.InvariantCulture, $"a=rtpmap:{rtx} rtx/90000\r\na=fmtp:{rtx} apt={pt}\r\n");
        if (Plan.Layers.Count > 0)
        {
            foreach (var rid in Plan.Layers)
            {
                text.Append(CultureInfo.InvariantCulture, $"a=rid:{rid} send\r\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"a=simulcast:send {string.Join(';', Plan.Layers)}\r\n");
            return;
        }

        if (Plan.HasRtx) text.Append(CultureInfo.InvariantCulture, $"a=ssrc-group:FID {Video.Ssrc.Value} {Video.RtxSsrc.Value}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"a=ssrc:{Video.Ssrc.Value} cname:test\r\n");
        if (Plan.HasRtx) text.Append(CultureInfo.InvariantCulture, $"a=ssrc:{Video.RtxSsrc.Value} cname:test\r\n");
    }

    private uint NewSsrc() => (uint)Random.Next() | 1;
}
