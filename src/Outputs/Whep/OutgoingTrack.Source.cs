using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Whep;

/// <summary>Where a viewer's track is fed from: the start at a key picture, the change of layer, the publisher's return.</summary>
internal sealed partial class OutgoingTrack
{
    // Starting further back would show the past for too long; a fresh key picture is asked for instead.
    private static readonly TimeSpan MaxReplay = TimeSpan.FromSeconds(4);

    // When no key picture comes that soon, an older one is better than none: some encoders make them at their own pace only.
    private static readonly TimeSpan KeyframePatience = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan MaxPatientReplay = TimeSpan.FromSeconds(12);

    // And when none comes at all, the live edge: an encoder that refreshes little by little never makes a whole key picture.
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(4);

    // A change of layer on a running stream takes only a picture this fresh, so that the viewer never goes far back in time.
    private static readonly TimeSpan MaxSwitchAge = TimeSpan.FromMilliseconds(400);

    // Layers show the same moments: by the time one layer's key picture is here, the other's picture of that moment has often been sent. To show
    // a moment twice is better than never to change.
    private static readonly TimeSpan MaxSwitchBack = TimeSpan.FromMilliseconds(150);

    // A key picture whose first packets were lost is worth waiting for until they have been sent again: H.264's parameter sets are in them.
    private static readonly TimeSpan BeginningPatience = TimeSpan.FromMilliseconds(250);
    private const int MaxBeginning = 64;

    private OutgoingSource? _source;
    private OutgoingSource? _previous;
    private Track? _wanted;
    private long _keyframesAtRequest;
    private Instant _wantedSince;

    /// <summary>The rendition sent now; null where there is none.</summary>
    public Track? Current => _source?.Track;

    /// <summary>True while a source is chosen and its first key picture has not come.</summary>
    public bool IsWaiting => _wanted is not null;

    /// <summary>Chooses what to send. What is sent now goes on until the chosen one can start.</summary>
    public void Choose(Instant now, Track? track)
    {
        if (track is null)
        {
            Await(null);
            Leave();
            return;
        }

        if (ReferenceEquals(track, _wanted) || (_wanted is null && ReferenceEquals(track, Current))) return;
        Await(ReferenceEquals(track, Current) ? null : track);
        _wantedSince = now;
        _keyframesAtRequest = track.Packets.Keyframes;
        if (_wanted is not null) TryStartWanted(now);
    }

    /// <summary>The stream the current source belongs to has ended: its log has nothing more.</summary>
    public void Leave()
    {
        Retire();
        _source = null;
        _atFrameEnd = true;
    }

    /// <summary>Asks the encoder for a key picture: the viewer cannot decode.</summary>
    public void RequestKeyframe() => (_wanted ?? Current)?.RequestKeyframe();

    /// <summary>Starts what was chosen, if it can start now; asks for a key picture otherwise.</summary>
    public void TryStartWanted(Instant now)
    {
        if (_wanted is not { } track) return;
        if (!TryFindStart(now, track, out var index))
        {
            // Audio needs none, and starts at once with the first packet; a key picture that has just come only waits for the old layer's picture to end.
            if (Kind == MediaKind.Video && track.Packets.Head > 0 && !HasFreshKeyframe(now, track)) track.RequestKeyframe();
            return;
        }

        if (!track.Packets.TryRead(index, out var view)) return;
        var first = view.Header.Sequence;
        if (Kind == MediaKind.Video
            && !TryFindBeginning(track.Packets, view.Header, out first)
            && now - view.Header.ArrivedAt < BeginningPatience) return;
        Start(track, index, first, view.Header);
    }

    // Packets of the picture that were repaired stand behind the one by which it was known. False where the one before may still come.
    private static bool TryFindBeginning(PacketLog log, in PacketHeader header, out long first)
    {
        first = header.Sequence;
        while (header.Sequence - first < MaxBeginning)
        {
            if (!log.TryFind(first - 1, out var before)) return header.Index == 0;
            if (before.Header.Timestamp != header.Timestamp) return true;
            first--;
        }

        return true;
    }

    private bool TryFindStart(Instant now, Track track, out long index)
    {
        var log = track.Packets;
        index = -1;
        if (!track.IsCurrent(TrackFace.Packets)) return false;
        if (Kind == MediaKind.Audio)
        {
            index = log.Head - 1;
            return index >= 0;
        }

        index = log.NewestKeyframe;
        var isThere = log.TryRead(index, out var view);
        var age = isThere ? now - view.Header.ArrivedAt : TimeSpan.MaxValue;
        if (_source is null)
        {
            if (age <= MaxReplay || (isThere && log.Keyframes > _keyframesAtRequest)) return true;
            if (age <= MaxPatientReplay && (!track.MakesKeyframes || now >= _wantedSince + KeyframePatience)) return true;
            index = log.Head - 1;
            var giveUp = log.Keyframes == 0 ? track.Statistics.FirstPacket + KeyframePatience : _wantedSince + LastPatience;
            return index >= 0 && now >= giveUp;
        }

        // The old layer goes on to the end of its picture.
        return isThere && _atFrameEnd && age <= MaxSwitchAge && IsNearLastSent(track, view.Header);
    }

    private static bool HasFreshKeyframe(Instant now, Track track) =>
        track.Packets.TryRead(track.Packets.NewestKeyframe, out var view) && now - view.Header.ArrivedAt <= MaxSwitchAge;

    private bool IsNearLastSent(Track track, in PacketHeader header) =>
        track.Timeline is { } timeline && timeline.ToNtp(header.Timestamp) - _lastCapture > -MaxSwitchBack;

    private void Start(Track track, long index, long first, in PacketHeader header)
    {
        var sequence = _highestOut + 1;
        var timestamp = HasStarted ? _lastTimestamp + ElapsedTicks(track, header) : _lastTimestamp;
        Retire();
        var run = HasStarted ? _pictureIds.Switch() : _pictureIds.Run;
        _source = new OutgoingSource(track, first, sequence - first, timestamp - header.Timestamp, run);
        _cursor = index;
        _wanted = null; // what was wanted of it is the source's now
    }

    // While a rendition is waited for or sent its packets are wanted: whoever can make it does.
    private void Await(Track? track)
    {
        _wanted?.Unwant(TrackFace.Packets);
        _wanted = track;
        track?.Want(TrackFace.Packets);
    }

    private void Retire()
    {
        if (_source is null) return;
        _previous = _source;
        _source.Track.Unwant(TrackFace.Packets);
    }

    // Media time between the last packet sent and the first of another source: by the wall clock both were placed on, else by arrival.
    private long ElapsedTicks(Track track, in PacketHeader header)
    {
        var rate = CodecFacts.ClockRateOf(track.FormatAt(header.FormatIndex).Codec);
        var elapsed = track.Timeline is { } timeline && _lastCapture != default
            ? timeline.ToNtp(header.Timestamp) - _lastCapture
            : header.ArrivedAt - _lastArrival;
        var shortest = rate / 1000;
        return Math.Max(shortest, (long)(elapsed.TotalSeconds * rate));
    }

    // Overtaken by the writer: what was between is lost to this viewer, which goes on at the newest key picture.
    private void Jump(PacketLog log)
    {
        var target = Kind == MediaKind.Audio ? log.Head - 1 : Math.Max(log.NewestKeyframe, 0);
        if (target <= _cursor || !log.TryRead(target, out _))
        {
            target = log.Head;
            _source!.Track.RequestKeyframe();
        }

        PacketsMissed += target - _cursor;
        _cursor = target;
    }
}
