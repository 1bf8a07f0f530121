using System.Numerics;

namespace Sluice.Protocols.Sockets.Linux;

/// <summary>Which processors a thread may run on.</summary>
internal static unsafe class Processors
{
    private const int MaskWords = 16; // 1024 processors, as many as glibc's own set holds

    /// <summary>
    /// Binds the calling thread to one of the processors it may run on, where these are exactly so many as there are threads to bind. False elsewhere: where only a part of
    /// a machine was granted, or threads are fewer or more than processors, the kernel knows better.
    /// </summary>
    /// <param name="rank">Which of them, from 0.</param>
    /// <param name="count">How many threads are bound in all.</param>
    public static bool TryBindThread(int rank, int count)
    {
        var allowed = stackalloc ulong[MaskWords];
        new Span<ulong>(allowed, MaskWords).Clear();
        if (Libc.GetAffinity(0, MaskWords * sizeof(ulong), allowed) < 0) return false;
        var sum = 0;
        for (var word = 0; word < MaskWords; word++) sum += BitOperations.PopCount(allowed[word]);
        if (sum != count || count < 2) return false;
        var one = stackalloc ulong[MaskWords];
        new Span<ulong>(one, MaskWords).Clear();
        for (var bit = 0; bit < MaskWords * 64; bit++)
        {
            if ((allowed[bit >> 6] >> (bit & 63) & 1) == 0 || rank-- > 0) continue;
            one[bit >> 6] = 1UL << (bit & 63);
            break;
        }

        return Libc.SetAffinity(0, MaskWords * sizeof(ulong), one) == 0;
    }
}
