namespace Sluice.Protocols.Wire;

/// <summary>
/// The objects one turn of a machine's work touches. Where many machines take turns, everything else has run through the cache since a machine's last: asked for
/// together, one turn ahead, its objects come side by side instead of one wait after another. One thread; keeps what it names alive.
/// </summary>
public struct WorkingSet
{
    private const int LinesEach = 3;
    private const int ObjectsOfALine = 8;

    private object?[]? _objects;
    private int _count;

    /// <summary>Adds an object, of which the first three cache lines matter; nothing is added for null.</summary>
    public void Add(object? target)
    {
        if (target is null) return;
        _objects ??= new object?[16];
        if (_count == _objects.Length) Array.Resize(ref _objects, 2 * _count);
        _objects[_count++] = target;
    }

    /// <summary>Forgets all objects.</summary>
    public void Clear()
    {
        _objects = null;
        _count = 0;
    }

    /// <summary>Asks for the list of the objects; some time before <see cref="Fetch"/>.</summary>
    public readonly void FetchList() => Prefetch.Lines(_objects, 1 + (_count + 1) / ObjectsOfALine);

    /// <summary>Asks for the objects.</summary>
    public readonly void Fetch()
    {
        foreach (var target in _objects.AsSpan(0, _count))
        {
            Prefetch.Lines(target, LinesEach);
        }
    }
}
