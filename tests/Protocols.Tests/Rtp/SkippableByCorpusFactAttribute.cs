namespace Sluice.Protocols.Tests.Rtp;

/// <summary>A fact about fetched data: it is skipped, and says so by name, where the data is not beside the checkout.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SkippableByCorpusFactAttribute : FactAttribute
{
    public SkippableByCorpusFactAttribute(string corpus)
    {
        if (Find(corpus) is null)
        {
            Skip = $"shared/corpora/{corpus} is not beside the checkout";
        }
    }

    /// <summary>The folder of a corpus in the nearest <c>shared/corpora</c> above the running test, or null.</summary>
    public static string? Find(string corpus)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "corpora", corpus);
            if (Directory.Exists(candidate)) return candidate;
        }

        return null;
    }
}
