using System.Collections.Concurrent;

namespace Sluice.Control.Live;

/// <summary>
/// Every channel that has been live or waited for on this node. An entry is made when the first publisher or viewer comes, only for channels
/// that exist, and goes with the channel.
/// </summary>
public sealed class LiveChannels
{
    private readonly ConcurrentDictionary<string, LiveChannel> _channels = new(StringComparer.Ordinal);

    /// <summary>Raised when a channel's stream or audience changed.</summary>
    public event Action<LiveChannel>? Changed;

    /// <summary>Raised once for each stream that ended.</summary>
    public event Action<LiveStream>? StreamEnded;

    /// <summary>The live state of a channel, made on demand.</summary>
    public LiveChannel Open(string channelId) => _channels.GetOrAdd(channelId, Make);

    /// <summary>The live state of a channel, if somebody publishes or watches.</summary>
    public LiveChannel? Find(string channelId) => _channels.GetValueOrDefault(channelId);

    /// <summary>The streams that are on now.</summary>
    public IEnumerable<LiveStream> Streams() => _channels.Values.Select(c => c.Stream).OfType<LiveStream>();

    public IEnumerable<LiveChannel> All() => _channels.Values;

    /// <summary>Ends what is live on a channel and sends its viewers away: it was deleted.</summary>
    public void Close(string channelId)
    {
        if (Find(channelId) is not { } channel) return;
        if (channel.Stream is { } stream) channel.End(stream, StreamEnd.Ended);
        foreach (var viewer in channel.Viewers())
        {
            viewer.Close();
        }

        _channels.TryRemove(channelId, out _);
    }

    /// <summary>Ends every stream: the node stops.</summary>
    public void Shutdown()
    {
        foreach (var channel in _channels.Values)
        {
            if (channel.Stream is { } stream) channel.End(stream, StreamEnd.Shutdown);
        }
    }

    private LiveChannel Make(string channelId)
    {
        var channel = new LiveChannel(channelId);
        channel.Changed += c => Changed?.Invoke(c);
        channel.StreamEnded += s => StreamEnded?.Invoke(s);
        return channel;
    }
}
