using System.Net;
using System.Net.Sockets;

namespace Sluice.Server.Http;

/// <summary>
/// A token bucket for each remote address; an IPv6 network of 64 bits counts as one address, since one person has all of it. The table is
/// bounded: when it is full, addresses whose bucket has refilled are dropped, and if none has, all are.
/// </summary>
internal sealed class AddressLimiter
{
    private const int MaxAddresses = 16_384;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, Bucket> _buckets = [];

    public AddressLimiter(TimeProvider time) => _time = time;

    /// <summary>How many addresses are in the table.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _buckets.Count;
        }
    }

    /// <summary>Takes one from the address's bucket; at 0 there is no limit. Where it is empty, says after how many seconds it is not.</summary>
    public bool TryTake(IPAddress address, int perMinute, out int retryAfterSeconds) => Try(address, perMinute, take: true, out retryAfterSeconds);

    /// <summary>True where one could be taken; takes nothing.</summary>
    public bool HasLeft(IPAddress address, int perMinute, out int retryAfterSeconds) => Try(address, perMinute, take: false, out retryAfterSeconds);

    private bool Try(IPAddress address, int perMinute, bool take, out int retryAfterSeconds)
    {
        retryAfterSeconds = 0;
        if (perMinute == 0)
            return true;
        var now = _time.GetTimestamp();
        var key = Key(address);
        lock (_lock)
        {
            var known = _buckets.TryGetValue(key, out var bucket);
            var left = known ? Left(bucket, perMinute, now) : perMinute;
            if (left < 1)
            {
                retryAfterSeconds = Math.Max(1, (int)Math.Ceiling((1 - left) * 60 / perMinute));
                return false;
            }
            if (!take)
                return true;
            if (!known && _buckets.Count >= MaxAddresses)
                MakeRoom(perMinute, now);
            _buckets[key] = new Bucket(left - 1, now);
            return true;
        }
    }

    private double Left(Bucket bucket, int perMinute, long now) =>
        Math.Min(perMinute, bucket.Left + (_time.GetElapsedTime(bucket.At, now).TotalMinutes * perMinute));

    private void MakeRoom(int perMinute, long now)
    {
        foreach (var (key, bucket) in _buckets)
        {
            if (Left(bucket, perMinute, now) >= perMinute)
                _buckets.Remove(key);
        }
        if (_buckets.Count >= MaxAddresses)
            _buckets.Clear();
    }

    private static UInt128 Key(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            bytes[8..].Clear();
        else
            bytes[15] = 4;
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private readonly record struct Bucket(double Left, long At);
}
