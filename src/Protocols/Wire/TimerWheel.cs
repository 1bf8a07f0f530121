using System.Numerics;

namespace Sluice.Protocols.Wire;

/// <summary>
/// The deadlines of many machines in one: a hashed wheel with coarse ticks. An item gets a handle once and is then scheduled, rescheduled and
/// cancelled in constant time. An item never expires early, and at most one tick late. The order within a tick is not defined. One thread owns it.
/// </summary>
/// <remarks>
/// Bounded by its capacity: <see cref="TryAdd"/> says no at the limit. Memory grows by doubling up to there; otherwise nothing allocates.
/// </remarks>
/// <typeparam name="T">What expires; a peer, or an index of one.</typeparam>
public sealed class TimerWheel<T>
{
    private struct Node
    {
        public T Item;
        public long Tick;
        public int Bucket; // Idle where not scheduled, Unused where the handle is free
        public int Previous;
        public int Next; // also links the free list
    }

    private const int None = -1;
    private const int Idle = -1;
    private const int Unused = -2;

    private readonly long _tickNanoseconds;
    private readonly int _mask;
    private readonly int _due; // the bucket after the last of the wheel: what has expired and was not taken yet
    private readonly int[] _heads;
    private readonly ulong[] _occupied;
    private Node[] _nodes;
    private int _used;
    private int _free = None;
    private long _cursor; // the first tick whose bucket was not swept yet

    /// <summary>Makes an empty wheel.</summary>
    /// <param name="capacity">The most items it holds.</param>
    /// <param name="tick">The granularity; 5 ms unless told.</param>
    /// <param name="buckets">Slots of the wheel, a power of two from 64 on. A deadline beyond one turn costs one look per turn.</param>
    public TimerWheel(int capacity, TimeSpan? tick = null, int buckets = 512)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, 64);
        if (!BitOperations.IsPow2(buckets)) throw new ArgumentException("The number of buckets is a power of two.", nameof(buckets));
        _tickNanoseconds = (tick ?? TimeSpan.FromMilliseconds(5)).Ticks * 100;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_tickNanoseconds, nameof(tick));
        Capacity = capacity;
        _mask = buckets - 1;
        _due = buckets;
        _heads = new int[buckets + 1];
        Array.Fill(_heads, None);
        _occupied = new ulong[buckets / 64];
        _nodes = new Node[Math.Min(capacity, 16)];
    }

    /// <summary>The most items it holds.</summary>
    public int Capacity { get; }

    /// <summary>Items that have a handle, scheduled or not.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// When to call <see cref="TryExpire"/> next; <see cref="Instant.Never"/> where nothing is scheduled. May be earlier than the earliest deadline where that
    /// one is more than a turn of the wheel away, never later than its tick.
    /// </summary>
    public Instant NextTimeout
    {
        get
        {
            if (_heads[_due] != None) return new Instant((_cursor - 1) * _tickNanoseconds);
            var distance = DistanceToOccupied((int)(_cursor & _mask));
            return distance < 0 ? Instant.Never : new Instant((_cursor + distance) * _tickNanoseconds);
        }
    }

    /// <summary>Gives an item a handle, not yet scheduled. False at the capacity.</summary>
    public bool TryAdd(T item, out int handle)
    {
        if (_free != None)
        {
            handle = _free;
            _free = _nodes[handle].Next;
        }
        else if (_used < Capacity)
        {
            if (_used == _nodes.Length) Array.Resize(ref _nodes, (int)Math.Min(Capacity, _nodes.Length * 2L));
            handle = _used++;
        }
        else
        {
            handle = None;
            return false;
        }

        ref var node = ref _nodes[handle];
        node.Item = item;
        node.Bucket = Idle;
        Count++;
        return true;
    }

    /// <summary>Cancels and forgets an item; its handle may be given to another from now on.</summary>
    public void Remove(int handle)
    {
        Cancel(handle);
        ref var node = ref _nodes[handle];
        node.Item = default!;
        node.Bucket = Unused;
        node.Next = _free;
        _free = handle;
        Count--;
    }

    /// <summary>Sets the deadline, replacing an earlier one; <see cref="Instant.Never"/> cancels. A deadline in the past expires at the next call.</summary>
    public void Schedule(int handle, Instant deadline)
    {
        ref var node = ref NodeOf(handle);
        var tick = deadline == Instant.Never ? long.MaxValue : TickAtOrAfter(deadline);
        if (node.Bucket != Idle)
        {
            if (node.Tick == tick) return;
            Unlink(ref node);
        }

        if (tick == long.MaxValue) return;
        node.Tick = tick;
        Link(handle, ref node, tick < _cursor ? _due : (int)(tick & _mask));
    }

    /// <summary>Stops the timer of an item, which keeps its handle.</summary>
    public void Cancel(int handle)
    {
        ref var node = ref NodeOf(handle);
        if (node.Bucket != Idle) Unlink(ref node);
    }

    /// <summary>True where the item has a deadline.</summary>
    public bool IsScheduled(int handle) => NodeOf(handle).Bucket != Idle;

    /// <summary>Takes one item whose deadline has passed; it keeps its handle and is no longer scheduled. Call until false.</summary>
    public bool TryExpire(Instant now, out T item)
    {
        if (_heads[_due] == None) Sweep(now.Nanoseconds / _tickNanoseconds);
        var handle = _heads[_due];
        if (handle == None)
        {
            item = default!;
            return false;
        }

        ref var node = ref _nodes[handle];
        item = node.Item;
        Unlink(ref node);
        return true;
    }

    private void Sweep(long nowTick)
    {
        // One turn sees every bucket; whatever the jump in time, no bucket is looked at twice.
        var last = Math.Min(nowTick, _cursor + _mask);
        while (_cursor <= last)
        {
            var distance = DistanceToOccupied((int)(_cursor & _mask));
            if (distance < 0 || _cursor + distance > last) break;
            _cursor += distance;
            var index = _heads[(int)(_cursor & _mask)];
            while (index != None)
            {
                ref var node = ref _nodes[index];
                var next = node.Next;
                if (node.Tick <= nowTick)
                {
                    Unlink(ref node);
                    Link(index, ref node, _due);
                }

                index = next;
            }

            _cursor++;
        }

        _cursor = Math.Max(_cursor, nowTick + 1);
    }

    // Buckets from one slot on to the next that holds something, around the wheel; negative where all are empty.
    private int DistanceToOccupied(int from)
    {
        var word = from >> 6;
        var bits = _occupied[word] & ulong.MaxValue << (from & 63);
        for (var step = 0; step <= _occupied.Length; step++)
        {
            if (bits != 0) return ((word << 6 | BitOperations.TrailingZeroCount(bits)) - from) & _mask;
            word = (word + 1) & (_occupied.Length - 1);
            bits = _occupied[word];
        }

        return -1;
    }

    private void Link(int handle, ref Node node, int bucket)
    {
        var head = _heads[bucket];
        node.Bucket = bucket;
        node.Previous = None;
        node.Next = head;
        if (head != None) _nodes[head].Previous = handle;
        _heads[bucket] = handle;
        if (bucket != _due) _occupied[bucket >> 6] |= 1UL << (bucket & 63);
    }

    private void Unlink(ref Node node)
    {
        if (node.Next != None) _nodes[node.Next].Previous = node.Previous;
        if (node.Previous != None)
        {
            _nodes[node.Previous].Next = node.Next;
        }
        else
        {
            _heads[node.Bucket] = node.Next;
            if (node.Next == None && node.Bucket != _due) _occupied[node.Bucket >> 6] &= ~(1UL << (node.Bucket & 63));
        }

        node.Bucket = Idle;
    }

    private ref Node NodeOf(int handle)
    {
        if ((uint)handle >= (uint)_used || _nodes[handle].Bucket == Unused) throw new ArgumentOutOfRangeException(nameof(handle), handle, "No item has this handle.");
        return ref _nodes[handle];
    }

    private long TickAtOrAfter(Instant deadline) =>
        deadline.Nanoseconds <= 0 ? 0 : (deadline.Nanoseconds - 1) / _tickNanoseconds + 1;
}
