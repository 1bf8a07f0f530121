using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Ice;

/// <summary>
/// The validated paths of one agent, a handful. When full, the path heard longest ago makes room: an un-nominated one first, never the
/// selected one.
/// </summary>
internal sealed class IcePathTable
{
    public const int None = -1;

    private readonly IcePath[] _paths = new IcePath[IceLiteAgent.MaxPaths];

    public int Count { get; private set; }

    /// <summary>Where the selected path stands, or <see cref="None"/>.</summary>
    public int Selected { get; set; } = None;

    public ref IcePath this[int index] => ref _paths[index];

    public int Find(in NetworkPath path)
    {
        // The selected path first: all but a few questions are about it.
        if (Selected != None && _paths[Selected].Path == path) return Selected;

        for (var i = 0; i < Count; i++)
        {
            if (_paths[i].Path == path) return i;
        }

        return None;
    }

    /// <summary>Adds a path that is not there yet, after <see cref="FindVictim"/> made room.</summary>
    public int Add(in NetworkPath path)
    {
        _paths[Count] = new IcePath { Path = path };
        return Count++;
    }

    /// <summary>The path to remove before the next can be added; <see cref="None"/> while there is room.</summary>
    public int FindVictim()
    {
        if (Count < _paths.Length) return None;

        var victim = None;
        for (var i = 0; i < Count; i++)
        {
            if (i == Selected) continue;

            if (victim == None
                || (_paths[i].IsNominated, _paths[i].LastHeard).CompareTo((_paths[victim].IsNominated, _paths[victim].LastHeard)) < 0)
            {
                victim = i;
            }
        }

        return victim;
    }

    public void RemoveAt(int index)
    {
        Count--;
        if (Selected == index) Selected = None;
        else if (Selected == Count) Selected = index;
        _paths[index] = _paths[Count];
    }

    public void Clear()
    {
        Count = 0;
        Selected = None;
    }

    /// <summary>
    /// The best path heard after an instant, the selected one aside: nominated before un-nominated, then by the peer's priority, then by
    /// freshness.
    /// </summary>
    public int FindBest(Instant heardAfter)
    {
        var best = None;
        for (var i = 0; i < Count; i++)
        {
            if (i == Selected || _paths[i].LastHeard <= heardAfter) continue;
            if (best == None || Rank(_paths[i]).CompareTo(Rank(_paths[best])) > 0) best = i;
        }

        return best;
    }

    /// <summary>When the path heard longest ago was heard; <see cref="Instant.Never"/> where there is none.</summary>
    public Instant OldestHeard()
    {
        var oldest = Instant.Never;
        for (var i = 0; i < Count; i++)
        {
            oldest = Instant.Min(oldest, _paths[i].LastHeard);
        }

        return oldest;
    }

    private static (int Generation, bool IsNominated, uint Priority, Instant LastHeard) Rank(in IcePath path) =>
        (path.Generation, path.IsNominated, path.Priority, path.LastHeard);
}
