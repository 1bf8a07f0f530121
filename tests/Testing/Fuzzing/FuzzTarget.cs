using System.Reflection;

namespace Sluice.Testing.Fuzzing;

/// <summary>What a target does with one input: returns where all is well, throws where a promise was broken.</summary>
public delegate void FuzzBody(ReadOnlySpan<byte> input);

/// <summary>
/// One parser under fuzzing. Targets are found, not listed: every static class of this namespace whose name ends in Target and that has
/// <c>public static void Run(ReadOnlySpan&lt;byte&gt;)</c>.
/// </summary>
/// <param name="Name">The class's name without Target; also its folder of seeds.</param>
/// <param name="Run">What to do with an input.</param>
public sealed record FuzzTarget(string Name, FuzzBody Run)
{
    private const string Suffix = "Target";

    /// <summary>Every target of this assembly, by name.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } = Find();

    /// <summary>The target of a name.</summary>
    public static FuzzTarget Named(string name) =>
        All.FirstOrDefault(target => target.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no fuzz target {name}; there are {string.Join(", ", All.Select(t => t.Name))}.", nameof(name));

    /// <inheritdoc />
    public override string ToString() => Name;

    private static List<FuzzTarget> Find()
    {
        var targets = new List<FuzzTarget>();
        foreach (var type in typeof(FuzzTarget).Assembly.GetTypes())
        {
            var isStatic = type is { IsAbstract: true, IsSealed: true };
            if (!isStatic || type.Namespace != typeof(FuzzTarget).Namespace || !type.Name.EndsWith(Suffix, StringComparison.Ordinal)) continue;

            var run = type.GetMethod("Run", BindingFlags.Public | BindingFlags.Static, [typeof(ReadOnlySpan<byte>)])
                ?? throw new InvalidOperationException($"{type.Name} is named like a fuzz target and has no Run(ReadOnlySpan<byte>).");
            targets.Add(new FuzzTarget(type.Name[..^Suffix.Length], run.CreateDelegate<FuzzBody>()));
        }

        targets.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return targets;
    }
}
