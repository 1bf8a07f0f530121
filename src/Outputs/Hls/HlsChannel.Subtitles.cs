using Sluice.Control.Channels;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media.Codecs.Captions;

namespace Sluice.Outputs.Hls;

/// <summary>Subtitles: a rendition for each language that the channel's owner has declared, from then on, whether or not anybody says something.</summary>
public sealed partial class HlsChannel
{
    private readonly List<HlsSubtitles> _subtitles = [];
    private ChannelSettings _offer = ChannelSettings.Default;
    private ChannelSettings _followed = ChannelSettings.Default;
    private string[] _languages = [];
    private long _cuesTaken;

    /// <summary>What the owner has declared there will be; any thread.</summary>
    internal void Offer(ChannelSettings settings)
    {
        Volatile.Write(ref _offer, settings);
        _multivariants.Clear();
        Live.WakeReaders();
    }

    // A multivariant playlist is read once: what may come is announced before it does, where the owner says so.
    private CaptionServices DeclaredCaptions => Volatile.Read(ref _offer).HasClosedCaptions ? CaptionServices.FirstField : CaptionServices.None;

    private void FollowOffer()
    {
        var offer = Volatile.Read(ref _offer);
        if (ReferenceEquals(offer, _followed)) return;
        var isSame = offer.Subtitles == _followed.Subtitles;
        _followed = offer;
        if (isSame) return;
        _languages = offer.Subtitles.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var old in _subtitles)
        {
            if (_languages.Contains(old.Rendition.Language)) continue;
            _byName.TryRemove(old.Rendition.Name, out _);
            old.Rendition.End();
            DeleteFiles(old.Rendition);
        }

        var before = _subtitles.ToArray();
        _subtitles.Clear();
        foreach (var language in _languages)
        {
            _subtitles.Add(Array.Find(before, s => s.Rendition.Language == language) ?? MakeSubtitles(language));
        }

        Volatile.Write(ref _renditions, [.. Renditions.Where(r => r.Kind is not null), .. _subtitles.Select(s => s.Rendition)]);
        _multivariants.Clear();
        _changes.Release();
    }

    private HlsSubtitles MakeSubtitles(string language)
    {
        var made = new HlsSubtitles(MakeRendition($"subtitles-{language.ToLowerInvariant()}", kind: null, offered: null, language));
        _byName[made.Rendition.Name] = made.Rendition;
        if (_leader?.Rendition.Window.Open is { } open) made.Rendition.Window.StartAt(open.Sequence, open.Discontinuities);
        made.Follow(_leader, isNext: false);
        return made;
    }

    private void TakeCues()
    {
        if (_stream is not { } stream || _leader is not { } leader || !leader.Rendition.Segmenter.IsOpen) return;
        while (stream.Cues.TryTake(ref _cuesTaken, out var cue))
        {
            var index = LanguageTag.Choose(_languages, cue.Language);
            if (index >= 0) _subtitles[index].Add((cue.At - _zero).Ticks / TimeSpan.TicksPerMicrosecond, cue.Duration, cue.Text);
        }
    }

    private void AdvanceSubtitles()
    {
        if (_subtitles.Count == 0) return;
        var zero = _zero.ToUtc();
        foreach (var subtitles in _subtitles)
        {
            while (subtitles.Advance(zero) is var change && change != SegmentChange.None) Publish(subtitles.Rendition, change);
        }
    }
}
