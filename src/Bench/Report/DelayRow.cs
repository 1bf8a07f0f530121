namespace Sluice.Bench.Report;

/// <summary>How long packets stayed in the server, or in the floor: from the publisher's send to the arrival at the viewer's socket, in milliseconds.</summary>
internal sealed record DelayRow(string Scenario, int Viewers, long Packets, double Median, double P99, double Max, bool IsDisturbed)
{
    /// <summary>All windows' delays in one row.</summary>
    public static DelayRow From(List<Measuring.Window> windows, string scenario, int viewers)
    {
        var delay = windows[0].Delay.Copy();
        foreach (var window in windows.Skip(1)) delay.Merge(window.Delay);
        return new DelayRow(scenario, viewers, delay.Count, delay.Percentile(0.5), delay.Percentile(0.99), delay.MaxMilliseconds, windows.TrueForAll(static w => !w.IsQuiet));
    }
}
