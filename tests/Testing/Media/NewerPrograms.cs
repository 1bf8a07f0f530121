using Xunit;

namespace Sluice.Testing.Media;

/// <summary>Encoders newer or rarer than the system's, where <c>eng/encoders.sh</c> has put them.</summary>
public static class NewerPrograms
{
    /// <summary>The program's path, or null where it is not there.</summary>
    public static string? Find(string name)
    {
        var home = Environment.GetEnvironmentVariable("SLUICE_ENCODERS") ?? Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "sluice", "encoders");
        var path = Path.Combine(home, "bin", name);
        return File.Exists(path) ? path : null;
    }

    internal static string? WhyNot(string[] names) =>
        Array.Find(names, name => Find(name) is null) is { } missing ? $"a newer {missing} is missing: eng/encoders.sh gets it" : null;
}

/// <summary>A fact about such programs: skipped, and says so by name, where one is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NewerProgramFactAttribute : FactAttribute
{
    /// <summary>Names the programs.</summary>
    public NewerProgramFactAttribute(params string[] names) => Skip = NewerPrograms.WhyNot(names);
}

/// <summary>As above, with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NewerProgramTheoryAttribute : TheoryAttribute
{
    /// <summary>Names the programs.</summary>
    public NewerProgramTheoryAttribute(params string[] names) => Skip = NewerPrograms.WhyNot(names);
}
