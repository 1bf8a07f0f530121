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

    public RecordingSession(LiveStream stream, RecordingDisk disk, RecordingLedger ledger, ILogger log)
    {
        Stream = stream;
        _disk = disk;
        _ledger = ledger;
        _log = log;
        foreach (var source in stream.Tracks.GroupBy(t => (t.Id.Kind, t.Id.Number)))
        {
            // Of several renditions the largest; before sizes are known, the one the publisher prefers.
            _tracks.Add(new RecorderTrack(source.MaxBy(t => (long)t.Resolution.Width * t.Resolution.Height)!));
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

        // First of all: what leads is never collected, so that it begins with the key picture the cursor stands at.
        if ((_lead is null || MustChooseLead()) && !TryChooseLead(now)) return;
        foreach (var track in _tracks)
        {
            if (!ReferenceEquals(track, _lead)) track.Collect();
        }

        while (_lead!.Cursor.TryTake(out var frame))
        {
            Take(in frame, now);
        }
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

    private bool MustChooseLead() => !_lead!.IsVideo && _tracks.Exists(t => t.IsVideo && t.IsKnown);

    private bool TryChooseLead(Instant now)
    {
        if (_begunAt == Instant.Never) _begunAt = now;
        var isComplete = _tracks.TrueForAll(t => t.IsKnown || t.IsUnwritable);
        if (_lead is null && !isComplete && now - _begunAt < WaitForTracks)
        {
            AskForKeyframe();
            return false;
        }

        var lead = _tracks.Find(t => t.IsVideo && t.IsKnown) ?? _tracks.Find(t => t.IsKnown);
        if (lead is null) return false;
        if (_lead is not null) ClosePart(null);
        _lead = lead;

        // What was collected of it before it led would be out of order; it begins at a key picture anyway.
        lead.Pending.Clear();
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

    private void Take(in Frame frame, Instant now)
    {
        var lead = _lead!;
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
        if (!ReferenceEquals(part.LeadFormat, frame.Format) && !part.LeadFormat.Equals(frame.Format)) return true;
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

    private void Cut(OpenPart part, long? time, bool atKeyframe)
    {
        if (time is { } end)
        {
            foreach (var track in _tracks)
            {
                if (!ReferenceEquals(track, _lead)) _splitsNext |= !part.Take(track, _lead!, end);
            }
        }

        if (!part.TryWrite(time))
        {
            _isSkipping = true;
            if (part.File.Fault is null) LogTooSlow(Stream.ChannelId);
        }

        if (atKeyframe && _lead is { } lead) part.Realign(_tracks, lead, LargestSkew);
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
