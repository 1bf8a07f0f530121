using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Hls;

/// <summary>
/// Who was let into a private channel: an unguessable word in the path of its playlists, which every relative URL in them inherits, so that playlists and segments are
/// the same bytes for everybody. A grant is forgotten when unused for long, and taken back with any watch token of the channel. Bounded: at the limit no new ones
/// are given.
/// </summary>
public sealed class HlsGrants(Func<Instant> now)
{
    /// <summary>Grants at one time.</summary>
    public const int MaxGrants = 100_000;

    private static readonly TimeSpan UnusedLife = TimeSpan.FromHours(6);

    private readonly ConcurrentDictionary<string, Grant> _grants = new(StringComparer.Ordinal);
    private long _sweptAt;

    private sealed class Grant(string channelId, Instant at)
    {
        public string ChannelId => channelId;

        public long UsedAt = at.Nanoseconds;
    }

    /// <summary>A new grant; null where there are too many.</summary>
    public string? Give(string channelId)
    {
        Sweep();
        if (_grants.Count >= MaxGrants) return null;
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _grants[id] = new Grant(channelId, now());
        return id;
    }

    /// <summary>True where the grant opens the channel.</summary>
    public bool Opens(ReadOnlySpan<char> id, string channelId)
    {
        if (!_grants.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var grant) || grant.ChannelId != channelId) return false;
        Volatile.Write(ref grant.UsedAt, now().Nanoseconds);
        return true;
    }

    /// <summary>Takes all grants of a channel back; who still may watch is let in again with a token.</summary>
    public void Revoke(string channelId)
    {
        foreach (var (id, grant) in _grants)
        {
            if (grant.ChannelId == channelId) _grants.TryRemove(id, out _);
        }
    }

    private void Sweep()
    {
        var at = now();
        var swept = Volatile.Read(ref _sweptAt);
        if (at.Nanoseconds - swept < TimeSpan.FromMinutes(5).Ticks * 100 || Interlocked.CompareExchange(ref _sweptAt, at.Nanoseconds, swept) != swept) return;
        foreach (var (id, grant) in _grants)
        {
            if (at - new Instant(Volatile.Read(ref grant.UsedAt)) > UnusedLife) _grants.TryRemove(id, out _);
        }
    }
}
