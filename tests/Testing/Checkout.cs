namespace Sluice.Testing;

/// <summary>The checkout the running tests were built from.</summary>
public static class Checkout
{
    /// <summary>Its folder; null where the program runs elsewhere.</summary>
    public static string? Root { get; } = Find();

    /// <summary>A file or folder in it, which need not exist; throws outside of a checkout.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) =>
        Path.Combine([Root ?? throw new InvalidOperationException("These tests run inside a checkout."), .. parts]);

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sluice.slnx"))) return folder.FullName;
        }

        return null;
    }
}
