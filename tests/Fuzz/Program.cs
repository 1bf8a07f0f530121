using System.Diagnostics;
using Sluice.Testing.Fuzzing;

// dotnet run --project tests/Fuzz -- [--seconds N] [--target X] [--seed S]
// Runs every target (or one) for N seconds each. Ends with 1 at the first crash, with 2 at the first hang, and keeps the input.
const int Batch = 256;
var hangAfter = TimeSpan.FromSeconds(10);
var seconds = 10;
var seed = 1UL;
string? only = null;

for (var i = 0; i < args.Length; i += 2)
{
    var value = i + 1 < args.Length ? args[i + 1] : "";
    switch (args[i])
    {
        case "--seconds" when int.TryParse(value, out seconds):
        case "--seed" when ulong.TryParse(value, out seed):
            break;
        case "--target":
            only = value;
            break;
        default:
            Console.Error.WriteLine("usage: Sluice.Fuzz [--seconds N] [--target NAME] [--seed NUMBER]");
            return 64;
    }
}

var targets = only is null ? FuzzTarget.All : [FuzzTarget.Named(only)];
foreach (var target in targets)
{
    var runner = new FuzzRunner(target, seed);
    var seen = -1L;
    using var watchdog = new Timer(_ =>
    {
        var iterations = runner.Iterations;
        if (iterations == seen)
        {
            Console.Error.WriteLine($"{target.Name} hangs; the input is kept as {runner.KeepCurrent("hang")}");
            Environment.Exit(2);
        }

        seen = iterations;
    });
    watchdog.Change(hangAfter, hangAfter);

    var clock = Stopwatch.StartNew();
    try
    {
        runner.RunSeeds();
        while (clock.Elapsed < TimeSpan.FromSeconds(seconds))
        {
            runner.RunMutations(Batch);
        }
    }
    catch (FuzzFailureException failure)
    {
        Console.Error.WriteLine(failure);
        return 1;
    }

    var rate = runner.Iterations / Math.Max(clock.Elapsed.TotalSeconds, 0.001);
    Console.WriteLine($"{target.Name,-24} {runner.Seeds.Count,4} seeds {runner.Iterations,12} inputs {rate,10:0}/s");
}

return 0;
