namespace Sluice.Bench.Load;

/// <summary>How a viewer behaves once it is connected.</summary>
internal enum ViewerKind
{
    /// <summary>Takes everything and reports.</summary>
    Good = 0,

    /// <summary>Treats every fifth packet as lost and asks for it again.</summary>
    Lossy,

    /// <summary>Takes a tenth of what comes, loses the rest in a small buffer, and asks for it again.</summary>
    Slow,

    /// <summary>Never reads again, but keeps its consent alive.</summary>
    Deaf,
}
