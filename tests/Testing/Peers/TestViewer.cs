using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.Wire;

namespace Sluice.Testing.Peers;

/// <summary>
/// A WHEP viewer: takes media, asks for what is missing, reports, asks for a keyframe where the picture is broken, and judges every packet
/// (<see cref="ReceivedTrack"/>).
/// </summary>
public sealed class TestViewer : TestPeer
{
    private const int MostNacks = 64;
    private const uint OwnSsrc = 0x5eed_0001;
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeyframeInterval = TimeSpan.FromMilliseconds(500);

    private readonly byte[] _packet = new byte[1200];
    private readonly NackGenerator _videoNacks = new();
    private readonly NackGenerator _audioNacks = new();
    private ReceptionStatistics? _videoReception;
    private ReceptionStatistics? _audioReception;
    private Instant _nextReport = Instant.Never;
    private Instant _nextKeyframeRequest = Instant.Never;
    private Instant _nextMischief = Instant.Never;
    private uint _videoSsrc;
    private uint _audioSsrc;

    /// <param name="random">Where its numbers come from.</param>
    /// <param name="address">Its own address.</param>
    /// <param name="clock">Virtual time against the wall.</param>
    public TestViewer(SeededRandom random, NetworkAddress address, WallClock clock)
        : base(random, address, clock)
    {
        Video = new ReceivedTrack(MediaKind.Video, clock);
        Audio = new ReceivedTrack(MediaKind.Audio, clock);
    }

    /// <summary>The picture.</summary>
    public ReceivedTrack Video { get; }

    /// <summary>The sound.</summary>
    public ReceivedTrack Audio { get; }

    /// <summary>True where its offer has retransmissions on a stream of their own.</summary>
    public bool HasRtx { get; init; } = true;

    /// <summary>False for a viewer that sends no RTCP at all.</summary>
    public bool Acknowledges { get; set; } = true;

    /// <summary>True where it asks for lost sound too.</summary>
    public bool RepairsAudio { get; init; }

    /// <summary>The round trip it believes in.</summary>
    public TimeSpan RoundTrip { get; set; } = TimeSpan.FromMilliseconds(60);

    /// <summary>What a bad viewer does every few milliseconds; null for a good one.</summary>
    public Action<TestViewer, Instant>? Mischief { get; init; }

    /// <summary>How often it does it.</summary>
    public TimeSpan MischiefInterval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Key pictures it asked for.</summary>
    public int KeyframeRequests { get; private set; }

    /// <summary>RTP packets of any kind that came.</summary>
    public long RtpPackets { get; private set; }

    /// <summary>Bytes of them.</summary>
    public long RtpBytes { get; private set; }

    /// <summary>Called with every RTP packet's arrival and its length on the wire, where a test wants to look at rates.</summary>
    public Action<Instant, int>? Arrived { get; set; }

    /// <summary>The largest difference between sound and picture that the reports made, once both had some.</summary>
    public TimeSpan LargestSkew { get; private set; }

    /// <summary>The SSRC of the picture, from its first packet.</summary>
    public Ssrc VideoSsrc => new(_videoSsrc);

    /// <summary>The newest sequence number of the picture.</summary>
    public ushort NewestSequence { get; private set; }

    /// <summary>Every error of both tracks.</summary>
    public IEnumerable<string> Errors => Video.Errors.Concat(Audio.Errors);

    /// <inheritdoc />
    protected override Instant NextMediaTimeout
    {
        get
        {
            var next = Instant.Min(_nextMischief, Instant.Min(Video.NextTimeout, Audio.NextTimeout));
            if (!Acknowledges) return next;
            next = Instant.Min(next, Instant.Min(_nextReport, _nextKeyframeRequest));
            next = Instant.Min(next, _videoNacks.NextTimeout);
            return RepairsAudio ? Instant.Min(next, _audioNacks.NextTimeout) : next;
        }
    }

    private bool NeedsKeyframe => _videoNacks.KeyframeNeeded || Video.MissedTheBeginning;

    /// <summary>The offer it posts.</summary>
    public string Offer()
    {
        var rtx = HasRtx;
        return $"v=0\r\no=- 43 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
            + $"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n{TransportLines()}a=mid:0\r\na=recvonly\r\n"
            + "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n"
            + $"m=video 9 UDP/TLS/RTP/SAVPF 96 {(rtx ? "97 " : "")}102{(rtx ? " 103" : "")}\r\nc=IN IP4 0.0.0.0\r\n{TransportLines()}a=mid:1\r\na=recvonly\r\n"
            + "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
            + "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 ccm fir\r\n"
            + (rtx ? "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n" : "")
            + "a=rtpmap:102 H264/90000\r\na=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
            + "a=rtcp-fb:102 nack\r\na=rtcp-fb:102 nack pli\r\na=rtcp-fb:102 ccm fir\r\n"
            + (rtx ? "a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\n" : "");
    }

    /// <summary>Asks for a keyframe.</summary>
    public void SendPli()
    {
        KeyframeRequests++;
        var length = ReceiverReport.Write(_packet, new Ssrc(OwnSsrc), []);
        length += new PictureLossIndication(new Ssrc(OwnSsrc), new Ssrc(_videoSsrc)).Write(_packet.AsSpan(length));
        SendRtcp(_packet.AsSpan(0, length));
    }

    /// <summary>Asks for packets of the picture again.</summary>
    public void SendNack(ReadOnlySpan<ushort> sequences) => SendNack(new Ssrc(_videoSsrc), sequences);

    /// <inheritdoc />
    protected override void HandleAnswer(SessionDescription answer)
    {
    }

    /// <inheritdoc />
    protected override void HandleConnected(Instant now)
    {
        _nextReport = now + ReportInterval;
        if (Mischief is not null) _nextMischief = now;
    }

    /// <inheritdoc />
    protected override void HandleRtp(Instant now, Span<byte> packet)
    {
        RtpPackets++;
        RtpBytes += packet.Length;
        Arrived?.Invoke(now, packet.Length);
        if (!RtpPacketView.TryParse(packet, out var view))
        {
            Video.Errors.Add("a packet is no RTP");
            return;
        }

        switch (view.PayloadType.Value)
        {
            case 111:
                Take(now, Audio, Codec.Opus, view, ref _audioReception, ref _audioSsrc, _audioNacks);
                break;
            case 96:
                Take(now, Video, Codec.Vp8, view, ref _videoReception, ref _videoSsrc, _videoNacks);
                break;
            case 102:
                Take(now, Video, Codec.H264, view, ref _videoReception, ref _videoSsrc, _videoNacks);
                break;
            case 97 or 103 when HasRtx:
                if (!RtxUnwrapper.TryParse(view, out var sequence, out var payload)) break;
                _videoNacks.OnPacket(now, sequence, isRetransmission: true);
                Video.OnPacket(now, view.PayloadType.Value == 97 ? Codec.Vp8 : Codec.H264, sequence, view.Timestamp, view.Marker, payload, isRetransmission: true);
                break;
            default:
                Video.Errors.Add($"payload type {view.PayloadType} was not agreed on");
                break;
        }

        AfterMedia(now);
    }

    /// <inheritdoc />
    protected override void HandleRtcp(Instant now, ReadOnlySpan<byte> packet)
    {
        foreach (var part in new RtcpReader(packet))
        {
            if (!SenderReport.TryParse(part, out var report)) continue;
            if (report.Sender.Value == _videoSsrc)
            {
                Video.OnSenderReport(report.Ntp, report.RtpTimestamp);
                _videoReception?.OnSenderReport(now, report.Ntp);
            }
            else if (report.Sender.Value == _audioSsrc)
            {
                Audio.OnSenderReport(report.Ntp, report.RtpTimestamp);
                _audioReception?.OnSenderReport(now, report.Ntp);
            }
        }
    }

    /// <inheritdoc />
    protected override void HandleMediaTimeout(Instant now)
    {
        Video.HandleTimeout(now);
        Audio.HandleTimeout(now);
        if (Mischief is not null && _nextMischief <= now)
        {
            _nextMischief = now + MischiefInterval;
            Mischief(this, now);
        }

        if (!Acknowledges) return;
        SendNacks(now, _videoNacks, _videoSsrc);
        if (RepairsAudio) SendNacks(now, _audioNacks, _audioSsrc);
        if (NeedsKeyframe && _nextKeyframeRequest == Instant.Never) _nextKeyframeRequest = now;
        if (_nextKeyframeRequest <= now)
        {
            _nextKeyframeRequest = NeedsKeyframe ? now + KeyframeInterval : Instant.Never;
            if (NeedsKeyframe) SendPli();
        }

        if (_nextReport > now) return;
        _nextReport = now + ReportInterval;
        SendReport(now);
    }

    private void Take(Instant now, ReceivedTrack track, Codec codec, in RtpPacketView view, ref ReceptionStatistics? reception, ref uint ssrc, NackGenerator nacks)
    {
        if (reception is null)
        {
            ssrc = view.Ssrc.Value;
            reception = new ReceptionStatistics(view.Ssrc, track.ClockRate);
        }
        else if (ssrc != view.Ssrc.Value)
        {
            track.Errors.Add("the SSRC changed");
        }

        nacks.OnPacket(now, view.SequenceNumber, isRetransmission: false);
        if (track.Kind == MediaKind.Video)
        {
            NewestSequence = view.SequenceNumber;
            // What is missing before a keyframe is still wanted: the viewer judges every frame.
            if (nacks.KeyframeNeeded && SyntheticPayload.TryRead(codec, view.Payload, out var stamp, out _) && stamp.IsKey) nacks.OnKeyframe(view.SequenceNumber);
        }

        reception.OnPacket(now, view.SequenceNumber, view.Timestamp);
        track.OnPacket(now, codec, view.SequenceNumber, view.Timestamp, view.Marker, view.Payload, isRetransmission: false);
    }

    private void AfterMedia(Instant now)
    {
        if (Video.CaptureError is not { } video || Audio.CaptureError is not { } audio) return;
        var skew = (video - audio).Duration();
        if (skew > LargestSkew) LargestSkew = skew;
    }

    private void SendNacks(Instant now, NackGenerator nacks, uint media)
    {
        if (nacks.NextTimeout > now || media == 0) return;
        Span<ushort> sequences = stackalloc ushort[MostNacks];
        var count = nacks.TakeNacks(now, RoundTrip, sequences);
        if (count > 0) SendNack(new Ssrc(media), sequences[..count]);
    }

    private void SendNack(Ssrc media, ReadOnlySpan<ushort> sequences)
    {
        while (sequences.Length > 0)
        {
            var length = GenericNack.Write(_packet.AsSpan(0, 1100), new Ssrc(OwnSsrc), media, sequences, out var taken);
            SendRtcp(_packet.AsSpan(0, length));
            sequences = sequences[taken..];
        }
    }

    private void SendReport(Instant now)
    {
        Span<ReportBlock> blocks = stackalloc ReportBlock[2];
        var count = 0;
        if (_videoReception?.TryTakeReport(now, out var block) == true) blocks[count++] = block;
        if (_audioReception?.TryTakeReport(now, out block) == true) blocks[count++] = block;
        var length = ReceiverReport.Write(_packet, new Ssrc(OwnSsrc), blocks[..count]);
        length += SourceDescription.Write(_packet.AsSpan(length), new Ssrc(OwnSsrc), "viewer"u8);
        SendRtcp(_packet.AsSpan(0, length));
    }
}
