using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Wire;
using Sluice.Server.Media;

namespace Sluice.Simulation.Tests;

/// <summary>
/// The drivers of a node in virtual time, as one host: the path's hash decides which shard a datagram reaches, as the kernel does, and what a
/// shard hands over goes to the other, once. A shard is asked to send only where a driver would: after input, a deadline, or a wake.
/// </summary>
internal sealed class ShardedMachine(Func<IReadOnlyList<WebRtcShard>> shards) : IDatagramMachine
{
    private bool[] _woken = [];
    private bool[] _busy = [];
    private IReadOnlyList<WebRtcShard>? _shards;

    /// <summary>Datagrams passed from one shard to another.</summary>
    public long HandedOver { get; private set; }

    /// <summary>Datagrams no shard knew.</summary>
    public long Refused { get; private set; }

    /// <summary>Managed bytes the shards have allocated, by what they did; what the network around them allocates is not in it.</summary>
    public AllocatedBytes Allocated { get; private set; }

    /// <summary>Which shard a path's datagrams reach; the hash unless a test says otherwise.</summary>
    public Func<NetworkPath, int, int> Spread { get; set; } = static (path, count) =>
        (int)(((uint)path.Remote.Low * 2654435761u ^ path.Remote.Port * 40503u) >> 8) % count;

    public Instant NextTimeout
    {
        get
        {
            var next = Instant.Never;
            for (var i = 0; i < Shards.Count; i++)
            {
                if (_woken[i]) return Instant.Zero;
                next = Instant.Min(next, Shards[i].NextTimeout);
            }

            return next;
        }
    }

    private IReadOnlyList<WebRtcShard> Shards
    {
        get
        {
            if (_shards is not null) return _shards;
            _shards = shards();
            _woken = new bool[_shards.Count];
            _busy = new bool[_shards.Count];
            return _shards;
        }
    }

    public void Wake(int shard)
    {
        _ = Shards;
        _woken[shard] = true;
    }

    public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram)
    {
        var shard = Shards.Count == 1 ? 0 : Spread(path, Shards.Count);
        _busy[shard] = true;
        var kind = PacketDemux.Classify(datagram);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var handling = Shards[shard].HandleDatagram(now, path, datagram);
        var after = GC.GetAllocatedBytesForCurrentThread();
        if (after != before)
        {
            Allocated = kind == PacketKind.Rtp ? Allocated with { ForMedia = Allocated.ForMedia + after - before } : Allocated with { ForRest = Allocated.ForRest + after - before };
        }

        if (handling.Kind == HandlingKind.HandOver)
        {
            HandedOver++;
            _busy[handling.Shard] = true;
            handling = Shards[handling.Shard].HandleDatagram(now, path, datagram);
        }

        if (handling.Kind == HandlingKind.Refused) Refused++;
        return handling;
    }

    public void HandleTimeout(Instant now)
    {
        for (var i = 0; i < Shards.Count; i++)
        {
            if (!_woken[i] && !Shards[i].NextTimeout.IsDue(now)) continue;
            _woken[i] = false;
            _busy[i] = true;
            var before = GC.GetAllocatedBytesForCurrentThread();
            Shards[i].HandleTimeout(now);
            Allocated = Allocated with { ForTimeouts = Allocated.ForTimeouts + GC.GetAllocatedBytesForCurrentThread() - before };
        }
    }

    public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
    {
        for (var i = 0; i < Shards.Count; i++)
        {
            if (!_busy[i]) continue;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var isTaken = Shards[i].TryTakeTransmit(now, destination, out transmit);
            Allocated = Allocated with { ForSending = Allocated.ForSending + GC.GetAllocatedBytesForCurrentThread() - before };
            if (isTaken) return true;
            _busy[i] = false;
        }

        transmit = default;
        return false;
    }

    public void CompleteTransmits()
    {
        foreach (var shard in Shards)
        {
            shard.CompleteTransmits();
        }
    }
}

/// <summary>Managed bytes by what they were for.</summary>
/// <param name="ForMedia">Taking RTP.</param>
/// <param name="ForSending">Making what is sent, to everybody.</param>
/// <param name="ForTimeouts">Deadlines and commands.</param>
/// <param name="ForRest">Taking STUN, DTLS and RTCP.</param>
internal readonly record struct AllocatedBytes(long ForMedia, long ForSending, long ForTimeouts, long ForRest)
{
    public static AllocatedBytes operator -(AllocatedBytes a, AllocatedBytes b) =>
        new(a.ForMedia - b.ForMedia, a.ForSending - b.ForSending, a.ForTimeouts - b.ForTimeouts, a.ForRest - b.ForRest);
}
