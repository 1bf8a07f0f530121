namespace Sluice.Bench.Report;

/// <summary>Everything one run found out.</summary>
internal sealed record BenchReport
{
    public required DateTimeOffset StartedAt { get; init; }

    public required MachineDescription Machine { get; init; }

    public required string Shape { get; init; }

    public required IReadOnlyList<FloorRow> Floor { get; init; }

    public required IReadOnlyList<LoadRow> Load { get; init; }

    public required IReadOnlyList<JoinRow> Joins { get; init; }

    public required IReadOnlyList<DelayRow> Delays { get; init; }

    /// <summary>The row of a load, or null.</summary>
    public LoadRow? Find(string scenario, string srtp, int viewers) =>
        Load.FirstOrDefault(row => row.Scenario == scenario && row.Srtp == srtp && row.Viewers == viewers);

    /// <summary>The floor's row, or null.</summary>
    public FloorRow? FindFloor(string shape, string srtp, int viewers) =>
        Floor.FirstOrDefault(row => row.Shape == shape && row.Srtp == srtp && row.Viewers == viewers);
}
