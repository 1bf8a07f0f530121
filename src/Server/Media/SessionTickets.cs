using System.Collections.Concurrent;
using System.Net;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Server.Options;

namespace Sluice.Server.Media;

/// <summary>
/// How many sessions each remote address has at one time. A session holds a ticket from its making to its end; who has as many as the options allow
/// gets no further one. The table has an entry for each address with a session, so it is bounded by the sessions the node admits.
/// </summary>
internal sealed class SessionTickets(LiveOptions options)
{
    private readonly ConcurrentDictionary<IPAddress, int> _counts = new();

    /// <summary>Takes a ticket; null at the limit. Disposing of it twice gives it back once.</summary>
    public IDisposable? Take(IPAddress address)
    {
        while (true)
        {
            var count = _counts.GetValueOrDefault(address);
            if (count >= options.Start.WebRtc.MaxSessionsPerAddress) return null;
            if (count == 0 ? _counts.TryAdd(address, 1) : _counts.TryUpdate(address, count + 1, count)) return new Ticket(this, address);
        }
    }

    /// <summary>What an address at its limit is told.</summary>
    public static SessionOutcome Refusal { get; } =
        SessionOutcome.Refuse(SessionError.TooMany, "This address has as many sessions as one address may have (WebRtc:MaxSessionsPerAddress).");

    /// <summary>Addresses that hold tickets now.</summary>
    public int AddressCount => _counts.Count;

    private void Return(IPAddress address)
    {
        while (_counts.TryGetValue(address, out var count))
        {
            if (count == 1 ? _counts.TryRemove(KeyValuePair.Create(address, 1)) : _counts.TryUpdate(address, count - 1, count)) return;
        }
    }

    private sealed class Ticket(SessionTickets tickets, IPAddress address) : IDisposable
    {
        private int _returned;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0) tickets.Return(address);
        }
    }
}
