using Sluice.Testing.Fuzzing;

namespace Sluice.Protocols.Tests.Testing;

/// <summary>A short, repeatable fuzz run of every target; hours of it belong to <c>tests/Fuzz</c>.</summary>
public sealed class FuzzTests
{
    private const int Mutations = 20_000;
    private const ulong Seed = 20_260_000;

    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_target_survives_its_seeds_and_their_mutations(string name)
    {
        var runner = new FuzzRunner(FuzzTarget.Named(name), Seed);

        runner.RunSeeds();
        runner.RunMutations(Mutations);

        Assert.Equal(runner.Seeds.Count + Mutations, runner.Iterations);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_target_has_seeds_to_begin_from(string name) => Assert.NotEmpty(FuzzSeeds.Load(name));

    [Fact]
    public void Every_folder_of_seeds_belongs_to_a_target()
    {
        var folders = Directory.GetDirectories(Path.Combine(AppContext.BaseDirectory, "Fuzzing", "Seeds")).Select(Path.GetFileName);

        Assert.Empty(folders.Except(FuzzTarget.All.Select(target => target.Name)));
    }
}
