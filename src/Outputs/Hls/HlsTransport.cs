using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Hls;

/// <summary>
/// One rendition for players that know nothing newer than MPEG-TS: its segments with the channel's AAC in them, made only while somebody asks. Safe for any thread.
/// Holds twice the live window, and never more bytes made than a rendition may hold in memory.
/// </summary>
public sealed class HlsTransport
{
    // Sound is cut where pictures are, but for half a frame of it.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(40);

    // Complete segments behind one for which sound is waited before it goes without.
    private const int Patience = 2;

    private readonly Lock _gate = new();
    private readonly HlsChannel _channel;
    private readonly HlsSettings _settings;
    private readonly List<HlsTransportSegment> _segments = [];
    private long _next = -1;
    private long _silentBefore;
    private bool _isEnded;

    internal HlsTransport(HlsChannel channel, HlsRendition lead, HlsSettings settings, Instant now)
    {
        _channel = channel;
        _settings = settings;
        Lead = lead;
        AskedAt = now;
    }

    /// <summary>The rendition it is made of.</summary>
    public HlsRendition Lead { get; }

    /// <summary>When its playlist was asked for last.</summary>
    internal Instant AskedAt { get; private set; }

    /// <summary>Looks for new segments; true where there is something to play.</summary>
    public bool Follow(Instant now)
    {
        lock (_gate)
        {
            AskedAt = now;
            var sound = Lead.Kind == MediaKind.Video ? _channel.FindAac() : null;
            sound?.Ask(now);
            Lead.Ask(now);
            TakeNew(sound);
            return _segments.Count > 0;
        }
    }

    /// <summary>The playlist as it was at the last <see cref="Follow"/>.</summary>
    public byte[] WritePlaylist()
    {
        int target;
        lock (Lead.Gate)
        {
            Lead.Window.Promise(_channel.TargetDuration);
            target = Lead.Window.TargetDuration;
        }

        lock (_gate)
        {
            var first = _segments.Count;
            for (var shown = 0L; first > 0 && shown < Window; shown += _segments[first].Entry.Duration) first--;
            return TransportPlaylist.Write(Lead.Names, target, [.. _segments.Skip(first).Select(s => s.Entry)], _isEnded, _settings.SegmentsPerKey);
        }
    }

    /// <summary>The segment of a number; null where it was not listed yet, or is gone.</summary>
    public HlsTransportSegment? Find(long sequence)
    {
        lock (_gate)
        {
            var index = _segments.Count == 0 ? -1 : sequence - _segments[0].Entry.Sequence;
            return index >= 0 && index < _segments.Count ? _segments[(int)index] : null;
        }
    }

    private void TakeNew(HlsRendition? sound)
    {
        var leads = Snapshot(Lead);
        if (leads.Count == 0) return;
        var complete = leads.Count - (leads[^1].IsComplete ? 0 : 1);
        if (complete == 0) return;
        if (_next < leads[0].Sequence)
        {
            // Nothing was asked for so long that there would be a hole, or nothing yet.
            _segments.Clear();
            _next = leads[0].Sequence;
            _silentBefore = leads[complete - 1].Sequence + Patience;
        }

        var sounds = sound is null ? [] : Snapshot(sound);
        for (var i = (int)(_next - leads[0].Sequence); i < complete; i++)
        {
            var segment = leads[i];
            var end = i + 1 < leads.Count ? leads[i + 1].CapturedAt : Lead.IsEnded ? DateTime.MaxValue : segment.CapturedAt.AddMicroseconds(segment.Duration);
            var beside = sounds.FindAll(s => s.IsComplete && s.CapturedAt >= segment.CapturedAt - Tolerance && s.CapturedAt < end - Tolerance);
            var isWhole = sound is null || sound.IsEnded || (sounds.Count > 0 && sounds[^1].CapturedAt >= end - Tolerance);
            if (!isWhole && complete - 1 - i < Patience) break;
            _next++;

            // Whoever begins begins with sound, unless none comes.
            if (sound is not null && beside.Count == 0 && _segments.Count == 0 && segment.Sequence <= _silentBefore && !Lead.IsEnded) continue;
            _segments.Add(new HlsTransportSegment(Lead, segment, sound, beside));
        }

        _isEnded = Lead.IsEnded && _next > leads[complete - 1].Sequence;
        RemoveOld();
    }

    // The live window's segments, and the one that grows: older ones are not listed here.
    private List<MediaSegment> Snapshot(HlsRendition rendition)
    {
        var found = new List<MediaSegment>();
        lock (rendition.Gate)
        {
            var segments = rendition.Window.Segments;
            var shown = 0L;
            for (var i = segments.Count - 1; i >= 0 && shown < Window; i--)
            {
                found.Add(segments[i]);
                shown += segments[i].Duration;
            }
        }

        found.Reverse();
        return found;
    }

    private long Window => (long)_settings.LiveWindow.TotalMicroseconds;

    private void RemoveOld()
    {
        var (shown, held) = (0L, 0L);
        for (var i = _segments.Count - 1; i >= 0; i--)
        {
            // Listed for one window, to be had for another: players load what they read of.
            if (shown >= 2 * Window)
            {
                _segments.RemoveRange(0, i + 1);
                return;
            }

            shown += _segments[i].Entry.Duration;
            held += _segments[i].HeldBytes;
            if (held > _settings.MaxMemoryBytes) _segments[i].Release();
        }
    }
}
