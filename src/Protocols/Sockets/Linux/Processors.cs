using System.Numerics;

namespace Sluice.Protocols.Sockets.Linux;

/// <summary>The processors the process may use, and the calling thread on one or all of them.</summary>
internal sealed unsafe class Processors
{
    private const int MaskWords = 16; // 1024 processors, as many as glibc's own set holds

    private readonly ulong[] _allowed = new ulong[MaskWords];

    private Processors()
    {
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private init; }

    /// <summary>Reads what the calling thread may use; null where the kernel does not tell.</summary>
    public static Processors? Read()
    {
        var mask = stackalloc ulong[MaskWords];
        var words = new Span<ulong>(mask, MaskWords);
        words.Clear();
        if (Libc.GetAffinity(0, MaskWords * sizeof(ulong), mask) < 0) return null;
        var count = 0;
        foreach (var word in words) count += BitOperations.PopCount(word);
        var read = new Processors { Count = count };
        words.CopyTo(read._allowed);
        return read;
    }

    /// <summary>Binds the calling thread to one of them by its rank; threads made later by this one are bound too, unless the runtime frees them, which .NET's does.</summary>
    public bool TryBindThread(int rank)
    {
        Span<ulong> one = stackalloc ulong[MaskWords];
        one.Clear();
        for (var bit = 0; bit < MaskWords * 64; bit++)
        {
            if ((_allowed[bit >> 6] >> (bit & 63) & 1) == 0 || rank-- > 0) continue;
            one[bit >> 6] = 1UL << (bit & 63);
            break;
        }

        return TrySet(one);
    }

    /// <summary>Lets the calling thread run on all of them again.</summary>
    public bool TryFreeThread() => TrySet(_allowed);

    private static bool TrySet(ReadOnlySpan<ulong> mask)
    {
        fixed (ulong* words = mask) return Libc.SetAffinity(0, MaskWords * sizeof(ulong), words) == 0;
    }
}
