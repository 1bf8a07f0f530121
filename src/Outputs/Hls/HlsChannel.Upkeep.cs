using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Hls;

/// <summary>What a channel does at every tick, and with what is old.</summary>
public sealed partial class HlsChannel
{
    private void Tick(Instant now)
    {
        if (_endedAt != Instant.Never && !IsOver && now - _endedAt >= _settings.ReturnGrace) Finish();
        if (IsOver && now - _endedAt >= _settings.Linger && now - AskedAt >= _settings.Linger)
        {
            _output.Remove(this);
            return;
        }

        if (_stream is not null && _settings.Start == HlsStart.Demand && now - AskedAt >= _settings.Linger)
        {
            _output.Remove(this);
            return;
        }

        // Nobody waits longer than three target durations (RFC 8216bis §6.2.5.2), whatever has become of the publisher.
        if (_stream is not null && now - _progressAt >= TimeSpan.FromSeconds(3 * TargetDuration))
        {
            _progressAt = now;
            ReleaseAll();
        }

        LookForPicture(now);
        FollowDemand(now);
        ForgetTransports(now);
        DismissIdle(now);
    }

    private void Finish()
    {
        IsOver = true;
        foreach (var rendition in Renditions) rendition.End();
        _changes.Release();
    }

    // A publisher that announced a picture and sends none has sound all the same.
    private void LookForPicture(Instant now)
    {
        if (_leader is not { } leader || leader.Rendition.Segmenter.IsOpen || now - _streamAt < PictureWait) return;
        foreach (var feed in _feeds)
        {
            if (ReferenceEquals(feed, leader) || feed.Track.Frames.Count == 0) continue;
            leader.Rendition.IsSilent = true;
            Lead(feed);
            _changes.Release();
            return;
        }
    }

    private void FollowDemand(Instant now)
    {
        if (_stream is null) return;
        foreach (var rendition in Renditions)
        {
            if (rendition.Offered is not { } track) continue;
            var feed = _feeds.Find(f => ReferenceEquals(f.Rendition, rendition));
            var isWanted = rendition.WasAskedFor(now, _settings.Linger);
            if (isWanted && feed is null && _leader?.Rendition.Window.Open is { } open)
            {
                // Numbered as the segment the others are at.
                lock (rendition.Gate) rendition.Window.StartAt(open.Sequence, _discontinuities);
                _feeds.Add(new HlsFeed(track, rendition, _clock));
            }

            if (isWanted || feed is null) continue;
            _feeds.Remove(feed);
            feed.Dispose();
            Replace(rendition);
        }
    }

    // What was made on demand and is not any more begins anew when it is wanted again: a hole in it would help nobody.
    private void Replace(HlsRendition old)
    {
        old.End();
        var fresh = MakeRendition(old.Name, old.Kind, old.Offered);
        _byName[old.Name] = fresh;
        Volatile.Write(ref _renditions, Array.ConvertAll(_renditions, r => ReferenceEquals(r, old) ? fresh : r));
        DeleteFiles(old);
    }

    private void DeleteFiles(HlsRendition old)
    {
        foreach (var file in old.Files.Values) _disk.Delete(file);
    }

    private void Keep(HlsRendition rendition)
    {
        lock (rendition.Gate)
        {
            var window = rendition.Window;
            var newest = window.Segments[window.CompleteCount - 1];
            if (_settings.RewindWindow > _settings.LiveWindow) rendition.Files[newest.Sequence] = _disk.Save(_folder, $"{rendition.Name}.{newest.Sequence}", newest);
            ReleaseOld(rendition);
            RemoveOld(rendition);
            rendition.ForgetInits();
        }
    }

    // Memory holds the live edge; beyond it only what is on disk can be had.
    private void ReleaseOld(HlsRendition rendition)
    {
        var window = rendition.Window;
        var live = Math.Max((long)_settings.LiveWindow.TotalMicroseconds, 10_000_000L * Math.Max(1, window.TargetDuration));
        var (duration, bytes) = (0L, 0L);
        var remove = 0;
        for (var i = window.CompleteCount - 1; i >= 0; i--)
        {
            var segment = window.Segments[i];
            duration += segment.Duration;
            bytes += segment.Length;
            if (segment.Parts.Length == 0) break;
            if (duration <= live && bytes <= _settings.MaxMemoryBytes) continue;
            if (rendition.Files.TryGetValue(segment.Sequence, out var file) && file.IsSaved)
            {
                segment.ReleaseParts();
            }
            else if (file is null || file.IsLost || bytes > 2 * _settings.MaxMemoryBytes)
            {
                remove = i + 1;
                break;
            }
        }

        Remove(rendition, remove);
    }

    private void RemoveOld(HlsRendition rendition)
    {
        var window = rendition.Window;
        var limit = Math.Max((long)_settings.RewindWindow.TotalMicroseconds, (long)_settings.LiveWindow.TotalMicroseconds + 10_000_000L * Math.Max(1, window.TargetDuration));
        rendition.HeldDuration += window.Segments[window.CompleteCount - 1].Duration;
        var count = 0;
        var held = rendition.HeldDuration;
        while (held > limit && count < window.CompleteCount - 1) held -= window.Segments[count++].Duration;
        Remove(rendition, count);
    }

    private void Remove(HlsRendition rendition, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var segment = rendition.Window.Segments[i];
            rendition.HeldDuration -= segment.Duration;
            if (rendition.Files.TryRemove(segment.Sequence, out var file)) _disk.Delete(file);
        }

        rendition.Window.RemoveOldest(count);
    }
}
