namespace Sluice.Testing.Fuzzing;

/// <summary>The committed inputs of the targets, and the place new crashers go.</summary>
public static class FuzzSeeds
{
    /// <summary>The inputs of a target in the order of their names, from the folder beside the running program.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Load(string target)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Fuzzing", "Seeds", target);
        if (!Directory.Exists(folder)) return [];

        return [.. Directory.EnumerateFiles(folder)
            .Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))];
    }

    /// <summary>A target's folder in the checkout, so that a crasher can be committed; beside the program where there is no checkout.</summary>
    public static string FolderToKeep(string target) => Checkout.Root is null
        ? Path.Combine(AppContext.BaseDirectory, "Fuzzing", "Seeds", target)
        : Checkout.PathOf("tests", "Testing", "Fuzzing", "Seeds", target);
}
