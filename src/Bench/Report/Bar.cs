namespace Sluice.Bench.Report;

/// <summary>How a bar was judged.</summary>
public enum Verdict
{
    /// <summary>Not measured; the bar says why.</summary>
    NotMeasured = 0,
    Met,
    Missed,

    /// <summary>Missed, and by the floor of the same run too: no server can meet it here.</summary>
    MissedByFloor,
}

/// <summary>One bar of the performance table.</summary>
/// <param name="What">The figure.</param>
/// <param name="Wanted">The bar.</param>
/// <param name="Measured">What was found; empty where nothing was.</param>
/// <param name="Verdict">Whether it was met.</param>
/// <param name="Why">Why it was not measured, or what else the reader should know.</param>
internal sealed record Bar(string What, string Wanted, string Measured, Verdict Verdict, string Why);
