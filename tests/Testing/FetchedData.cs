using Xunit;

namespace Sluice.Testing;

/// <summary>Public test data that is fetched into a folder <c>shared</c> beside the checkout and never committed.</summary>
public static class FetchedData
{
    /// <summary>The file or folder in the nearest <c>shared</c> above the running test, or null.</summary>
    /// <param name="path">Below <c>shared</c>, with slashes.</param>
    public static string? Find(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", path);
            if (Path.Exists(candidate)) return candidate;
        }

        return null;
    }
}

/// <summary>A fact about fetched data: it is skipped, and says so by name, where the data is not beside the checkout.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FetchedDataFactAttribute : FactAttribute
{
    /// <summary>Names the data the fact is about.</summary>
    /// <param name="path">The file or folder, as <see cref="FetchedData.Find"/> takes it.</param>
    public FetchedDataFactAttribute(string path)
    {
        if (FetchedData.Find(path) is null) Skip = $"shared/{path} is not beside the checkout";
    }
}
