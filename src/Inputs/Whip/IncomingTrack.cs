using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Whip;

/// <summary>
/// One RTP stream of a publisher on its way into a track's log: order, loss and repair, clock, key pictures. Driven by the publisher's thread.
/// </summary>
internal sealed class IncomingTrack
{
    // A map that slews is copied to the track this often; between two copies it is exact to a fraction of a millisecond.
    private static readonly TimeSpan PlaceInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan DefaultRoundTrip = TimeSpan.FromMilliseconds(80);

    // Cutting a slice anew costs as much as three readers save by it.
    private const int WorthEvening = 8;

    private readonly LiveChannel _channel;
    private readonly NackGenerator _nacks = new();
    private readonly KeyframeRequestThrottle _keyframes = new();
    private readonly TrackClock _clock;
    private ReceptionStatistics? _reception;
    private long _sequence = -1;
    private long _timestamp;
    private Instant _placedAt = Instant.Zero;
    private bool _isPlaced;
    private byte _payloadType = byte.MaxValue;
    private byte _formatIndex;
    private FragmentHabit _habit;
    private HeldSlice? _held;

    public IncomingTrack(LiveChannel channel, Track track, IncomingFormats formats, PublisherClock publisher, int clockRate, bool mayNack)
    {
        _channel = channel;
        Track = track;
        Formats = formats;
        ClockRate = clockRate;
        MayNack = mayNack;
        _clock = new TrackClock(publisher, clockRate);
    }

    public Track Track { get; }

    public IncomingFormats Formats { get; }

    public int ClockRate { get; }

    public bool MayNack { get; }

    public bool IsVideo => Track.Id.Kind == MediaKind.Video;

    /// <summary>The beginning of a slice waits for the rest: <see cref="Release"/> is to be called before readers look.</summary>
    public bool IsHolding => _held is not null;

    /// <summary>The stream's SSRC, known with its first packet.</summary>
    public Ssrc Ssrc { get; private set; }

    public bool HasStarted => _reception is not null;

    public Instant NextTimeout
    {
        get
        {
            var next = MayNack ? _nacks.NextTimeout : Instant.Never;
            return IsVideo && HasStarted ? Instant.Min(next, _keyframes.NextTimeout) : next;
        }
    }

    /// <summary>
    /// Takes one media packet, original or retransmitted. False where it adds nothing: known already, or of no known format. It may wait for the rest of its slice
    /// until <see cref="Release"/>.
    /// </summary>
    public bool HandlePacket(Instant now, in RtpPacketView packet, ushort sequenceNumber, byte payloadType, ReadOnlySpan<byte> payload,
        ReadOnlySpan<byte> extensions, bool isRetransmission)
    {
        if (!Formats.TryGet(payloadType, out var format)) return false;
        if (_reception is null)
        {
            if (isRetransmission) return false;
            Start(packet.Ssrc, sequenceNumber, packet.Timestamp);
        }

        if (!isRetransmission && packet.Ssrc != Ssrc) Restart(packet.Ssrc, sequenceNumber, packet.Timestamp);
        var sequence = SerialNumber.Extend(_sequence, sequenceNumber);
        var timestamp = SerialNumber.Extend(_timestamp, packet.Timestamp);
        if (Track.Packets.Contains(sequence) || _held?.Contains(sequence) == true) return false;

        _nacks.OnPacket(now, sequenceNumber, isRetransmission);
        if (!isRetransmission)
        {
            _reception!.OnPacket(now, sequenceNumber, packet.Timestamp);
            _clock.OnPacket(now, packet.Timestamp);
        }

        if (sequence > _sequence)
        {
            _sequence = sequence;
            _timestamp = Math.Max(_timestamp, timestamp);
        }

        var inspection = PayloadInspection.Inspect(format.Codec, payload);
        Describe(payloadType, ref format, inspection);
        var header = new PacketHeader
        {
            Sequence = sequence,
            Timestamp = timestamp,
            ArrivedAt = now,
            FormatIndex = _formatIndex,
            Flags = (packet.Marker ? PacketFlags.Marker : 0)
                | (inspection.StartsKeyframe ? PacketFlags.StartsKeyframe : 0)
                | (inspection.StartsFrame ? PacketFlags.StartsFrame : 0),
            TemporalId = inspection.TemporalId,
            SpatialId = inspection.SpatialId,
        };
        if (inspection.StartsKeyframe)
        {
            _keyframes.OnKeyframe();

            // A whole picture group is worth repairing to its end, even where the next has begun; one that is broken for good is not.
            if (_nacks.KeyframeNeeded) _nacks.OnKeyframe(sequenceNumber);
        }

        Place(now, packet.Timestamp, timestamp);
        if (inspection.StartsFrame && !isRetransmission) Track.Health.Note(now, timestamp, ClockRate, inspection.StartsKeyframe);

        if (TryHold(format.Codec, header, extensions, payload)) return true;
        Release();
        return Append(ref header, extensions, payload);
    }

    /// <summary>Puts into the log what waits for the rest of its slice: called before readers look.</summary>
    public void Release()
    {
        if (_held is not { } held) return;
        _held = null;
        while (held.TryTake(out var header, out var payload)) Append(ref header, default, payload);
    }

    public void HandleSenderReport(Instant now, NtpTime ntp, uint rtpTimestamp)
    {
        if (_reception is null) return;
        _clock.OnSenderReport(now, ntp, rtpTimestamp);
        _reception.OnSenderReport(now, ntp);
        _isPlaced = false;
    }

    /// <summary>Moves wanted key pictures from the track to the throttle, and keeps the figures.</summary>
    public void HandleTimeout(Instant now)
    {
        if (Track.TakeKeyframeRequest() || _nacks.KeyframeNeeded) _keyframes.Request();
        Track.Statistics.Roll(now);
        if (_reception is null) return;
        Track.Statistics.PacketsLost = Math.Max(0, _reception.CumulativeLost);
        Track.Statistics.PacketsNacked = _nacks.Nacked;
        Track.Statistics.PacketsRecovered = _nacks.Recovered;
        Track.Statistics.Jitter = _reception.JitterTime;
    }

    public bool TryTakeReport(Instant now, out ReportBlock block)
    {
        block = default;
        return _reception is not null && _reception.TryTakeReport(now, out block);
    }

    public int TakeNacks(Instant now, TimeSpan roundTrip, Span<ushort> sequences) =>
        MayNack && HasStarted && _nacks.NextTimeout <= now
            ? _nacks.TakeNacks(now, roundTrip == TimeSpan.Zero ? DefaultRoundTrip : roundTrip, sequences)
            : 0;

    public bool TryTakeKeyframeRequest(Instant now) => IsVideo && HasStarted && _keyframes.TryTake(now);

    private bool TryHold(Codec codec, in PacketHeader header, ReadOnlySpan<byte> extensions, ReadOnlySpan<byte> payload)
    {
        // What is said of a packet in extensions is said of its own bytes: those are not moved to others.
        if (!extensions.IsEmpty || !FragmentHeader.TryParse(codec, payload, out var fragment)) return false;
        _habit.Note(fragment, payload.Length, header.Has(PacketFlags.Marker));
        if (_held is null && (!fragment.Starts || !_habit.IsUneven || _channel.ReaderCount < WorthEvening)) return false;
        _held ??= HeldSlice.Rent();
        if (!_held.TryAdd(fragment, header, payload)) return false;
        if (_held.IsWhole) Release();
        return true;
    }

    private bool Append(ref PacketHeader header, ReadOnlySpan<byte> extensions, ReadOnlySpan<byte> payload)
    {
        if (!Track.Packets.Append(ref header, extensions, payload)) return false;
        Track.Statistics.Count(header, payload.Length);
        return true;
    }

    private void Start(Ssrc ssrc, ushort sequenceNumber, uint timestamp)
    {
        Ssrc = ssrc;
        _reception = new ReceptionStatistics(ssrc, ClockRate);

        // One turn above zero, so that packets older than the first one have numbers too.
        _sequence = 0x10000L + sequenceNumber;
        _timestamp = 0x1_0000_0000L + timestamp;
    }

    // The encoder was replaced within one session: its numbers begin anew, the log's go on.
    private void Restart(Ssrc ssrc, ushort sequenceNumber, uint timestamp)
    {
        var sequence = _sequence;
        var last = _timestamp;
        Start(ssrc, sequenceNumber, timestamp);
        while (_sequence <= sequence) _sequence += 0x10000;
        while (_timestamp <= last) _timestamp += 0x1_0000_0000L;
    }

    private void Describe(byte payloadType, ref TrackFormat format, in PayloadInspection inspection)
    {
        var isNews = payloadType != _payloadType;
        if (!inspection.ProfileLevelId.IsEmpty) isNews |= Formats.Learn(payloadType, inspection.ProfileLevelId, ref format);
        if (isNews)
        {
            _payloadType = payloadType;
            _formatIndex = Track.IndexOf(format);
            Track.Describe(format);
        }

        if (!inspection.Resolution.IsEmpty) Track.Describe(inspection.Resolution);
    }

    private void Place(Instant now, uint rtpTimestamp, long timestamp)
    {
        if (_isPlaced && now - _placedAt < PlaceInterval) return;
        _isPlaced = true;
        _placedAt = now;
        Track.Place(new Timeline(timestamp, _clock.ToNtp(rtpTimestamp), ClockRate));
    }
}
