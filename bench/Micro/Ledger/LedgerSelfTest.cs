using BenchmarkDotNet.Attributes;

namespace Sluice.Bench.Micro.Ledger;

/// <summary>Shows that the check fails where it must: benchmarks that allocate on purpose are caught.</summary>
internal static class LedgerSelfTest
{
    private static readonly List<BenchmarkCase> Cases = [.. BenchmarkCase.FindIn(typeof(Specimens))];

    public static int Run()
    {
        var report = new TapReport(Console.Out);
        Test(report, "an object for each packet is caught", nameof(Specimens.AllocatesForEachPacket), new LedgerRow(0, true), "allocates");
        Test(report, "an object for every thousandth packet is caught", nameof(Specimens.AllocatesNowAndThen), new LedgerRow(0, true), "allocates");
        Test(report, "a ledger that allows an object for each packet is of no use", nameof(Specimens.AllocatesForEachPacket), new LedgerRow(1000, true), "allocates");
        Test(report, "more than the ledger says is caught", nameof(Specimens.AllocatesAnArray), new LedgerRow(800, false), "the ledger says 800");
        Test(report, "what the ledger says passes", nameof(Specimens.AllocatesAnArray), new LedgerRow(1024, false), null);
        Test(report, "less than the ledger says passes", nameof(Specimens.AllocatesAnArray), new LedgerRow(4096, false), null);
        Test(report, "what allocates nothing passes", nameof(Specimens.AllocatesNothing), new LedgerRow(0, true), null);
        Test(report, "a mark that was taken off the ledger is missed", nameof(Specimens.AllocatesNothing), new LedgerRow(0, false), "marks it");
        Test(report, "a benchmark the ledger does not have is named", nameof(Specimens.AllocatesNothing), null, "not in the ledger");
        TestOrphan(report);
        TestWriting(report);
        return report.Finish();
    }

    // A null error means that the check must pass; else the line of the benchmark must say so much.
    private static void Test(TapReport report, string what, string method, LedgerRow? row, string? error)
    {
        var one = Find(method);
        var rows = new Dictionary<string, LedgerRow>();
        if (row is { } given) rows.Add(one.Name, given);
        using var output = new StringWriter();
        var code = LedgerCommand.Check([one], AllocationLedger.Parse(new AllocationLedger(rows).ToJson()), isWhole: true, output);
        var line = output.ToString().Split('\n')[0];
        var isRight = error is null
            ? code == 0 && line.StartsWith("ok ", StringComparison.Ordinal)
            : code == 1 && line.StartsWith("not ok ", StringComparison.Ordinal) && line.Contains(one.Name, StringComparison.Ordinal) && line.Contains(error, StringComparison.Ordinal);
        Add(report, what, isRight, line);
    }

    private static void TestOrphan(TapReport report)
    {
        var one = Find(nameof(Specimens.AllocatesNothing));
        using var output = new StringWriter();
        var ledger = new AllocationLedger(new Dictionary<string, LedgerRow> { [one.Name] = new(0, true), ["Gone.Away"] = new(0, true) });
        var code = LedgerCommand.Check([one], ledger, isWhole: true, output);
        Add(report, "a row without a benchmark is named", code == 1 && output.ToString().Contains("not ok 2 - Gone.Away", StringComparison.Ordinal), output.ToString());
    }

    private static void TestWriting(TapReport report)
    {
        var none = new AllocationLedger(new Dictionary<string, LedgerRow>());
        using var errors = new StringWriter();
        var refused = LedgerCommand.Take([Find(nameof(Specimens.AllocatesForEachPacket))], none, errors);
        Add(report, "an object for each packet is not written down", refused is null && errors.ToString().Contains(nameof(Specimens.AllocatesForEachPacket), StringComparison.Ordinal), errors.ToString());
        var written = LedgerCommand.Take([Find(nameof(Specimens.AllocatesAnArray))], none, errors)?.Rows.Values.Single();
        Add(report, "what may allocate is written down", written == new LedgerRow(1024, false), $"{written}");
    }

    private static void Add(TapReport report, string what, bool isRight, string seen) =>
        report.Add(new LedgerVerdict(what, isRight ? LedgerOutcome.Passed : LedgerOutcome.Failed, isRight ? "as it should" : seen));

    private static BenchmarkCase Find(string method) => Cases.Single(one => one.Name == $"{nameof(Specimens)}.{method}");

    /// <summary>Benchmarks nobody else finds: they are in no public class.</summary>
    private sealed class Specimens
    {
        private object? _kept;
        private int _calls;

        [Benchmark, PerPacket]
        public void AllocatesForEachPacket() => _kept = new object();

        [Benchmark, PerPacket]
        public void AllocatesNowAndThen()
        {
            if (++_calls % 1000 == 0) _kept = new object();
        }

        [Benchmark]
        public void AllocatesAnArray() => _kept = new byte[1000];

        [Benchmark, PerPacket]
        public int AllocatesNothing() => _kept is null ? ++_calls : 0;
    }
}
