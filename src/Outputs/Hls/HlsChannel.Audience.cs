using System.Collections.Concurrent;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Hls;

/// <summary>Who watches a channel.</summary>
public sealed partial class HlsChannel
{
    private readonly ConcurrentDictionary<UInt128, HlsViewer> _viewers = new();

    /// <summary>Viewers with a request in the last seconds.</summary>
    public int ViewerCount => _viewers.Count;

    /// <summary>Notes that somebody asks; null where there are as many viewers as there may be, or where this one was sent away.</summary>
    internal HlsViewer? See(UInt128 who, Instant now, DateTimeOffset at)
    {
        AskedAt = now;
        if (!_viewers.TryGetValue(who, out var viewer))
        {
            if (!_output.TryCountViewer()) return null;
            viewer = new HlsViewer($"hls-{who:x32}", at, now);
            if (!_viewers.TryAdd(who, viewer))
            {
                _output.UncountViewer();
                viewer = _viewers.GetValueOrDefault(who, viewer);
            }
            else
            {
                Live.Enter(viewer);
            }
        }

        if (viewer.IsClosed) return null;
        viewer.Touch(now);
        return viewer;
    }

    private void DismissIdle(Instant now)
    {
        foreach (var (who, viewer) in _viewers)
        {
            if (now - viewer.SeenAt >= HlsViewer.Timeout) Dismiss(who, viewer);
        }
    }

    private void DismissAll()
    {
        foreach (var (who, viewer) in _viewers) Dismiss(who, viewer);
    }

    private void Dismiss(UInt128 who, HlsViewer viewer)
    {
        if (!_viewers.TryRemove(who, out _)) return;
        _output.UncountViewer();
        Live.Leave(viewer);
    }
}
