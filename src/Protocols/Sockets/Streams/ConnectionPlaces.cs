using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Streams;

/// <summary>How many connections there are, in all and from each address. Bounded by the connections themselves. Any thread.</summary>
/// <param name="max">The most of all together.</param>
/// <param name="maxPerAddress">The most from one address; an IPv6 network of 64 bits counts as one.</param>
public sealed class ConnectionPlaces(int max, int maxPerAddress)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NetworkAddress, int> _perAddress = [];
    private int _count;
    private long _turnedAway;

    /// <summary>Places that are taken.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many got none so far.</summary>
    public long TurnedAway => Volatile.Read(ref _turnedAway);

    /// <summary>Takes a place for a connection; false at a limit.</summary>
    public bool TryTake(NetworkAddress remote)
    {
        var host = HostOf(remote);
        lock (_gate)
        {
            var there = _perAddress.GetValueOrDefault(host);
            if (_count >= max || there >= maxPerAddress)
            {
                _turnedAway++;
                return false;
            }

            _count++;
            _perAddress[host] = there + 1;
            return true;
        }
    }

    /// <summary>Gives a place back; only who took one may.</summary>
    public void Return(NetworkAddress remote)
    {
        var host = HostOf(remote);
        lock (_gate)
        {
            _count--;
            if (--_perAddress[host] == 0) _perAddress.Remove(host);
        }
    }

    // A network of 64 bits is one household: one person has all of it.
    private static NetworkAddress HostOf(NetworkAddress remote) => remote.IsIPv4 ? remote.WithPort(0) : new NetworkAddress(remote.High, 0, 0);
}
