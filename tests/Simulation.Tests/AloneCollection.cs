namespace Sluice.Simulation.Tests;

/// <summary>Tests that look at the whole heap: what others hold beside them would be counted.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
