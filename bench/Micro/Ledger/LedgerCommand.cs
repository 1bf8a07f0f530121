using System.Reflection;

namespace Sluice.Bench.Micro.Ledger;

/// <summary>The <c>ledger</c> command: prints what each benchmark allocates, checks it against the committed file, or writes that file.</summary>
internal static class LedgerCommand
{
    private const string Usage = "usage: ledger [--check | --write | --self-test] [--file PATH] [--only TEXT]";

    public static int Run(string[] args)
    {
        var action = "";
        var path = Path.Combine(Checkout.Root, "bench", "allocations.json");
        var only = "";
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--check" or "--write" or "--self-test" when action.Length == 0:
                    action = args[i];
                    break;
                case "--file" when i + 1 < args.Length:
                    path = args[++i];
                    break;
                case "--only" when i + 1 < args.Length:
                    only = args[++i];
                    break;
                default:
                    Console.Error.WriteLine(Usage);
                    return 64;
            }
        }

        // The tiers of the compiler come when they come, and the later ones spare objects the earlier ones make: without tiers a figure is the same every time.
        if (!CompilerSetting.FullyAtOnce.IsOn(["ledger", .. args], out var exitCode)) return exitCode;
        if (action == "--self-test") return LedgerSelfTest.Run();
        var cases = BenchmarkCase.FindAll(Assembly.GetExecutingAssembly());
        if (cases.Count == 0) throw new InvalidOperationException("There are no benchmarks.");
        return action switch
        {
            "--check" => Check(cases.Where(c => c.Name.Contains(only, StringComparison.Ordinal)), AllocationLedger.Read(path), only.Length == 0),
            "--write" => Write(cases, AllocationLedger.Read(path), path),
            _ => Print(cases.Where(c => c.Name.Contains(only, StringComparison.Ordinal))),
        };
    }

    /// <summary>Checks benchmarks against a ledger and prints a verdict for each; 1 where one fails.</summary>
    internal static int Check(IEnumerable<BenchmarkCase> cases, AllocationLedger ledger, bool isWhole, TextWriter? output = null)
    {
        var report = new TapReport(output ?? Console.Out);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in cases)
        {
            known.Add(one.Name);
            report.Add(one.IsSupported
                ? LedgerVerdict.Judge(one.Name, one.IsPerPacket, Measure(one), ledger.Rows.TryGetValue(one.Name, out var row) ? row : null)
                : LedgerVerdict.Skip(one.Name));
        }

        foreach (var orphan in isWhole ? LedgerVerdict.OfOrphans(ledger, known) : [])
        {
            report.Add(orphan);
        }

        return report.Finish();
    }

    /// <summary>The ledger of what is measured now; null where one on a packet's path allocates, after naming it.</summary>
    internal static AllocationLedger? Take(IEnumerable<BenchmarkCase> cases, AllocationLedger before, TextWriter errors)
    {
        var rows = new Dictionary<string, LedgerRow>(StringComparer.Ordinal);
        var refused = false;
        foreach (var one in cases)
        {
            if (!one.IsSupported)
            {
                // Another machine's rows stay: this one cannot say.
                if (before.Rows.TryGetValue(one.Name, out var row)) rows.Add(one.Name, row);
                else if (one.IsPerPacket) rows.Add(one.Name, new LedgerRow(0, true));
                continue;
            }

            var measured = Measure(one);
            rows.Add(one.Name, new LedgerRow(measured.PerOperation, one.IsPerPacket));
            if (!one.IsPerPacket || measured.Bytes == 0) continue;
            refused = true;
            errors.WriteLine($"{one.Name} allocates {measured.Bytes} bytes in {measured.Operations} operations; what happens for a packet allocates nothing.");
        }

        return refused ? null : new AllocationLedger(rows);
    }

    private static int Write(List<BenchmarkCase> cases, AllocationLedger before, string path)
    {
        if (Take(cases, before, Console.Error) is not { } ledger)
        {
            Console.Error.WriteLine("Nothing is written.");
            return 1;
        }

        File.WriteAllText(path, ledger.ToJson());
        Console.WriteLine($"{ledger.Rows.Count} rows in {path}");
        return 0;
    }

    private static int Print(IEnumerable<BenchmarkCase> cases)
    {
        foreach (var one in cases)
        {
            if (!one.IsSupported) continue;
            var measured = Measure(one);
            Console.WriteLine($"{one.Name,-64} {measured.PerOperation,8} bytes {(one.IsPerPacket ? "per packet" : ""),-10} {measured.Operations,9} operations");
        }

        return 0;
    }

    private static AllocationMeasurement Measure(BenchmarkCase one)
    {
        var invocation = one.Prepare();
        var measured = AllocationMeter.Measure(invocation.Invoke, one.OperationsPerInvoke);
        invocation.CleanUp();
        return measured;
    }
}
