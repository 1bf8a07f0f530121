using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Hls.Subtitles;

namespace Sluice.Outputs.Hls;

/// <summary>The subtitles of one language, which outlive streams. Only the consumers' thread.</summary>
internal sealed class HlsSubtitles(HlsRendition rendition)
{
    private readonly SubtitleSegmenter _segmenter = new(rendition.Window);

    public HlsRendition Rendition => rendition;

    /// <summary>Has segments end where those of the leader do: from its next one on, or from the one that grows.</summary>
    public void Follow(HlsFeed? leader, bool isNext)
    {
        if (leader is null) return;
        var window = leader.Rendition.Window;
        _segmenter.Follow(window, isNext ? window.NextSequence : window.Open?.Sequence ?? window.NextSequence);
    }

    public void Add(long from, TimeSpan duration, string text) => _segmenter.Add(from, duration.Ticks / TimeSpan.TicksPerMicrosecond, text);

    /// <summary>Goes one step after the leader.</summary>
    public SegmentChange Advance(DateTime zero)
    {
        lock (rendition.Gate) return _segmenter.Advance(zero);
    }
}
