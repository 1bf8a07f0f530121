using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media.Containers.Cmaf;

namespace Sluice.Protocols.Hls.Playlists;

/// <summary>How much a playlist shows.</summary>
public enum PlaylistView
{
    /// <summary>The newest minute or so.</summary>
    Live = 0,

    /// <summary>Everything that can be had.</summary>
    Rewind,

    /// <summary>The newest stream from its beginning, as an EVENT where its beginning can still be had.</summary>
    Event,
}

/// <summary>Writes the media playlist of one rendition (RFC 8216bis §4.4.3 to §4.4.5). One thread at a time, under the lock of the window.</summary>
/// <param name="window">What can be had.</param>
/// <param name="names">How it is called.</param>
/// <param name="timing">What was aimed at.</param>
/// <param name="liveWindow">How much <see cref="PlaylistView.Live"/> shows at least, where there is so much.</param>
/// <param name="segmentsPerKey">Segments are encrypted, so many with one key; 0 where they are not.</param>
/// <param name="vector">Where samples are encrypted in place of whole segments, if their format allows it: what they begin with, in hex. Else empty.</param>
public sealed class MediaPlaylist(SegmentWindow window, MediaNames names, SegmentTiming timing, TimeSpan liveWindow, int segmentsPerKey = 0, string vector = "")
{
    /// <summary>Target durations of which segments an update leaves out.</summary>
    private const int SkipTargets = 6;

    /// <summary>Target durations from the end in which parts are listed, and segments that list theirs at most.</summary>
    private const int PartTargets = 3;

    /// <summary>Segments that are shown beyond what was asked for, so that the first is independent.</summary>
    private const int MostExtra = 32;

    private readonly PlaylistText _text = new();

    /// <summary>Where a player with low latency should play at most, seen from the end: four parts.</summary>
    public TimeSpan PartHoldBack => TimeSpan.FromMicroseconds(Math.Max(window.PartTarget * 3.5, timing.Part.TotalMicroseconds * 4));

    /// <summary>Writes the playlist as it is now.</summary>
    /// <param name="view">How much it shows.</param>
    /// <param name="skips">An update is enough.</param>
    /// <param name="reports">How far the other renditions are.</param>
    /// <returns>UTF-8; valid until the next call.</returns>
    public ReadOnlySpan<byte> Write(PlaylistView view, bool skips, ReadOnlySpan<RenditionReport> reports)
    {
        window.Promise(window.ExpectedTarget);
        var segments = window.Segments;
        var first = FirstOf(view, out var isEvent);
        _text.Clear();
        WriteHead(segments, first, isEvent);
        var skipped = skips && !window.IsEnded ? CountSkipped(segments, first) : 0;
        if (skipped > 0) _text.Add("#EXT-X-SKIP:SKIPPED-SEGMENTS="u8).Add(skipped).Add("\n"u8);
        WriteSegments(segments, first, first + skipped);
        WriteTail(reports);
        return _text.Written;
    }

    private void WriteHead(IReadOnlyList<MediaSegment> segments, int first, bool isEvent)
    {
        _text.Add("#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:"u8).Add(window.TargetDuration);
        _text.Add("\n#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL="u8).AddSeconds(window.TargetDuration * SkipTargets * 1_000_000L);
        _text.Add(",HOLD-BACK="u8).AddSeconds(window.TargetDuration * 3_000_000L);
        _text.Add(",PART-HOLD-BACK="u8).AddSeconds((long)PartHoldBack.TotalMicroseconds);
        _text.Add("\n#EXT-X-PART-INF:PART-TARGET="u8).AddSeconds(window.PartTarget);
        _text.Add("\n#EXT-X-MEDIA-SEQUENCE:"u8).Add(first < segments.Count ? segments[first].Sequence : window.NextSequence);
        var discontinuities = first < segments.Count ? segments[first].Discontinuities : window.Discontinuities;
        _text.Add("\n#EXT-X-DISCONTINUITY-SEQUENCE:"u8).Add(discontinuities).Add("\n"u8);
        if (isEvent) _text.Add("#EXT-X-PLAYLIST-TYPE:EVENT\n"u8);
        if (AreIndependent(segments, first)) _text.Add("#EXT-X-INDEPENDENT-SEGMENTS\n"u8);
    }

    private void WriteSegments(IReadOnlyList<MediaSegment> segments, int first, int from)
    {
        MediaInit? init = null;
        var key = -1L;
        var partsFrom = PartsFrom(segments);
        for (var i = from; i < segments.Count; i++)
        {
            var segment = segments[i];
            if (!segment.IsComplete && segment.PartCount == 0)
            {
                // Its first part is hinted, and has its key.
                if (ReferenceEquals(init, segment.Init)) WriteKey(segment, ref key);
                break;
            }

            // One tag for each number, so that players count as we do.
            for (var n = i > first ? segments[i - 1].Discontinuities : segment.Discontinuities; n < segment.Discontinuities; n++)
            {
                _text.Add("#EXT-X-DISCONTINUITY\n"u8);
            }

            if (!ReferenceEquals(init, segment.Init))
            {
                // The section itself is not encrypted: no key stands before it.
                if (key >= 0) _text.Add("#EXT-X-KEY:METHOD=NONE\n"u8);
                key = -1;
                init = segment.Init;
                if (init is not null) names.AddInit(_text, init.Number);
            }

            WriteKey(segment, ref key);
            _text.Add("#EXT-X-PROGRAM-DATE-TIME:"u8).AddDate(segment.CapturedAt).Add("\n"u8);
            if (i >= partsFrom) WriteParts(segment);
            if (!segment.IsComplete) break;
            _text.Add("#EXTINF:"u8).AddSeconds(segment.Duration).Add(",\n"u8);
            names.AddSegment(_text, segment.Sequence);
            _text.Add("\n"u8);
        }
    }

    private void WriteKey(MediaSegment segment, ref long key)
    {
        if (segmentsPerKey == 0 || segment.Sequence / segmentsPerKey == key) return;
        key = segment.Sequence / segmentsPerKey;
        names.AddKey(_text, key, segment.Init is { } init && CmafProtection.CanProtect(init.Format) ? vector : "");
    }

    private void WriteParts(MediaSegment segment)
    {
        foreach (var part in segment.Parts)
        {
            if (!part.IsComplete) break;
            _text.Add("#EXT-X-PART:DURATION="u8).AddSeconds(part.Duration).Add(",URI=\""u8);
            names.AddPart(_text, segment.Sequence, part.Index);
            _text.Add(part.IsIndependent ? "\",INDEPENDENT=YES\n"u8 : "\"\n"u8);
        }
    }

    private void WriteTail(ReadOnlySpan<RenditionReport> reports)
    {
        if (window.IsEnded)
        {
            _text.Add("#EXT-X-ENDLIST\n"u8);
            return;
        }

        if (window.Open is { } open)
        {
            _text.Add("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\""u8);
            names.AddPart(_text, open.Sequence, open.PartCount);
            _text.Add("\"\n"u8);
        }

        foreach (var report in reports)
        {
            _text.Add("#EXT-X-RENDITION-REPORT:URI="u8).AddQuoted(report.Uri).Add(",LAST-MSN="u8).Add(report.LastSequence);
            _text.Add(",LAST-PART="u8).Add(report.LastPart).Add("\n"u8);
        }
    }

    private int FirstOf(PlaylistView view, out bool isEvent)
    {
        isEvent = false;
        var segments = window.Segments;
        if (view == PlaylistView.Event && segments.Count > 0)
        {
            var first = segments.Count - 1;
            while (first > 0 && segments[first - 1].Epoch == segments[^1].Epoch) first--;
            isEvent = segments[first].IsFirstOfEpoch;
            return first;
        }

        if (view != PlaylistView.Live) return 0;

        // Never less than an update may leave out, with one more so that it has something to leave out.
        var least = Math.Max((long)liveWindow.TotalMicroseconds, (SkipTargets + 2) * window.TargetDuration * 1_000_000L);
        var shown = 0L;
        var index = segments.Count;
        while (index > 0 && shown < least) shown += segments[--index].Duration;
        return IndependentNear(segments, index);
    }

    // Where a player can begin: the next such segment that is complete, else one that was not long before.
    private static int IndependentNear(IReadOnlyList<MediaSegment> segments, int index)
    {
        for (var i = index; i < segments.Count && segments[i].IsComplete; i++)
        {
            if (segments[i].IsIndependent) return i;
        }

        for (var i = index - 1; i >= Math.Max(0, index - MostExtra); i--)
        {
            if (segments[i].IsIndependent) return i;
        }

        return index;
    }

    // Whole segments whose end is further from the playlist's end than the skip boundary.
    private int CountSkipped(IReadOnlyList<MediaSegment> segments, int first)
    {
        var boundary = window.TargetDuration * SkipTargets * 1_000_000L;
        var behind = 0L;
        var index = segments.Count;
        while (index > first && behind <= boundary) behind += segments[--index].Duration;
        return behind > boundary ? index - first : 0;
    }

    private int PartsFrom(IReadOnlyList<MediaSegment> segments)
    {
        // Whole segments: a list of parts that begins in mid-segment would give them other numbers. Never less than the newest complete one.
        // Where segments are shorter than was promised, strict readers count three of them instead of the time, and a hint that stands alone for one.
        var end = window.Open is { PartCount: 0 } ? segments.Count - 1 : segments.Count;
        var most = window.Open is { PartCount: > 0 } ? PartTargets : PartTargets - 1;
        var left = window.TargetDuration * PartTargets * 1_000_000L;
        var index = end;
        while (index > 0 && end - index < most && (left >= segments[index - 1].Duration || index > end - 2)) left -= segments[--index].Duration;
        return index;
    }

    private static bool AreIndependent(IReadOnlyList<MediaSegment> segments, int first)
    {
        for (var i = first; i < segments.Count; i++)
        {
            if (!segments[i].IsIndependent) return false;
        }

        return true;
    }
}
