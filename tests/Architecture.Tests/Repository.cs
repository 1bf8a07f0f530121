using System.Xml.Linq;

namespace Sluice.Architecture.Tests;

/// <summary>The checkout these tests look at.</summary>
internal static class Repository
{
    private static readonly string[] Skipped = ["bin", "obj", "node_modules", ".git", "dist"];

    public static string Root { get; } = FindRoot();

    /// <summary>Files below a folder whose names end so, as paths from the root with forward slashes; build output left out.</summary>
    public static List<string> Files(string folder, string ending)
    {
        var files = new List<string>();
        var start = Path.Combine(Root, folder);
        if (Directory.Exists(start)) Collect(new DirectoryInfo(start), ending, files);
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static string[] ReadLines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    /// <summary>Every project below src with what it refers to, both by the name without "Sluice.".</summary>
    public static List<(string Project, List<string> References)> ProjectGraph() =>
        [.. Files("src", ".csproj").Select(file => (NameOf(file), ReferencesOf(file)))];

    private static List<string> ReferencesOf(string file) =>
        [.. XDocument.Load(Path.Combine(Root, file))
            .Descendants("ProjectReference")
            .Select(reference => NameOf(reference.Attribute("Include")!.Value))];

    private static string NameOf(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))["Sluice.".Length..];

    private static void Collect(DirectoryInfo folder, string ending, List<string> files)
    {
        foreach (var file in folder.EnumerateFiles())
        {
            if (file.Name.EndsWith(ending, StringComparison.Ordinal)) files.Add(Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'));
        }

        foreach (var child in folder.EnumerateDirectories())
        {
            if (!Skipped.Contains(child.Name)) Collect(child, ending, files);
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sluice.slnx"))) return folder.FullName;
        }

        throw new InvalidOperationException("These tests run inside the checkout.");
    }
}
