namespace Sluice.Control.Live;

/// <summary>The newest ids of a kind, up to a number; the oldest is forgotten first. Safe for any thread.</summary>
public sealed class RecentIds(int capacity)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    public void Add(string id)
    {
        lock (_gate)
        {
            if (!_ids.Add(id)) return;
            _order.Enqueue(id);
            if (_order.Count > capacity) _ids.Remove(_order.Dequeue());
        }
    }

    /// <summary>Forgets an id before its time; false where it is not known.</summary>
    public bool Remove(string id)
    {
        lock (_gate) return _ids.Remove(id);
    }

    public bool Contains(string id)
    {
        lock (_gate) return _ids.Contains(id);
    }
}
