using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Load;

/// <summary>One WHEP viewer after its POST: counts what comes, reports, and asks again for what is missing where its kind does.</summary>
internal sealed class Viewer(PeerLink link, ViewerKind kind)
{
    private const int MaxMissing = 64;
    private const int MaxNack = 1100;
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NackInterval = TimeSpan.FromMilliseconds(20);

    private readonly uint _ssrc = (uint)Random.Shared.Next();
    private readonly ushort[] _missing = kind is ViewerKind.Lossy or ViewerKind.Slow ? new ushort[MaxMissing] : [];
    private Counters _streams;
    private Reported _reported;
    private int _streamCount;
    private int _missingCount;
    private uint _missingSsrc;
    private Instant _nextReport = Instant.Never;
    private Instant _nextNack;

    public PeerLink Link => link;

    public ViewerKind Kind => kind;

    /// <summary>When its POST was sent.</summary>
    public Instant PostedAt { get; set; } = Instant.Never;

    /// <summary>When it was answered.</summary>
    public Instant AnsweredAt { get; set; } = Instant.Never;

    /// <summary>When keys were there.</summary>
    public Instant ConnectedAt { get; private set; } = Instant.Never;

    public Instant FirstPacketAt { get; private set; } = Instant.Never;

    /// <summary>The end of the first picture; of sound alone, the first packet.</summary>
    public Instant FirstFrameAt { get; private set; } = Instant.Never;

    public long Bytes { get; private set; }

    /// <summary>Packets of streams beyond those a viewer follows.</summary>
    public long Unknown { get; private set; }

    public long Received
    {
        get
        {
            long sum = 0;
            for (var i = 0; i < _streamCount; i++) sum += _streams[i].Received;
            return sum;
        }
    }

    public long Expected
    {
        get
        {
            long sum = 0;
            for (var i = 0; i < _streamCount; i++) sum += _streams[i].Expected;
            return sum;
        }
    }

    /// <summary>
    /// Counts an RTP packet of which at least the fixed header is there; its lateness in nanoseconds where it ends a picture (or is sound, in a
    /// stream of sound alone), else -1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Count(Instant now, ReadOnlySpan<byte> packet, int length, bool soundAlone)
    {
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        var i = 0;
        while (i < _streamCount && _streams[i].Ssrc != ssrc) i++;
        if (i == _streamCount && !TryBegin(now, ssrc, (byte)(packet[1] & 0x7f))) return -1;
        ref var stream = ref _streams[i];
        var sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        if (_missing.Length > 0 && IsLost(stream.Received)) Miss(ssrc, sequence);
        else if (stream.Count(sequence) is > 1 and var ahead && _missing.Length > 0) MissRun(ssrc, sequence, ahead);
        Bytes += length;
        var isSound = stream.PayloadType == PeerOffer.AudioPayloadType;
        if (soundAlone ? !isSound : isSound || packet[1] < 0x80) return -1;
        if (FirstFrameAt == Instant.Never) FirstFrameAt = now;
        return stream.Lateness(
            now.Nanoseconds, BinaryPrimitives.ReadUInt32BigEndian(packet[4..]), isSound ? Traffic.TrafficShape.AudioClock : Traffic.TrafficShape.VideoClock);
    }

    /// <summary>Begins to report; further calls do nothing.</summary>
    public void HandleConnected(Instant now)
    {
        if (ConnectedAt != Instant.Never) return;
        ConnectedAt = now;
        _nextReport = now + ReportInterval * (0.2 + 0.8 * Random.Shared.NextDouble());
    }

    /// <summary>Sends what is due.</summary>
    public void HandleTimeout(Instant now)
    {
        if (_missingCount > 0 && _nextNack <= now)
        {
            _nextNack = now + NackInterval;
            link.SendRtcp(GenericNack.Write(link.Socket.Next[..MaxNack], new Ssrc(_ssrc), new Ssrc(_missingSsrc), _missing.AsSpan(0, _missingCount), out _));
            _missingCount = 0;
        }

        if (_nextReport > now) return;
        _nextReport = now + ReportInterval * (0.9 + 0.2 * Random.Shared.NextDouble());
        SendReport();
    }

    private void SendReport()
    {
        Span<ReportBlock> blocks = stackalloc ReportBlock[Counters.Length];
        for (var i = 0; i < _streamCount; i++)
        {
            ref var stream = ref _streams[i];
            ref var before = ref _reported[i];
            var expected = stream.Expected - before.Expected;
            var lost = Math.Max(0, expected - (stream.Received - before.Received));
            before = (stream.Expected, stream.Received);
            var fraction = expected <= 0 ? 0 : Math.Min(255, lost * 256 / expected);
            blocks[i] = new ReportBlock(new Ssrc(stream.Ssrc), (byte)fraction, (int)Math.Min(int.MaxValue, stream.Expected - stream.Received), (uint)stream.Highest, 0, 0, 0);
        }

        link.SendRtcp(ReceiverReport.Write(link.Socket.Next, new Ssrc(_ssrc), blocks[.._streamCount]));
    }

    private bool TryBegin(Instant now, uint ssrc, byte payloadType)
    {
        if (FirstPacketAt == Instant.Never) FirstPacketAt = now;
        if (_streamCount == Counters.Length)
        {
            Unknown++;
            return false;
        }

        _streams[_streamCount++].Begin(ssrc, payloadType);
        return true;
    }

    private bool IsLost(long received) => kind == ViewerKind.Lossy && received > 0 && Random.Shared.Next(5) == 0;

    private void MissRun(uint ssrc, ushort sequence, int ahead)
    {
        for (var back = Math.Min(ahead - 1, MaxMissing); back > 0; back--) Miss(ssrc, (ushort)(sequence - back));
    }

    // What does not fit, or belongs to another stream than what is waiting, is not asked for: a viewer this bad has enough to ask.
    private void Miss(uint ssrc, ushort sequence)
    {
        if (_missingCount == 0) _missingSsrc = ssrc;
        if (_missingSsrc == ssrc && _missingCount < MaxMissing) _missing[_missingCount++] = sequence;
    }

    [InlineArray(Length)]
    private struct Counters
    {
        public const int Length = 4;
        private StreamCounter _first;
    }

    [InlineArray(Counters.Length)]
    private struct Reported
    {
        private (long Expected, long Received) _first;
    }
}
