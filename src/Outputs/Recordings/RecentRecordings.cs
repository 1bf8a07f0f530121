using System.Collections.Concurrent;
using Sluice.Control.Recordings;

namespace Sluice.Outputs.Recordings;

/// <summary>A recording that ended with its stream, and may be gone on with.</summary>
internal sealed record RecentRecording(Recording Recording, int Parts, DateTimeOffset EndedAt);

/// <summary>The newest recording of each channel that ended with its stream. One entry a channel; any thread.</summary>
internal sealed class RecentRecordings
{
    private readonly ConcurrentDictionary<string, RecentRecording> _recent = new(StringComparer.Ordinal);

    public void Put(string channelId, RecentRecording recent) => _recent[channelId] = recent;

    /// <summary>True where a channel's entry ended at or after <paramref name="since"/>.</summary>
    public bool Has(string channelId, DateTimeOffset since) => _recent.TryGetValue(channelId, out var recent) && recent.EndedAt >= since;

    /// <summary>Takes a channel's entry out; null where there is none or it ended before <paramref name="since"/>.</summary>
    public RecentRecording? Take(string channelId, DateTimeOffset since) =>
        _recent.TryRemove(channelId, out var recent) && recent.EndedAt >= since ? recent : null;

    /// <summary>Forgets a channel's entry: its recording was deleted.</summary>
    public void Forget(string recordingId)
    {
        foreach (var (channel, recent) in _recent)
        {
            if (recent.Recording.Id == recordingId) _recent.TryRemove(new(channel, recent));
        }
    }
}
