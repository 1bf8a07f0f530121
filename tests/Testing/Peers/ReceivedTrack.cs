using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Wire;

namespace Sluice.Testing.Peers;

/// <summary>
/// One m-line at a viewer: puts packets in order, waits for what is missing, and judges what a decoder would get: sequence numbers without a
/// break, timestamps that only grow, picture ids that count, frames that are whole and unchanged, a keyframe first and after every change of
/// encoder. What is wrong without any loss to blame is an error.
/// </summary>
public sealed class ReceivedTrack(MediaKind kind, WallClock clock)
{
    /// <summary>How long a missing packet is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    /// <summary>How long a viewer whose first packet is not the beginning of a keyframe waits for that.</summary>
    public static readonly TimeSpan StartPatience = TimeSpan.FromMilliseconds(200);

    private const int MostErrors = 20;
    private Slot[] _ring = new Slot[128];
    private long _next = -1;
    private long _highest = -1;
    private Instant _gapSince = Instant.Never;
    private bool _skipped;
    private bool _hasFrame;
    private bool _isDecodable;
    private bool _isWaitingForStart;
    private Instant _waitsUntil = Instant.Never;
    private bool _open;
    private FrameStamp _frame;
    private uint _timestamp;
    private int _pictureId = -1;
    private int _nextPart;
    private long _begun;
    private long _passedOver;
    private NtpTime _reportNtp;
    private uint _reportTimestamp;

    private struct Slot
    {
        public bool IsThere;
        public bool Marker;
        public uint Timestamp;
        public int PictureId;
        public FrameStamp Stamp;
    }

    /// <summary>Sound or picture.</summary>
    public MediaKind Kind { get; } = kind;

    /// <summary>Ticks in a second.</summary>
    public int ClockRate { get; } = kind == MediaKind.Video ? 90_000 : 48_000;

    /// <summary>What no network can be blamed for, at most twenty of them.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Packets that came, repetitions not counted.</summary>
    public long Packets { get; private set; }

    /// <summary>Bytes of their payload.</summary>
    public long Octets { get; private set; }

    /// <summary>Packets that came by retransmission and were needed.</summary>
    public long Repaired { get; private set; }

    /// <summary>Packets that came again although they were there.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Packets waited for in vain.</summary>
    public long Lost { get; private set; }

    /// <summary>Frames that came whole.</summary>
    public long CompleteFrames { get; private set; }

    /// <summary>Whole frames whose references were whole too, back to a keyframe.</summary>
    public long DecodableFrames { get; private set; }

    /// <summary>How often another encoder took over.</summary>
    public int Switches { get; private set; }

    /// <summary>The number of the first whole frame; null before.</summary>
    public uint? FirstFrame { get; private set; }

    /// <summary>When it was whole.</summary>
    public Instant FirstFrameAt { get; private set; } = Instant.Never;

    /// <summary>When the newest whole frame was.</summary>
    public Instant LastFrameAt { get; private set; } = Instant.Never;

    /// <summary>The longest time between two whole frames.</summary>
    public TimeSpan LongestPause { get; private set; }

    /// <summary>The stamp of the newest whole frame.</summary>
    public FrameStamp LastStamp { get; private set; }

    /// <summary>From capture to whole, of the newest frame.</summary>
    public TimeSpan Latency { get; private set; }

    /// <summary>Frames that should have come and did not come whole; the newest may still be on its way.</summary>
    public long MissingFrames => _begun + _passedOver - CompleteFrames;

    /// <summary>Sender reports taken.</summary>
    public int Reports { get; private set; }

    /// <summary>The most that a report's clock was off from the one before it.</summary>
    public TimeSpan LargestReportStep { get; private set; }

    /// <summary>How far the reports place the newest frame from when it was captured.</summary>
    public TimeSpan? CaptureError { get; private set; }

    /// <summary>True where the beginning was missed: nobody can know what to ask for again, only a keyframe helps.</summary>
    public bool MissedTheBeginning { get; private set; }

    /// <summary>When packets will be given up.</summary>
    public Instant NextTimeout => Instant.Min(_waitsUntil, _gapSince == Instant.Never ? Instant.Never : _gapSince + Patience);

    /// <summary>Takes one packet under its original number.</summary>
    public void OnPacket(Instant now, Codec codec, ushort sequence, uint timestamp, bool marker, ReadOnlySpan<byte> payload, bool isRetransmission)
    {
        if (!SyntheticPayload.TryRead(codec, payload, out var stamp, out var ids))
        {
            Blame($"packet {sequence} is not what was sent");
            return;
        }

        if (_next < 0)
        {
            _next = 0x10000L + sequence;
            _highest = _next - 1;
            _isWaitingForStart = Kind == MediaKind.Video;
            _waitsUntil = _isWaitingForStart ? now + StartPatience : Instant.Never;
        }

        var number = SerialNumber.Extend(Math.Max(_highest, _next), sequence);
        if (_isWaitingForStart && number < _next && _next - number < 64)
        {
            while (_highest - number >= _ring.Length) Grow();
            _next = number;
        }

        if (number < _next)
        {
            Duplicates++;
            return;
        }

        while (number - _next >= _ring.Length) Grow();
        ref var slot = ref _ring[number & (_ring.Length - 1)];
        if (slot.IsThere)
        {
            Duplicates++;
            return;
        }

        slot = new Slot { IsThere = true, Marker = marker, Timestamp = timestamp, Stamp = stamp, PictureId = ids.HasPictureId ? ids.PictureId : -1 };
        Packets++;
        Octets += payload.Length;
        if (isRetransmission) Repaired++;
        _highest = Math.Max(_highest, number);
        if (stamp is { IsKey: true, Part: 0 } && number == _next) StopWaiting();
        if (!_isWaitingForStart) Advance(now);
    }

    /// <summary>Takes a sender report.</summary>
    public void OnSenderReport(NtpTime ntp, uint timestamp)
    {
        if (Reports++ > 0)
        {
            var byNtp = ntp - _reportNtp;
            var byTimestamp = TimeSpan.FromSeconds((int)(timestamp - _reportTimestamp) / (double)ClockRate);
            var step = (byNtp - byTimestamp).Duration();
            if (step > LargestReportStep) LargestReportStep = step;
        }

        _reportNtp = ntp;
        _reportTimestamp = timestamp;
    }

    /// <summary>Gives up what was waited for long enough.</summary>
    public void HandleTimeout(Instant now)
    {
        if (_waitsUntil <= now)
        {
            StopWaiting();
            MissedTheBeginning = true;
            _skipped = true;
            Advance(now);
        }

        if (NextTimeout > now) return;
        while (_next <= _highest && !_ring[_next & (_ring.Length - 1)].IsThere)
        {
            _next++;
            Lost++;
        }

        _skipped = true;
        _gapSince = Instant.Never;
        Advance(now);
    }

    /// <summary>What is wrong in one line, for assertions.</summary>
    public override string ToString() =>
        $"{Kind}: {CompleteFrames} frames from {FirstFrame}, {DecodableFrames} decodable, {MissingFrames} missing, {Lost} lost, {Repaired} repaired, {Duplicates} duplicates, errors [{string.Join("; ", Errors)}]";

    private void StopWaiting()
    {
        _isWaitingForStart = false;
        _waitsUntil = Instant.Never;
    }

    private void Advance(Instant now)
    {
        var before = _next;
        while (true)
        {
            ref var slot = ref _ring[_next & (_ring.Length - 1)];
            if (_next > _highest || !slot.IsThere) break;
            Judge(now, slot);
            slot.IsThere = false;
            _next++;
        }

        if (_next > _highest) _gapSince = Instant.Never;
        else if (_gapSince == Instant.Never || _next != before) _gapSince = now;
    }

    private void Judge(Instant now, in Slot slot)
    {
        var stamp = slot.Stamp;
        if (stamp.Part == 0)
        {
            if (_open && !_skipped) Blame($"frame {_frame.Frame} ended before part {_nextPart} of {_frame.Parts}");
            Begin(slot);
        }
        else if (!_open || stamp.Source != _frame.Source || stamp.Frame != _frame.Frame || stamp.Part != _nextPart)
        {
            if (!_skipped) Blame($"part {stamp.Part} of frame {stamp.Frame} where part {_nextPart} of frame {_frame.Frame} was due");
            _open = false;
            _isDecodable = false;
            return;
        }
        else if (slot.Timestamp != _timestamp)
        {
            Blame($"frame {stamp.Frame} has two timestamps");
        }

        if (_hasFrame && stamp.Parts > 1 && slot.PictureId != _pictureId) Blame($"frame {stamp.Frame} has two picture ids");
        _nextPart = stamp.Part + 1;
        var isLast = _nextPart == stamp.Parts;
        if (Kind == MediaKind.Video && slot.Marker != isLast) Blame($"the marker of frame {stamp.Frame} stands at part {stamp.Part} of {stamp.Parts}");
        if (!isLast) return;
        _open = false;
        Complete(now, stamp);
    }

    private void Begin(in Slot slot)
    {
        var stamp = slot.Stamp;
        var isSame = _hasFrame && stamp.Source == _frame.Source;
        if (!_hasFrame && Kind == MediaKind.Video && !stamp.IsKey && !_skipped) Blame($"it began with frame {stamp.Frame}, which is no keyframe");
        if (_hasFrame)
        {
            if ((int)(slot.Timestamp - _timestamp) <= 0) Blame($"the timestamp went from {_timestamp} to {slot.Timestamp}");
            if (!isSame) Switches++;
            if (!isSame && Kind == MediaKind.Video && !stamp.IsKey && !_skipped) Blame($"another encoder began with frame {stamp.Frame}, which is no keyframe");
            if (isSame && stamp.Frame != _frame.Frame + 1 && !_skipped) Blame($"frame {stamp.Frame} came after frame {_frame.Frame} without a gap in sequence numbers");
            if (isSame && stamp.Frame <= _frame.Frame) Blame($"frame {stamp.Frame} came after frame {_frame.Frame}");
            if (isSame && stamp.Frame > _frame.Frame) _passedOver += stamp.Frame - _frame.Frame - 1;
            CheckPictureId(slot, isSame ? (int)(stamp.Frame - _frame.Frame) : 1, isExact: isSame || !_skipped);
        }

        if (_skipped || !isSame || stamp.Frame != _frame.Frame + 1) _isDecodable = false;
        _skipped = false;
        _hasFrame = true;
        _open = true;
        _frame = stamp;
        _timestamp = slot.Timestamp;
        _pictureId = slot.PictureId;
        _begun++;
    }

    private void CheckPictureId(in Slot slot, int frames, bool isExact)
    {
        if (slot.PictureId < 0 || _pictureId < 0) return;
        var step = slot.PictureId - _pictureId & 0x7fff;
        if (isExact ? step != frames : step is 0 or > 0x3fff) Blame($"the picture id went from {_pictureId} to {slot.PictureId} over {frames} frames");
    }

    private void Complete(Instant now, in FrameStamp stamp)
    {
        CompleteFrames++;
        if (Kind == MediaKind.Audio || stamp.IsKey)
        {
            _isDecodable = true;
            MissedTheBeginning = false;
        }

        if (_isDecodable) DecodableFrames++;
        if (FirstFrame is null)
        {
            FirstFrame = stamp.Frame;
            FirstFrameAt = now;
        }
        else if (now - LastFrameAt > LongestPause)
        {
            LongestPause = now - LastFrameAt;
        }

        LastFrameAt = now;
        LastStamp = stamp;
        var captured = new Instant(stamp.Captured);
        Latency = now - captured;
        if (Reports == 0) return;
        var placed = _reportNtp + TimeSpan.FromSeconds((int)(_timestamp - _reportTimestamp) / (double)ClockRate);
        CaptureError = placed - clock.ToNtp(captured);
    }

    private void Grow()
    {
        var ring = new Slot[_ring.Length * 2];
        for (var number = _next; number < _next + _ring.Length; number++)
        {
            ring[number & (ring.Length - 1)] = _ring[number & (_ring.Length - 1)];
        }

        _ring = ring;
    }

    private void Blame(string what)
    {
        if (Errors.Count < MostErrors) Errors.Add(what);
    }
}
