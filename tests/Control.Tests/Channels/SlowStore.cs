using Sluice.Control.Channels;

namespace Sluice.Control.Tests.Channels;

/// <summary>A store whose reads can be held back after they were made, so that a change overtakes them.</summary>
internal sealed class SlowStore(IChannelStore inner) : IChannelStore
{
    public TaskCompletionSource? Hold { get; set; }

    public ValueTask<IReadOnlyList<Channel>> ListAsync(CancellationToken cancellation) => inner.ListAsync(cancellation);

    public async ValueTask<StoredChannel?> FindAsync(string id, CancellationToken cancellation)
    {
        var found = await inner.FindAsync(id, cancellation);
        if (Hold is { } hold)
            await hold.Task;
        return found;
    }

    public ValueTask<Channel?> AddAsync(
        string id, string name, string title, DateTimeOffset createdAt, ChannelSettings settings, SecretHash secret, CancellationToken cancellation) =>
        inner.AddAsync(id, name, title, createdAt, settings, secret, cancellation);

    public ValueTask<bool> UpdateAsync(Channel channel, CancellationToken cancellation) => inner.UpdateAsync(channel, cancellation);

    public ValueTask<bool> ReplaceSecretAsync(string id, SecretHash secret, CancellationToken cancellation) =>
        inner.ReplaceSecretAsync(id, secret, cancellation);

    public ValueTask<bool> RemoveAsync(string id, CancellationToken cancellation) => inner.RemoveAsync(id, cancellation);

    public ValueTask<bool> AddWatchTokenAsync(string channelId, WatchToken token, CancellationToken cancellation) =>
        inner.AddWatchTokenAsync(channelId, token, cancellation);

    public ValueTask<bool> RemoveWatchTokenAsync(string channelId, string tokenId, CancellationToken cancellation) =>
        inner.RemoveWatchTokenAsync(channelId, tokenId, cancellation);
}
