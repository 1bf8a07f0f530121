using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Sluice.Protocols.Wire;

/// <summary>
/// Asks the processor to bring memory into its cache while something else is worked on. A hint: wrong addresses cost nothing but the request. Does nothing
/// where the processor has no such instruction.
/// </summary>
public static unsafe class Prefetch
{
    private const int LineBytes = 64;

    /// <summary>The first cache lines of an object. The garbage collector may move it meanwhile; then the hint was in vain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines(object? target, int count)
    {
        if (Sse.IsSupported) Memory((void*)Unsafe.As<object?, nint>(ref target), count * LineBytes);
    }

    /// <summary>The lines of a piece of memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Memory(void* first, int length)
    {
        if (!Sse.IsSupported) return;
        for (var at = 0; at < length; at += LineBytes)
        {
            Sse.Prefetch0((byte*)first + at);
        }
    }
}
