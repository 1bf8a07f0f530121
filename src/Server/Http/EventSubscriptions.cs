using System.Security.Cryptography;

namespace Sluice.Server.Http;

/// <summary>
/// The server-sent event subscriptions of WHEP sessions. Bounded twice: a session has at most four, and when the table is full it is
/// emptied, which at worst makes clients subscribe again.
/// </summary>
internal sealed class EventSubscriptions
{
    public const int MaxPerSession = 4;
    private const int MaxSessions = 50_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Channel, string Session), List<Subscription>> _bySession = [];

    /// <summary>Adds a subscription; null where the session has as many as it may have.</summary>
    public Subscription? Add(string channel, string session, IReadOnlyCollection<string> events)
    {
        lock (_lock)
        {
            if (!_bySession.TryGetValue((channel, session), out var all))
            {
                if (_bySession.Count >= MaxSessions)
                    _bySession.Clear();
                _bySession[(channel, session)] = all = [];
            }
            if (all.Count >= MaxPerSession)
                return null;
            var made = new Subscription(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), events);
            all.Add(made);
            return made;
        }
    }

    /// <summary>The subscription of this session, or null.</summary>
    public Subscription? Find(string channel, string session, string id)
    {
        lock (_lock)
            return _bySession.TryGetValue((channel, session), out var all) ? all.Find(s => s.Id == id) : null;
    }

    /// <summary>Removes one; false where there is none.</summary>
    public bool Remove(string channel, string session, string id)
    {
        lock (_lock)
        {
            if (!_bySession.TryGetValue((channel, session), out var all) || all.RemoveAll(s => s.Id == id) == 0)
                return false;
            if (all.Count == 0)
                _bySession.Remove((channel, session));
            return true;
        }
    }

    /// <summary>Removes all of a session that has ended.</summary>
    public void RemoveSession(string channel, string session)
    {
        lock (_lock)
            _bySession.Remove((channel, session));
    }
}

/// <summary>What one subscriber wants to hear.</summary>
internal sealed record Subscription(string Id, IReadOnlyCollection<string> Events)
{
    private int _isOpen;

    /// <summary>True for one reader at a time.</summary>
    public bool TryOpen() => Interlocked.Exchange(ref _isOpen, 1) == 0;

    /// <summary>Lets the next reader in.</summary>
    public void Close() => Volatile.Write(ref _isOpen, 0);
}
