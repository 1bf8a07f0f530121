using Sluice.Bench.Measuring;

namespace Sluice.Bench.Report;

/// <summary>One line of the table: a steady load and what it cost.</summary>
internal sealed record LoadRow
{
    public required string Scenario { get; init; }

    public required string Srtp { get; init; }

    public required int Publishers { get; init; }

    public required int Viewers { get; init; }

    /// <summary>Viewers that did not connect, or were lost since.</summary>
    public required int Failed { get; init; }

    /// <summary>Viewers that got nothing in a window.</summary>
    public required int Silent { get; init; }

    public required double PacketsPerSecond { get; init; }

    public required double MegabitsPerSecond { get; init; }

    /// <summary>Server CPU a delivered packet: the median of the windows, its parts, and the least and most.</summary>
    public required double Microseconds { get; init; }

    public required double User { get; init; }

    public required double System { get; init; }

    public required double Least { get; init; }

    public required double Most { get; init; }

    public required double Cores { get; init; }

    /// <summary>Packets the server lost, over all windows, and how many there should have been.</summary>
    public required long Lost { get; init; }

    public required long Expected { get; init; }

    /// <summary>Packets the generator's own sockets lost.</summary>
    public required long Dropped { get; init; }

    /// <summary>Datagrams dropped at the server's port, whose receive buffers were full.</summary>
    public required long ServerDrops { get; init; }

    public required double LatenessMedian { get; init; }

    public required double LatenessP99 { get; init; }

    public required double LatenessMax { get; init; }

    /// <summary>Server memory a viewer, in kB; NaN where it was not looked at.</summary>
    public required double Kilobytes { get; init; }

    /// <summary>Server CPU a join, in milliseconds, without the forwarding meanwhile; NaN where nobody joined.</summary>
    public required double JoinMilliseconds { get; init; }

    /// <summary>What the receiving thread of the generator spent on a packet.</summary>
    public required double GeneratorMicroseconds { get; init; }

    public required double GeneratorCores { get; init; }

    public required double ForeignCores { get; init; }

    public required double PublisherLag { get; init; }

    public required int Windows { get; init; }

    /// <summary>True where other processes disturbed every window.</summary>
    public required bool IsDisturbed { get; init; }

    public double LossPercent => Expected == 0 ? 0 : 100.0 * Lost / Expected;

    /// <summary>Sums windows of one load up.</summary>
    public static LoadRow From(List<Window> windows, string scenario, string srtp, int publishers, int viewers, int failed, double kilobytes, double joinMilliseconds)
    {
        var byCost = windows.OrderBy(static w => w.ServerMicroseconds).ToList();
        var median = byCost[(byCost.Count - 1) / 2]; // of an even number the lower one: a window of its own, whose parts fit together
        var lateness = windows[0].Lateness.Copy();
        foreach (var window in windows.Skip(1)) lateness.Merge(window.Lateness);
        return new LoadRow
        {
            Scenario = scenario, Srtp = srtp, Publishers = publishers, Viewers = viewers, Failed = failed,
            Silent = windows.Max(static w => w.Silent),
            PacketsPerSecond = windows.Average(static w => w.PacketsPerSecond),
            MegabitsPerSecond = windows.Average(static w => w.Bytes * 8 / w.Seconds / 1e6),
            Microseconds = median.ServerMicroseconds, User = median.UserMicroseconds, System = median.SystemMicroseconds,
            Least = byCost[0].ServerMicroseconds, Most = byCost[^1].ServerMicroseconds,
            Cores = windows.Average(static w => w.ServerCores),
            Lost = windows.Sum(static w => w.Lost), Expected = windows.Sum(static w => w.Packets + w.Lost + w.Dropped), Dropped = windows.Sum(static w => w.Dropped),
            ServerDrops = windows.Sum(static w => w.ServerDrops),
            LatenessMedian = lateness.Percentile(0.5), LatenessP99 = lateness.Percentile(0.99), LatenessMax = lateness.MaxMilliseconds,
            Kilobytes = kilobytes, JoinMilliseconds = joinMilliseconds,
            GeneratorMicroseconds = windows.Average(static w => w.ReceivingMicroseconds), GeneratorCores = windows.Average(static w => w.Generator / w.Seconds),
            ForeignCores = windows.Average(static w => w.ForeignCores), PublisherLag = windows.Max(static w => w.PublisherLag),
            Windows = windows.Count, IsDisturbed = windows.TrueForAll(static w => !w.IsQuiet),
        };
    }
}
