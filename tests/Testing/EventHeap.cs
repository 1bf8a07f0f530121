namespace Sluice.Testing;

/// <summary>What a virtual network does next.</summary>
internal enum VirtualEventKind : byte
{
    /// <summary>A datagram has crossed its sender's line.</summary>
    ReachCore,

    /// <summary>A datagram has crossed its receiver's line.</summary>
    Arrive,

    /// <summary>A machine's deadline.</summary>
    Wake,

    /// <summary>Something a test planned.</summary>
    Act,
}

/// <summary>One thing to do; equal times keep the order they were planned in.</summary>
internal readonly record struct VirtualEvent(long Time, long Order, VirtualEventKind Kind, int Index)
{
    public bool IsBefore(in VirtualEvent other) => Time < other.Time || (Time == other.Time && Order < other.Order);
}

/// <summary>A four-way heap of events: no comparer, no allocation but growth.</summary>
internal sealed class EventHeap
{
    private const int Ways = 4;

    private VirtualEvent[] _items = new VirtualEvent[256];
    private long _order;

    public int Count { get; private set; }

    public ref readonly VirtualEvent First => ref _items[0];

    public void Push(long time, VirtualEventKind kind, int index)
    {
        if (Count == _items.Length) Array.Resize(ref _items, Count * 2);

        var item = new VirtualEvent(time, _order++, kind, index);
        var hole = Count++;
        while (hole > 0)
        {
            var parent = (hole - 1) / Ways;
            if (!item.IsBefore(_items[parent])) break;

            _items[hole] = _items[parent];
            hole = parent;
        }

        _items[hole] = item;
    }

    public VirtualEvent Pop()
    {
        var first = _items[0];
        var last = _items[--Count];
        var hole = 0;
        while (true)
        {
            var child = hole * Ways + 1;
            if (child >= Count) break;

            var least = child;
            var end = Math.Min(child + Ways, Count);
            for (var i = child + 1; i < end; i++)
            {
                if (_items[i].IsBefore(_items[least])) least = i;
            }

            if (!_items[least].IsBefore(last)) break;

            _items[hole] = _items[least];
            hole = least;
        }

        _items[hole] = last;
        return first;
    }
}
