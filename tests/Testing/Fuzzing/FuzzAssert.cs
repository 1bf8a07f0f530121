using System.Diagnostics.CodeAnalysis;

namespace Sluice.Testing.Fuzzing;

/// <summary>A promise that a fuzz target found broken.</summary>
public sealed class BrokenPromiseException(string promise) : Exception(promise);

/// <summary>How fuzz targets say what must hold.</summary>
public static class FuzzAssert
{
    /// <summary>Throws where a promise does not hold.</summary>
    public static void That([DoesNotReturnIf(false)] bool holds, string promise)
    {
        if (!holds) throw new BrokenPromiseException(promise);
    }
}
