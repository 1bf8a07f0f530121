namespace Sluice.Bench.Micro;

/// <summary>The checkout this program was built in: its files are found from any folder.</summary>
internal static class Checkout
{
    /// <summary>The folder of the solution; the current one for a program that was taken elsewhere.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sluice.slnx"))) return folder.FullName;
        }

        return Directory.GetCurrentDirectory();
    }
}
