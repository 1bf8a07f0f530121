using Sluice.Testing;
using Sluice.Testing.Fuzzing;

namespace Sluice.Protocols.Tests.Testing;

public sealed class FuzzRunnerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-fuzz").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_broken_promise_is_found_and_its_input_is_kept()
    {
        var target = new FuzzTarget("Example", input => FuzzAssert.That(!input.EndsWith("zzz"u8), "nothing ends in zzz"));
        var runner = new FuzzRunner(target, seed: 1, seeds: ["abczzzdef"u8.ToArray()], _folder);

        var failure = Assert.Throws<FuzzFailureException>(() => runner.RunMutations(100_000));

        Assert.Equal("zzz"u8.ToArray(), failure.Input.TakeLast(3));
        Assert.Equal(failure.Input, File.ReadAllBytes(failure.KeptAs));
        Assert.StartsWith("crash-", Path.GetFileName(failure.KeptAs), StringComparison.Ordinal);
        Assert.Contains(Convert.ToBase64String([.. failure.Input]), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_that_crashes_is_found_without_a_mutation()
    {
        var target = new FuzzTarget("Example", input => FuzzAssert.That(input.Length != 5, "no five bytes"));
        var runner = new FuzzRunner(target, seed: 1, seeds: [[1], [1, 2, 3, 4, 5]], _folder);

        Assert.Throws<FuzzFailureException>(runner.RunSeeds);
        Assert.Equal(1, runner.Iterations);
    }

    [Fact]
    public void The_same_number_gives_the_same_inputs_and_another_gives_others()
    {
        Assert.Equal(Inputs(7), Inputs(7));
        Assert.NotEqual(Inputs(7), Inputs(8));
    }

    [Fact]
    public void Mutations_stay_within_bounds_and_reach_short_and_long_inputs()
    {
        var mutator = new FuzzMutator(new SeededRandom(3), [new byte[100]]);
        var shortest = int.MaxValue;
        var longest = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var length = mutator.Next().Length;
            shortest = Math.Min(shortest, length);
            longest = Math.Max(longest, length);
        }

        Assert.Equal(0, shortest);
        Assert.InRange(longest, 150, 456);
    }

    [Fact]
    public void Without_seeds_inputs_are_random_bytes()
    {
        var mutator = new FuzzMutator(new SeededRandom(3), []);
        var kinds = new HashSet<byte>();
        for (var i = 0; i < 100; i++)
        {
            foreach (var value in mutator.Next())
            {
                kinds.Add(value);
            }
        }

        Assert.Equal(256, kinds.Count);
    }

    [Fact]
    public void Targets_are_found_by_name_and_an_unknown_one_is_an_error_that_lists_them()
    {
        Assert.Equal("Stun", FuzzTarget.Named("stun").Name);
        Assert.Contains("Stun", Assert.Throws<ArgumentException>(() => FuzzTarget.Named("nothing")).Message, StringComparison.Ordinal);
    }

    private static List<string> Inputs(ulong seed)
    {
        var inputs = new List<string>();
        var runner = new FuzzRunner(new FuzzTarget("Example", input => inputs.Add(Convert.ToHexString(input))), seed, ["seed one"u8.ToArray(), "two"u8.ToArray()]);
        runner.RunMutations(200);
        return inputs;
    }
}
