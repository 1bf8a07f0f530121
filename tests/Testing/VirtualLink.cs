using Sluice.Protocols.Wire;

namespace Sluice.Testing;

/// <summary>What became of the datagrams on one link.</summary>
public sealed class LinkCounts
{
    /// <summary>Datagrams put on the link.</summary>
    public long Entered { get; internal set; }

    /// <summary>Bytes put on the link, without headers.</summary>
    public long BytesEntered { get; internal set; }

    /// <summary>Lost by chance, evenly or in a burst.</summary>
    public long Lost { get; internal set; }

    /// <summary>Dropped because the queue was full.</summary>
    public long QueueDropped { get; internal set; }

    /// <summary>Dropped in an outage.</summary>
    public long OutageDropped { get; internal set; }

    /// <summary>Carried twice.</summary>
    public long Duplicated { get; internal set; }

    /// <summary>Held back so that others overtook.</summary>
    public long Reordered { get; internal set; }
}

/// <summary>One direction of a host's access line. Its profile may be replaced at any moment; what is under way keeps its arrival.</summary>
public sealed class VirtualLink
{
    private const int HeaderBytes = 28; // IPv4 and UDP
    private static readonly TimeSpan TcpRetransmission = TimeSpan.FromMilliseconds(200);

    private readonly SeededRandom _random;
    private readonly List<(Instant From, Instant Until)> _outages = [];
    private Instant _busyUntil;
    private Instant _lastDatagram;
    private Instant _lastReliable;
    private bool _isBad;

    internal VirtualLink(SeededRandom random) => _random = random;

    /// <summary>What the line does.</summary>
    public LinkProfile Profile { get; set; } = LinkProfile.Default;

    /// <summary>What became of everything.</summary>
    public LinkCounts Counts { get; } = new();

    /// <summary>Nothing gets through in a window of time.</summary>
    public void AddOutage(Instant from, Instant until) => _outages.Add((from, until));

    /// <summary>
    /// Puts a datagram on the line. Returns how often it arrives, and when. A reliable one (TCP) is never lost or reordered: a loss costs it
    /// a retransmission's time, and so it does to those behind it.
    /// </summary>
    internal int Carry(Instant now, int length, bool isReliable, out Instant first, out Instant second)
    {
        first = second = Instant.Never;
        var profile = Profile;
        Counts.Entered++;
        Counts.BytesEntered += length;
        if (!isReliable && length > profile.MaxDatagram)
        {
            throw new InvalidOperationException($"A datagram of {length} bytes was sent where {profile.MaxDatagram} fit.");
        }

        var isOut = IsOut(now, out var outageEnd);
        if (isOut && !isReliable)
        {
            Counts.OutageDropped++;
            return 0;
        }

        var departure = isOut ? outageEnd : now;
        if (profile.BitsPerSecond > 0)
        {
            var start = _busyUntil > departure ? _busyUntil : departure;
            var waiting = (start - departure).TotalSeconds * profile.BitsPerSecond / 8;
            if (!isReliable && waiting + length + HeaderBytes > profile.QueueBytes)
            {
                Counts.QueueDropped++;
                return 0;
            }

            departure = new Instant(start.Nanoseconds + (length + HeaderBytes) * 8L * 1_000_000_000 / profile.BitsPerSecond);
            _busyUntil = departure;
        }

        var isLost = IsLost(profile);
        if (isLost)
        {
            Counts.Lost++;
            if (!isReliable) return 0;
        }

        var arrival = departure + profile.Latency;
        if (profile.Jitter > TimeSpan.Zero) arrival += profile.Jitter * _random.NextDouble();
        if (isReliable)
        {
            if (isLost) arrival += TcpRetransmission;
            if (arrival < _lastReliable) arrival = _lastReliable;
            first = _lastReliable = arrival;
            return 1;
        }

        if (_random.Chance(profile.Reorder))
        {
            Counts.Reordered++;
            first = arrival + profile.ReorderDelay;
        }
        else
        {
            if (arrival < _lastDatagram) arrival = _lastDatagram;
            first = _lastDatagram = arrival;
        }

        if (!_random.Chance(profile.Duplicate)) return 1;

        Counts.Duplicated++;
        second = first + TimeSpan.FromMilliseconds(_random.NextDouble());
        return 2;
    }

    private bool IsOut(Instant now, out Instant until)
    {
        foreach (var outage in _outages)
        {
            until = outage.Until;
            if (outage.From <= now && now < outage.Until) return true;
        }

        until = default;
        return false;
    }

    private bool IsLost(LinkProfile profile)
    {
        var isLost = _random.Chance(profile.Loss);
        if (profile.Bursts is not { } bursts) return isLost;

        _isBad = _isBad ? !_random.Chance(bursts.BadToGood) : _random.Chance(bursts.GoodToBad);
        return _random.Chance(_isBad ? bursts.LossInBad : bursts.LossInGood) || isLost;
    }
}
