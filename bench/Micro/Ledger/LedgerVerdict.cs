namespace Sluice.Bench.Micro.Ledger;

/// <summary>What the check says of one benchmark.</summary>
/// <param name="Name">The benchmark.</param>
/// <param name="Outcome">Passed, failed, or not to be told on this machine.</param>
/// <param name="Text">The figures, or what is wrong.</param>
internal readonly record struct LedgerVerdict(string Name, LedgerOutcome Outcome, string Text)
{
    // Numbers in SDP have more digits or fewer, and tables grow when they must: within this, a figure is the ledger's.
    private const double Tolerance = 0.02;

    /// <summary>Judges a measured benchmark by its row; null where the ledger has none.</summary>
    public static LedgerVerdict Judge(string name, bool isPerPacket, AllocationMeasurement measured, LedgerRow? row)
    {
        var bytes = measured.PerOperation;
        if (isPerPacket && measured.Bytes > 0) return Fail(name, $"allocates {measured.Bytes} bytes in {measured.Operations} operations; what happens for a packet allocates nothing");
        if (row is not { } allowed) return Fail(name, $"allocates {bytes} bytes and is not in the ledger");
        if (allowed.PerPacket != isPerPacket) return Fail(name, $"the ledger marks it as {(allowed.PerPacket ? "" : "not ")}on a packet's path, the code does {(isPerPacket ? "" : "not ")}");
        if (bytes > allowed.Bytes * (1 + Tolerance)) return Fail(name, $"allocates {bytes} bytes, the ledger says {allowed.Bytes}");
        var hint = bytes < allowed.Bytes * (1 - Tolerance) ? $", the ledger says {allowed.Bytes}: write it anew" : "";
        return new LedgerVerdict(name, LedgerOutcome.Passed, $"{bytes} bytes{hint}");
    }

    /// <summary>The rows that no benchmark belongs to.</summary>
    public static IEnumerable<LedgerVerdict> OfOrphans(AllocationLedger ledger, IReadOnlySet<string> known) =>
        ledger.Rows.Keys.Where(name => !known.Contains(name)).Select(static name => Fail(name, "is in the ledger, but no such benchmark exists"));

    /// <summary>A benchmark this machine cannot run.</summary>
    public static LedgerVerdict Skip(string name) => new(name, LedgerOutcome.Skipped, "this machine does not have what it needs");

    private static LedgerVerdict Fail(string name, string text) => new(name, LedgerOutcome.Failed, text);
}

/// <summary>How a check ended.</summary>
internal enum LedgerOutcome : byte
{
    /// <summary>It allocates what the ledger says, or less.</summary>
    Passed = 0,

    /// <summary>It allocates more, or ledger and code do not fit.</summary>
    Failed,

    /// <summary>It cannot run here.</summary>
    Skipped,
}
