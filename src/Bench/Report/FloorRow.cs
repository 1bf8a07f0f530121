using System.Globalization;
using System.Text.Json;

namespace Sluice.Bench.Report;

/// <summary>What the floor cost at one number of viewers.</summary>
internal sealed record FloorRow
{
    /// <summary>What was sent: the ideal, or a stream's own shape.</summary>
    public required string Shape { get; init; }

    public required string Srtp { get; init; }

    public required int Viewers { get; init; }

    /// <summary>CPU a packet, the median of the windows.</summary>
    public required double Microseconds { get; init; }

    public required double User { get; init; }

    public required double System { get; init; }

    public required double Least { get; init; }

    public required double Most { get; init; }

    public required double Cores { get; init; }

    /// <summary>Packets a UDP_SEGMENT message, in the mean.</summary>
    public required double PacketsPerRun { get; init; }

    /// <summary>True where other processes disturbed every window.</summary>
    public required bool IsDisturbed { get; init; }

    /// <summary>Messages the kernel refused; not zero means the figure is worth nothing.</summary>
    public required long Refused { get; init; }

    /// <summary>Sums rows of one load up that were measured one at a time: the median of the quiet ones, or of all where none was.</summary>
    public static FloorRow Of(IReadOnlyCollection<FloorRow> rows)
    {
        var isDisturbed = rows.All(static row => row.IsDisturbed);
        var byCost = rows.Where(row => row.IsDisturbed == isDisturbed).OrderBy(static row => row.Microseconds).ToList();
        return byCost[(byCost.Count - 1) / 2] with { Least = byCost.Min(static row => row.Least), Most = byCost.Max(static row => row.Most), Refused = rows.Sum(static row => row.Refused) };
    }

    public string ToLine() => string.Create(
        CultureInfo.InvariantCulture,
        $"floor  {Shape,-18} {Srtp,-10} N={Viewers,-5} {Microseconds,6:0.00} us/packet ({Least:0.00}-{Most:0.00}; user {User:0.00}, system {System:0.00}), {PacketsPerRun:0.0} packets a run, {Cores:0.00} cores{(IsDisturbed ? ", disturbed" : "")}{(Refused > 0 ? $", {Refused} refused" : "")}");

    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote; null for anything else.</summary>
    public static FloorRow? FromJson(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<FloorRow>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
