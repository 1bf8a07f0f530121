namespace Sluice.Control.Channels;

/// <summary>A channel as it is kept: with the hash of its secret and its watch tokens.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Secret">The hash of the publisher's secret.</param>
/// <param name="WatchTokens">The tokens that let strangers watch while the channel is private.</param>
public sealed record StoredChannel(Channel Channel, SecretHash Secret, IReadOnlyList<WatchToken> WatchTokens);

/// <summary>A right to watch a private channel.</summary>
/// <param name="Id">Names the token in the API; not the token itself.</param>
/// <param name="Label">Who it was made for, in the owner's words; may be empty.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Secret">The hash of the token.</param>
public sealed record WatchToken(string Id, string Label, DateTimeOffset CreatedAt, SecretHash Secret);

/// <summary>What Control asks of a database for channels. Calls are safe from any thread; a change is durable when its task ends.</summary>
public interface IChannelStore
{
    /// <summary>Every channel, by number.</summary>
    ValueTask<IReadOnlyList<Channel>> ListAsync(CancellationToken cancellation);

    /// <summary>One channel with its secrets, or null.</summary>
    ValueTask<StoredChannel?> FindAsync(string id, CancellationToken cancellation);

    /// <summary>Adds a channel and gives it the next number; null where the id is taken.</summary>
    ValueTask<Channel?> AddAsync(
        string id, string name, string title, DateTimeOffset createdAt, ChannelSettings settings, SecretHash secret, CancellationToken cancellation);

    /// <summary>Replaces name, title and settings; false where there is no such channel.</summary>
    ValueTask<bool> UpdateAsync(Channel channel, CancellationToken cancellation);

    /// <summary>Replaces the secret; false where there is no such channel.</summary>
    ValueTask<bool> ReplaceSecretAsync(string id, SecretHash secret, CancellationToken cancellation);

    /// <summary>Removes a channel and its tokens; false where there is no such channel.</summary>
    ValueTask<bool> RemoveAsync(string id, CancellationToken cancellation);

    /// <summary>Adds a watch token; false where there is no such channel.</summary>
    ValueTask<bool> AddWatchTokenAsync(string channelId, WatchToken token, CancellationToken cancellation);

    /// <summary>Removes a watch token; false where there is no such token.</summary>
    ValueTask<bool> RemoveWatchTokenAsync(string channelId, string tokenId, CancellationToken cancellation);
}
