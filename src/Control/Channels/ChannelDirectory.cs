namespace Sluice.Control.Channels;

/// <summary>
/// The channels of this node: every change goes through here, so what is kept in memory is never older than the store. Thread-safe.
/// </summary>
public sealed class ChannelDirectory
{
    /// <summary>Tokens one channel may have; verifying walks all of them.</summary>
    public const int MaxWatchTokens = 100;

    // Bounded: at the limit the whole cache is dropped, which costs one look-up a channel and needs no order of use.
    private const int MaxCached = 4096;

    private readonly IChannelStore _store;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StoredChannel> _cache = [];
    private long _generation;

    /// <summary>A directory over a store.</summary>
    public ChannelDirectory(IChannelStore store, TimeProvider time)
    {
        _store = store;
        _time = time;
    }

    /// <summary>Raised after a change is durable, on the thread that made it. Handlers must not block.</summary>
    public event Action<ChannelChange>? Changed;

    /// <summary>Every channel, by number.</summary>
    public ValueTask<IReadOnlyList<Channel>> ListAsync(CancellationToken cancellation = default) => _store.ListAsync(cancellation);

    /// <summary>One channel, or null.</summary>
    public async ValueTask<Channel?> FindAsync(string id, CancellationToken cancellation = default) =>
        (await FindStoredAsync(id, cancellation))?.Channel;

    /// <summary>
    /// Makes a channel. A null <paramref name="id"/> is made from the name and told apart from others by a number; a given one is taken
    /// as it is, and the answer is null where it is taken.
    /// </summary>
    public async ValueTask<NewChannel?> CreateAsync(
        string name, string? id, string title, ChannelSettings settings, CancellationToken cancellation = default)
    {
        var secret = StreamSecret.New();
        var hash = SecretHash.Of(secret);
        if (id is not null)
        {
            if (!ChannelId.IsValid(id))
                throw new ArgumentException("The id is not one a channel may have.", nameof(id));
            var added = await _store.AddAsync(id, name, title, _time.GetUtcNow(), settings, hash, cancellation);
            return added is null ? null : new NewChannel(added, secret);
        }
        var stem = ChannelId.FromName(name);
        if (stem.Length == 0)
            stem = "channel";
        for (var attempt = 1; attempt <= 1000; attempt++)
        {
            var candidate = attempt == 1 ? stem : $"{stem}_{attempt}";
            if (!ChannelId.IsValid(candidate))
                continue;
            var added = await _store.AddAsync(candidate, name, title, _time.GetUtcNow(), settings, hash, cancellation);
            if (added is not null)
                return new NewChannel(added, secret);
        }
        return null;
    }

    /// <summary>Replaces name, title and settings; false where there is no such channel.</summary>
    public async ValueTask<bool> UpdateAsync(Channel channel, CancellationToken cancellation = default) =>
        Apply(await _store.UpdateAsync(channel, cancellation), channel.Id, ChannelChangeKind.Updated);

    /// <summary>Gives the channel a new secret; null where there is no such channel. The old one is refused from this moment.</summary>
    public async ValueTask<string?> RotateSecretAsync(string id, CancellationToken cancellation = default)
    {
        var secret = StreamSecret.New();
        var replaced = await _store.ReplaceSecretAsync(id, SecretHash.Of(secret), cancellation);
        return Apply(replaced, id, ChannelChangeKind.SecretRotated) ? secret : null;
    }

    /// <summary>Removes a channel; false where there is none.</summary>
    public async ValueTask<bool> RemoveAsync(string id, CancellationToken cancellation = default) =>
        Apply(await _store.RemoveAsync(id, cancellation), id, ChannelChangeKind.Removed);

    /// <summary>The watch tokens of a channel without their secrets' plain text; null where there is no such channel.</summary>
    public async ValueTask<IReadOnlyList<WatchToken>?> ListWatchTokensAsync(string id, CancellationToken cancellation = default) =>
        (await FindStoredAsync(id, cancellation))?.WatchTokens;

    /// <summary>Makes a watch token; the plain text exists only in this answer.</summary>
    public async ValueTask<NewWatchToken> CreateWatchTokenAsync(string id, string label, CancellationToken cancellation = default)
    {
        var stored = await FindStoredAsync(id, cancellation);
        if (stored is null)
            return new NewWatchToken(WatchTokenOutcome.ChannelUnknown);
        if (stored.WatchTokens.Count >= MaxWatchTokens)
            return new NewWatchToken(WatchTokenOutcome.TooMany);
        var secret = StreamSecret.New();
        var token = new WatchToken(StreamSecret.New()[..12], label, _time.GetUtcNow(), SecretHash.Of(secret));
        var added = await _store.AddWatchTokenAsync(id, token, cancellation);
        Forget(id);
        return added ? new NewWatchToken(WatchTokenOutcome.Made, token, secret) : new NewWatchToken(WatchTokenOutcome.ChannelUnknown);
    }

    /// <summary>Removes a watch token; false where there is none.</summary>
    public async ValueTask<bool> RemoveWatchTokenAsync(string id, string tokenId, CancellationToken cancellation = default) =>
        Apply(await _store.RemoveWatchTokenAsync(id, tokenId, cancellation), id, ChannelChangeKind.WatchTokenRemoved);

    internal async ValueTask<StoredChannel?> FindStoredAsync(string id, CancellationToken cancellation)
    {
        long generation;
        lock (_lock)
        {
            if (_cache.TryGetValue(id, out var cached))
                return cached;
            generation = _generation;
        }
        if (!ChannelId.IsValid(id))
            return null;
        var found = await _store.FindAsync(id, cancellation);
        if (found is null)
            return null;
        lock (_lock)
        {
            // A change that came while the store was read makes what was read old; then it is answered once and not kept.
            if (generation == _generation)
            {
                if (_cache.Count >= MaxCached)
                    _cache.Clear();
                _cache[id] = found;
            }
        }
        return found;
    }

    private bool Apply(bool done, string id, ChannelChangeKind kind)
    {
        Forget(id);
        if (done)
            Changed?.Invoke(new ChannelChange(id, kind));
        return done;
    }

    private void Forget(string id)
    {
        lock (_lock)
        {
            _generation++;
            _cache.Remove(id);
        }
    }
}
