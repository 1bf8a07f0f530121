namespace Sluice.Bench.Micro.Ledger;

/// <summary>Verdicts as the lines of the Test Anything Protocol, which ./test counts.</summary>
internal sealed class TapReport(TextWriter output)
{
    private int _passed;
    private int _failed;
    private int _skipped;

    public void Add(in LedgerVerdict verdict)
    {
        var number = _passed + _failed + _skipped + 1;
        switch (verdict.Outcome)
        {
            case LedgerOutcome.Passed:
                _passed++;
                output.WriteLine($"ok {number} - {verdict.Name}: {verdict.Text}");
                break;
            case LedgerOutcome.Failed:
                _failed++;
                output.WriteLine($"not ok {number} - {verdict.Name}: {verdict.Text}");
                break;
            default:
                _skipped++;
                output.WriteLine($"ok {number} - {verdict.Name} # SKIP {verdict.Text}");
                break;
        }
    }

    /// <summary>Prints the counts; 1 where something failed or nothing was looked at, else 0.</summary>
    public int Finish()
    {
        output.WriteLine($"1..{_passed + _failed + _skipped}");
        output.WriteLine($"# pass {_passed}");
        output.WriteLine($"# fail {_failed}");
        output.WriteLine($"# skipped {_skipped}");
        return _failed == 0 && _passed > 0 ? 0 : 1;
    }
}
