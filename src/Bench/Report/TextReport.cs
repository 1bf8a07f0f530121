using System.Globalization;
using System.Text;

namespace Sluice.Bench.Report;

/// <summary>The report as text for a terminal.</summary>
internal static class TextReport
{
    public const string LoadHeader =
        "scenario         srtp        publ   view fail silent |  pkt/s   Mbit/s | us/pkt (least- most)  user  sys cores |   lost   own | late50 late99    max | kB/view ms/join | gen us cores foreign";

    public static string Line(LoadRow row) => string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Scenario,-16} {row.Srtp,-10} {row.Publishers,5} {row.Viewers,6} {row.Failed,4} {row.Silent,6} | {row.PacketsPerSecond,6:0} {row.MegabitsPerSecond,8:0.0} | {row.Microseconds,6:0.00} ({row.Least,5:0.00}-{row.Most,5:0.00}) {row.User,5:0.00} {row.System,4:0.00} {row.Cores,5:0.00} | {row.Lost,6} {row.Dropped,5} | {row.LatenessMedian,6:0} {row.LatenessP99,6:0} {row.LatenessMax,6:0} | {Number(row.Kilobytes, "0"),7} {Number(row.JoinMilliseconds, "0.00"),7} | {row.GeneratorMicroseconds,6:0.00} {row.GeneratorCores,5:0.00} {row.ForeignCores,7:0.00}{(row.ServerDrops > 0 ? $" {row.ServerDrops} dropped at the server's port" : "")}{(row.IsDisturbed ? " disturbed" : "")}");

    public static string Line(JoinRow row) => string.Create(
        CultureInfo.InvariantCulture,
        $"join             {row.Viewers} viewers within {row.Seconds:0.0} s, {row.Failed} failed; from POST to answer {row.Answer}, keys {row.Connected}, first packet {row.Packet}, first picture {row.Frame} ms (median/p99/max); CPU a join {Number(row.CpuMilliseconds, "0.00")} ms server, {row.GeneratorMilliseconds:0.00} ms generator ({row.LoopMilliseconds:0.00} handshakes and receiving){(row.ServerDrops > 0 ? $"; {row.ServerDrops} datagrams dropped at the server's port" : "")}");

    public static string Line(DelayRow row) => string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Scenario,-16} N={row.Viewers}: {row.Median:0.00}/{row.P99:0.00}/{row.Max:0.00} ms (median/p99/max) over {row.Packets} packets{(row.IsDisturbed ? ", disturbed" : "")}");

    /// <summary>All of it.</summary>
    public static string Write(BenchReport report, IReadOnlyList<Bar> bars)
    {
        var text = new StringBuilder();
        var machine = report.Machine;
        text.AppendLine(CultureInfo.InvariantCulture, $"{machine.Processor}, {machine.Cores} cores ({machine.Instructions}); {machine.System}; {machine.Runtime}");
        text.AppendLine(CultureInfo.InvariantCulture, $"{report.StartedAt:yyyy-MM-dd HH:mm} UTC; shape {report.Shape}").AppendLine();
        foreach (var row in report.Floor) text.AppendLine(row.ToLine());
        if (report.Floor.Count > 0) text.AppendLine();
        if (report.Load.Count > 0) text.AppendLine(LoadHeader);
        foreach (var row in report.Load) text.AppendLine(Line(row));
        foreach (var row in report.Joins) text.AppendLine(Line(row));
        foreach (var row in report.Delays) text.AppendLine(Line(row));
        text.AppendLine();
        foreach (var bar in bars) text.AppendLine(Line(bar));
        return text.ToString();
    }

    private static string Line(Bar bar) =>
        $"{Words(bar.Verdict),-13} {bar.What}: {bar.Wanted}{(bar.Measured.Length > 0 ? $"; measured {bar.Measured}" : "")}{(bar.Why.Length > 0 ? $" ({bar.Why})" : "")}";

    internal static string Words(Verdict verdict) => verdict switch { Verdict.Met => "met", Verdict.Missed => "MISSED", Verdict.MissedByFloor => "FLOOR MISSES", _ => "not measured" };

    private static string Number(double value, string format) => double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);
}
