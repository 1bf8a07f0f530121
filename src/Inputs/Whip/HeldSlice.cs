using Sluice.Control.Tracks;
using Sluice.Protocols.Rtp.Payloads;

namespace Sluice.Inputs.Whip;

/// <summary>
/// A slice that waits for its end, and the headers of its packets. Those that are not in use lie with their thread: a few serve many tracks, and stay in the cache as memory of
/// each track's own would not. At the limit they are left to the collector.
/// </summary>
internal sealed class HeldSlice
{
    private const int MaxSpare = 32;

    [ThreadStatic]
    private static Stack<HeldSlice>? t_spare;

    private readonly EvenFragments _fragments = new();
    private readonly PacketHeader[] _headers = new PacketHeader[EvenFragments.MaxCount];
    private int _taken;

    /// <summary>An empty one.</summary>
    public static HeldSlice Rent() => t_spare is { Count: > 0 } spare ? spare.Pop() : new HeldSlice();

    public bool IsWhole => _fragments.IsWhole;

    public bool Contains(long sequence) => _fragments.Contains(sequence);

    /// <summary>Takes a fragment with its packet's header; false where it does not continue what is held.</summary>
    public bool TryAdd(in FragmentHeader fragment, in PacketHeader header, ReadOnlySpan<byte> payload)
    {
        if (!_fragments.TryAdd(fragment, header.Sequence, header.Timestamp, payload)) return false;
        _headers[_fragments.Count - 1] = header;
        return true;
    }

    /// <summary>Gives the next packet; false when all were taken: then it is empty, and belongs to the thread again.</summary>
    public bool TryTake(out PacketHeader header, out ReadOnlySpan<byte> payload)
    {
        header = default;
        if (_fragments.TryTake(out payload))
        {
            header = _headers[_taken++];
            return true;
        }

        _taken = 0;
        t_spare ??= new Stack<HeldSlice>(MaxSpare);
        if (t_spare.Count < MaxSpare) t_spare.Push(this);
        return false;
    }
}
