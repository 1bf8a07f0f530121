using Microsoft.Extensions.Logging;
using Sluice.Control.Live;
using Sluice.Control.Recordings;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Recordings;

/// <summary>
/// One stream on its way into files. The lead track, the first video or else the first audio, decides where fragments and files end; the others' frames wait
/// until they are known to lie before that.
/// </summary>
internal sealed partial class RecordingSession
{
    // A little below a second: key pictures every second must not be missed by a rounding.
    private static readonly TimeSpan ShortestFragment = TimeSpan.FromMilliseconds(900);
    private static readonly TimeSpan LongestFragment = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WaitForTracks = TimeSpan.FromSeconds(3);

    // Browsers make key pictures only when asked. Without one now and then nobody can seek, and neither file nor clip begin.
    private static readonly TimeSpan LongestGroup = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    // A camera that is off, or an app in the background: its sound does not wait for the picture.
    private static readonly TimeSpan LongestStill = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestJump = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    // Lips and sound: what lies below nobody sees, and every correction is a tiny gap.
    private static readonly TimeSpan LargestSkew = TimeSpan.FromMilliseconds(40);

    private readonly RecordingDisk _disk;
    private readonly RecordingLedger _ledger;
    private readonly ILogger _log;
    private readonly List<RecorderTrack> _tracks = [];
    private RecorderTrack? _lead;
    private OpenPart? _part;
    private Instant _begunAt = Instant.Never;
    private Instant _resumesAt;
    private TimeSpan _pause = ShortestPause;
    private bool _isSkipping;
    private bool _splitsNext;
    private bool _hasAskedForKeyframe;
    private long _nextKeyframe;
    private Instant _leadAt;
    private Instant _carriedAt;

    public RecordingSession(LiveStream stream, RecordingDisk disk, RecordingLedger ledger, ILogger log)
    {
        Stream = stream;
        _disk = disk;
        _ledger = ledger;
        _log = log;
        foreach (var source in stream.Tracks.GroupBy(t => (t.Id.Kind, t.Id.Number)))
        {
            var renditions = new Renditions([.. source]);
            _tracks.Add(new RecorderTrack(renditions.Preferred, source.Count() > 1 ? renditions : null));
        }
    }

    public LiveStream Stream { get; }

    /// <summary>Looks at what has come.</summary>
    public void Advance(Instant now)
    {
        if (_ledger.Reason.Length > 0 && !TryResume(now)) return;
        if (_part?.File.Fault is { } fault)
        {
            Stop(fault, now);
            return;
        }

        FollowRenditions(now);

        // What leads is not collected, so that it begins with the key picture the cursor stands at. Sound does not wait for that.
        var isToLead = _lead is null || MustChooseLead();
        var hasLead = !isToLead || TryChooseLead(now);
        foreach (var track in _tracks)
        {
            if (!ReferenceEquals(track, _lead) && (hasLead || !track.IsVideo)) track.Collect();
        }

        if (!hasLead) return;
        while (_lead!.TryTake(out var frame))
        {
            _leadAt = now;
            Take(in frame, now);
        }

        if (_part is { } part && now - _leadAt >= LongestStill && now - _carriedAt >= ShortestFragment) Carry(part, now);
    }

    /// <summary>Closes what is open and lets the tracks go.</summary>
    public void End()
    {
        ClosePart(null);
        foreach (var track in _tracks)
        {
            track.Dispose();
        }
    }

    // While the disk is full nothing is read either: a cursor that is asked again later goes on at the newest key picture.
    private bool TryResume(Instant now)
    {
        if (!_disk.HasRoom || now < _resumesAt) return false;
        _ledger.Resume();
        _isSkipping = false;
        foreach (var track in _tracks)
        {
            track.Pending.Clear();
        }

        return true;
    }

    private void Stop(string reason, Instant now)
    {
        LogStopped(Stream.ChannelId, reason);

        // Later and later, so that a disk that refuses again at once does not get a file every second.
        _resumesAt = now + _pause;
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        _ledger.Pause(reason);
        ClosePart(null);
    }

    private void FollowRenditions(Instant now)
    {
        for (var i = 0; i < _tracks.Count; i++)
        {
            var track = _tracks[i];

            // The largest may be the last to come.
            if (track.Renditions is not { } renditions || (_lead is null && !HasWaited(now) && !renditions.AreAll(now))) continue;
            var wanted = _lead is null ? renditions.Largest(track.Track, now) : renditions.Choose(track.Track, now);
            if (!ReferenceEquals(track.Successor?.Track, wanted))
            {
                track.Successor?.Dispose();
                track.Successor = ReferenceEquals(track.Track, wanted) ? null : new RecorderTrack(wanted, renditions);
            }

            if (track.Successor is not { } successor) continue;
            successor.Collect();
            if (!successor.Pending.TryPeek(out var first)) continue;
            if (ReferenceEquals(track, _lead)) HandOver(successor, in first);
            else _splitsNext = true;
            track.Successor = null;
            track.Dispose();
            _tracks[i] = successor;
        }
    }

    // What is heard up to the first picture of the other rendition belongs to this file, what comes then to the next.
    private void HandOver(RecorderTrack successor, in Frame first)
    {
        var lead = _lead!;
        if (_part is not null)
        {
            var at = lead.TimeAt(successor, first.Format, first.DecodeTime, successor.Cursor.ArrivedAt);
            var shortest = lead.LastTime + lead.Format!.ClockRate / 30;
            ClosePart(at == long.MinValue ? shortest : Math.Max(shortest, at - lead.Offset));
        }

        _lead = successor;
    }

    private bool HasWaited(Instant now) => _begunAt != Instant.Never && now - _begunAt >= WaitForTracks;

    private bool MustChooseLead() => !_lead!.IsVideo && _tracks.Exists(t => t.IsVideo && t.IsKnown);

    private bool TryChooseLead(Instant now)
    {
        if (_begunAt == Instant.Never) _begunAt = now;
        var isComplete = _tracks.TrueForAll(t => (t.IsKnown || t.IsUnwritable) && (t.Renditions is null || t.Renditions.AreAll(now)));
        var isToWait = !HasWaited(now) || (now - _begunAt < WaitForTracks * 2 && _tracks.Exists(t => t.Successor is not null));
        if (_lead is null && !isComplete && isToWait)
        {
            AskForKeyframe();
            return false;
        }

        var lead = _tracks.Find(t => t.IsVideo && t.IsKnown) ?? _tracks.Find(t => t.IsKnown);
        if (lead is null) return false;
        if (_lead is not null) ClosePart(null);
        _lead = lead;
        return true;
    }

    private void AskForKeyframe()
    {
        if (_hasAskedForKeyframe) return;
        _hasAskedForKeyframe = true;
        foreach (var track in _tracks)
        {
            if (track.IsVideo && track.Track.Frames.Format is null) track.Track.RequestKeyframe();
        }
    }

    private void AskForKeyframe(RecorderTrack lead, in Frame frame)
    {
        if (!lead.IsVideo) return;
        if (frame.IsKeyframe)
        {
            _nextKeyframe = frame.DecodeTime + RecorderTrack.Ticks(LongestGroup, frame.Format.ClockRate);
        }
        else if (frame.DecodeTime >= _nextKeyframe)
        {
            _nextKeyframe = frame.DecodeTime + RecorderTrack.Ticks(AskAgain, frame.Format.ClockRate);
            lead.Track.RequestKeyframe();
        }
    }

    private void Take(in Frame frame, Instant now)
    {
        var lead = _lead!;
        AskForKeyframe(lead, in frame);
        if (_part is { } part && MustEnd(part, in frame)) ClosePart(part.IsContinuedBy(in frame) ? frame.DecodeTime - lead.Offset : null);
        if (_part is null)
        {
            if (!frame.IsKeyframe || !TryOpenPart(in frame, now)) return;
        }

        part = _part!;
        var time = frame.DecodeTime - lead.Offset;
        if (_isSkipping)
        {
            if (!frame.IsKeyframe || !part.File.HasCaughtUp || !_disk.HasCaughtUp)
            {
                part.PassOver(in frame);
                return;
            }

            _isSkipping = false;
        }

        var elapsed = part.Elapsed(time);
        if (elapsed >= LongestFragment || (frame.IsKeyframe && elapsed >= ShortestFragment)) Cut(part, time, frame.IsKeyframe);
        if (_isSkipping) return;
        if (part.Length(time) > LongEnough) _pause = ShortestPause;
        if (part.Add(lead, in frame, time) == FragmentAdd.Full)
        {
            Cut(part, time, frame.IsKeyframe);
            if (!_isSkipping) part.Add(lead, in frame, time);
        }
    }

    private bool MustEnd(OpenPart part, in Frame frame)
    {
        if (!part.Holds(frame.Format)) return true;
        if (!part.IsContinuedBy(in frame)) return true;
        if (!frame.IsKeyframe) return false;
        var options = _disk.Options;
        return _splitsNext
            || (options.SplitDuration > TimeSpan.Zero && part.Length(frame.DecodeTime - _lead!.Offset) >= options.SplitDuration)
            || (options.SplitSize > 0 && part.Size >= options.SplitSize);
    }

    private bool TryOpenPart(in Frame frame, Instant now)
    {
        var lead = _lead!;
        if (!CmafInit.CanWrite(frame.Format)) return false;
        if (!_disk.HasRoom)
        {
            Stop(RecordingReasons.DiskFull, now);
            return false;
        }

        // Another file is another queue: while the disk is behind, none is begun.
        if (!_disk.HasCaughtUp) return false;

        _splitsNext = false;
        lead.Offset = frame.DecodeTime;
        lead.Format = frame.Format;
        var included = new List<RecorderTrack> { lead };
        foreach (var track in _tracks)
        {
            track.Index = -1;
            track.LastTime = -1;
            if (ReferenceEquals(track, lead) || !track.IsKnown) continue;
            var offset = track.TimeAt(lead, frame.Format, frame.DecodeTime, lead.Cursor.ArrivedAt);
            if (offset == long.MinValue) continue;
            track.Offset = offset;
            track.Format = track.Track.Frames.Format;
            included.Add(track);
        }

        var startedAt = lead.Track.Timeline is { } timeline
            ? new DateTimeOffset(timeline.ToNtp(RecorderTrack.Scale(frame.DecodeTime, frame.Format.ClockRate, timeline.ClockRate)).ToUtc(), TimeSpan.Zero)
            : _disk.Time.GetUtcNow();
        _part = new OpenPart(_ledger, included, lead.Cursor.ArrivedAt, startedAt, LongestJump);
        return true;
    }

    private void Cut(OpenPart part, long time, bool atKeyframe, bool isStill = false)
    {
        foreach (var track in _tracks)
        {
            if (!ReferenceEquals(track, _lead)) _splitsNext |= !part.Take(track, _lead!, time);
        }

        if (!part.TryWrite(isStill ? null : time))
        {
            _isSkipping = true;
            if (part.File.Fault is null) LogTooSlow(Stream.ChannelId);
        }

        if (atKeyframe && _lead is { } lead) part.Realign(_tracks, lead, LargestSkew);
    }

    // The picture stands still: sound is written as if another picture came now.
    private void Carry(OpenPart part, Instant now)
    {
        _carriedAt = now;
        var lead = _lead!;
        Cut(part, Math.Max(0, lead.LastTime) + RecorderTrack.Ticks(now - _leadAt, lead.Format!.ClockRate), atKeyframe: false, isStill: true);
    }

    private void ClosePart(long? end)
    {
        if (_part is not { } part) return;

        // Sound that came behind the last picture belongs to it; how long the picture lasts nobody knows, so a second is enough.
        var last = end ?? Math.Max(0, _lead!.LastTime) + _lead.Format!.ClockRate;
        foreach (var track in _tracks)
        {
            if (!ReferenceEquals(track, _lead)) part.Take(track, _lead!, last);
        }

        if (!_isSkipping) part.TryWrite(end);
        part.Close();
        _part = null;
        _isSkipping = false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Recording of {Channel} stopped: {Reason}")]
    private partial void LogStopped(string channel, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The disk is slower than {Channel}: its recording leaves out pictures up to the next key picture")]
    private partial void LogTooSlow(string channel);
}
