using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads.Depacketizers;
using Sluice.Protocols.Wire;

namespace Sluice.Conversion;

/// <summary>
/// Fills a track's frames face from its packets: reads them in the order of their numbers, gives retransmission <see cref="Patience"/> to fill a hole, then goes
/// on behind it, asks for a key picture and leaves out what cannot be decoded without the lost.
/// </summary>
public sealed class FramesFromPackets : ITrackConverter
{
    /// <summary>How long a hole may hold up what follows it, counted from the arrival of the packet behind it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    // A key picture older than this is no place to begin at while the encoder makes a new one on request, unless it does not.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RequestPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RequestInterval = TimeSpan.FromMilliseconds(500);

    // No log finds packets further back.
    private static readonly int MaxBehind = PacketLogLimits.Video.MaxPackets;

    private readonly Track _track;
    private readonly PacketLog _log;
    private readonly bool _isVideo;
    private readonly Depacketizer?[] _depacketizers = new Depacketizer?[(int)Codec.Aac + 1];
    private Depacketizer? _depacketizer;
    private Instant _requestedAt = Instant.Zero;
    private Instant _waitsSince = Instant.Never;
    private Instant _holeSince;
    private Instant _arrivedAt;
    private long _holeBehind = -1;   // packets up to this number were there when the hole was found
    private long _next = -1;         // the number to be read next
    private long _dropped;
    private long _scanned;           // records of the log looked at for the highest number
    private long _highest = -1;
    private int _formatIndex = -1;
    private bool _isReading;
    private bool _hasRequested;
    private bool _seeksKeyframe;     // what comes before the next one is of no use

    public FramesFromPackets(Track track)
    {
        _track = track;
        _log = track.Packets;
        _isVideo = track.Id.Kind == MediaKind.Video;
    }

    /// <summary>Holes that were given up.</summary>
    public long Losses { get; private set; }

    public void Convert(Instant now)
    {
        Scan();
        if (!_isReading && !TryBegin(now)) return;
        while (_next <= _highest)
        {
            if (_log.TryFind(_next, out var view))
            {
                _next++;
                Handle(now, view);
                continue;
            }

            if (!TryPassHole(now)) return;
        }
    }

    public void Pause()
    {
        _isReading = false;
        _waitsSince = Instant.Never;
    }

    private void Scan()
    {
        var head = _log.Head;
        _scanned = Math.Max(_scanned, head - MaxBehind);
        for (; _scanned < head; _scanned++)
        {
            if (_log.TryRead(_scanned, out var view)) _highest = Math.Max(_highest, view.Header.Sequence);
        }
    }

    private bool TryBegin(Instant now)
    {
        var index = _isVideo ? _log.NewestKeyframe : _log.Head - 1;
        if (_waitsSince == Instant.Never) _waitsSince = now;
        if (!_log.TryRead(index, out var view) || !IsGoodStart(now, view))
        {
            // What the frames face has from before a pause is no place to begin at any more.
            _track.Frames.ForgetKeyframe();
            Request(now);
            return false;
        }

        _isReading = true;
        _waitsSince = Instant.Never;
        var start = FirstOf(view);
        if (start <= _next) return true; // paused for less than a picture group: nothing was missed
        _track.Frames.ForgetKeyframe();
        JumpTo(start);
        return true;
    }

    private bool IsGoodStart(Instant now, in PacketView keyframe) =>
        !_isVideo || !_track.MakesKeyframes || now - keyframe.Header.ArrivedAt <= Fresh || now - _waitsSince >= RequestPatience;

    // Parameter sets that were sent again came after the picture that is counted as the beginning.
    private long FirstOf(in PacketView view)
    {
        var sequence = view.Header.Sequence;
        while (_log.TryFind(sequence - 1, out var before) && before.Header.Timestamp == view.Header.Timestamp) sequence--;
        return sequence;
    }

    private void JumpTo(long sequence)
    {
        if (_next >= 0) _depacketizer?.HandleLoss();
        _next = sequence;
        _holeBehind = -1;
    }

    private bool TryPassHole(Instant now)
    {
        // While nothing can be used, the newest key picture is worth more than what comes before it.
        if (_seeksKeyframe && _log.TryRead(_log.NewestKeyframe, out var keyframe) && FirstOf(keyframe) is var first && first > _next)
        {
            JumpTo(first);
            return true;
        }

        var behind = _next + 1;
        behind = Math.Max(behind, _highest - MaxBehind);
        var arrivedAt = now;
        for (; behind <= _highest; behind++)
        {
            if (!_log.TryFind(behind, out var view)) continue;
            arrivedAt = view.Header.ArrivedAt;
            break;
        }

        if (_next > _holeBehind)
        {
            _holeSince = arrivedAt;
            _holeBehind = _highest;
        }

        if (now - _holeSince < Patience) return false;
        Losses++;
        _depacketizer?.HandleLoss();
        _next = behind;
        _seeksKeyframe = _isVideo;
        if (_isVideo) Request(now);
        return true;
    }

    private void Handle(Instant now, in PacketView view)
    {
        if (view.Header.FormatIndex != _formatIndex) Adopt(view.Header.FormatIndex);
        if (_depacketizer is null) return;
        _arrivedAt = view.Header.ArrivedAt > _arrivedAt ? view.Header.ArrivedAt : _arrivedAt;
        if (view.Header.Has(PacketFlags.StartsKeyframe)) _seeksKeyframe = false;
        _depacketizer.Handle(view.Payload, view.Header.Timestamp, view.Header.Has(PacketFlags.Marker));
        while (_depacketizer.TryTake(out var frame))
        {
            _hasRequested = false;
            _track.Frames.Append(frame, _arrivedAt);
        }

        if (_depacketizer.HasReordered && !_track.HasReordering) _track.HasReordering = true;
        if (_depacketizer.FramesDropped == _dropped) return;
        _dropped = _depacketizer.FramesDropped;
        if (!_depacketizer.NeedsKeyframe) return;
        _seeksKeyframe = true;
        Request(now);
    }

    private void Adopt(byte formatIndex)
    {
        _formatIndex = formatIndex;
        var format = _track.FormatAt(formatIndex);
        if (_depacketizer?.Codec == format.Codec) return;
        ref var known = ref _depacketizers[(byte)format.Codec];
        if (known is null) Depacketizer.TryCreate(format, out known);
        else known.HandleLoss();
        _depacketizer = known;
        _dropped = known?.FramesDropped ?? 0;
    }

    // The input joins requests; an unanswered one is worth repeating, since the key picture may have been lost.
    private void Request(Instant now)
    {
        if (_hasRequested && now - _requestedAt < RequestInterval) return;
        _hasRequested = true;
        _requestedAt = now;
        _track.RequestKeyframe();
    }
}
