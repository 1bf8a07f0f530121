namespace Sluice.Server.Site;

/// <summary>Finds the built site: named by the options, beside the executable, or in the checkout the executable was built in.</summary>
internal static class SiteDirectory
{
    private const int MaxLevels = 8;

    /// <summary>The directory, or null where the site has not been built.</summary>
    public static string? Find(string? configured)
    {
        if (configured is not null)
            return HasIndex(Path.GetFullPath(configured));
        if (HasIndex(Path.Combine(AppContext.BaseDirectory, "wwwroot")) is { } beside)
            return beside;
        var level = new DirectoryInfo(AppContext.BaseDirectory);
        for (var i = 0; i < MaxLevels && level is not null; i++, level = level.Parent)
        {
            if (HasIndex(Path.Combine(level.FullName, "web", "app", "dist")) is { } built)
                return built;
        }
        return null;
    }

    private static string? HasIndex(string directory) => File.Exists(Path.Combine(directory, "index.html")) ? directory : null;
}
