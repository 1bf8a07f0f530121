namespace Sluice.Protocols.Media.Codecs;

/// <summary>
/// The newest parameter sets of one kind, by id, in the order they were first seen. Bounded: a set longer than 4 KiB is refused, and of more
/// than sixteen ids the one that was first seen goes. Allocates only where a set is new or differs.
/// </summary>
public sealed class ParameterSetTable
{
    /// <summary>The longest set kept, in bytes.</summary>
    public const int MaxLength = 4096;

    private const int MaxSets = 16;

    private readonly byte[][] _sets = new byte[MaxSets][];
    private readonly int[] _ids = new int[MaxSets];
    private readonly int[] _owners = new int[MaxSets];
    private int _count;

    /// <summary>The sets with their NAL headers.</summary>
    public ReadOnlySpan<byte[]> Sets => _sets.AsSpan(0, _count);

    /// <summary>Keeps a set that refers to no other; see the other overload.</summary>
    public bool TryKeep(int id, ReadOnlySpan<byte> nal, out bool isNews) => TryKeep(id, 0, nal, out isNews);

    /// <summary>Keeps a set; one of the same id is replaced. False where it is too long.</summary>
    /// <param name="id">The set's id.</param>
    /// <param name="owner">The id of the set it refers to.</param>
    /// <param name="nal">The set with its NAL header; copied where it is news.</param>
    /// <param name="isNews">It was not known in this form.</param>
    public bool TryKeep(int id, int owner, ReadOnlySpan<byte> nal, out bool isNews)
    {
        isNews = false;
        if (nal.Length > MaxLength) return false;
        var at = _ids.AsSpan(0, _count).IndexOf(id);
        if (at >= 0 && nal.SequenceEqual(_sets[at])) return true;
        isNews = true;
        if (at < 0)
        {
            if (_count == MaxSets) RemoveAt(0);
            at = _count++;
        }

        _ids[at] = id;
        _owners[at] = owner;
        _sets[at] = nal.ToArray();
        return true;
    }

    /// <summary>Forgets the sets that refer to a set which has changed.</summary>
    public void RemoveOwnedBy(int owner)
    {
        for (var i = _count - 1; i >= 0; i--)
        {
            if (_owners[i] == owner) RemoveAt(i);
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _count = 0;

    private void RemoveAt(int index)
    {
        for (var i = index + 1; i < _count; i++)
        {
            _sets[i - 1] = _sets[i];
            _ids[i - 1] = _ids[i];
            _owners[i - 1] = _owners[i];
        }

        _count--;
    }
}
