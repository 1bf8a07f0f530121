namespace Sluice.Protocols.Tests.Srtp;

/// <summary>A fact about fetched test vectors: it is skipped, and says so by name, where the file is not beside the checkout.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WycheproofFactAttribute : FactAttribute
{
    public WycheproofFactAttribute(string file)
    {
        if (Find(file) is null) Skip = $"shared/vectors/{file} is not beside the checkout";
    }

    /// <summary>The file in the nearest <c>shared/vectors</c> above the running test, or null.</summary>
    public static string? Find(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "vectors", file);
            if (File.Exists(candidate)) return candidate;
        }

        return null;
    }
}
