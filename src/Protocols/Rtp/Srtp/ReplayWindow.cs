namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// Remembers which of the newest 1024 indices of one stream were taken (RFC 3711 §3.3.2). The bits form a ring: index i has bit i mod 1024.
/// </summary>
internal sealed class ReplayWindow(ulong first)
{
    public const int Size = 1024;
    private readonly ulong[] _taken = new ulong[Size / 64];

    /// <summary>The highest index taken.</summary>
    public ulong Highest { get; private set; } = first;

    /// <summary>True where the index was taken or lies before the window.</summary>
    public bool Contains(ulong index)
    {
        if (index > Highest) return false;
        return Highest - index >= Size || (_taken[Word(index)] & Bit(index)) != 0;
    }

    /// <summary>Takes an index that <see cref="Contains"/> has denied.</summary>
    public void Add(ulong index)
    {
        if (index > Highest)
        {
            if (index - Highest >= Size)
            {
                Array.Clear(_taken);
            }
            else
            {
                for (var skipped = Highest + 1; skipped < index; skipped++) _taken[Word(skipped)] &= ~Bit(skipped);
            }

            Highest = index;
        }

        _taken[Word(index)] |= Bit(index);
    }

    private static int Word(ulong index) => (int)(index / 64 % (Size / 64));

    private static ulong Bit(ulong index) => 1UL << (int)(index % 64);
}
