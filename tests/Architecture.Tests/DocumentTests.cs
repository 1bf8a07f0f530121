using System.Text.RegularExpressions;

namespace Sluice.Architecture.Tests;

/// <summary>What the documents say about the repository is true.</summary>
public sealed partial class DocumentTests
{
    // Rooms of vocabulary and plumbing: their README may do without an RFC.
    private static readonly string[] RoomsWithoutRfc = ["Wire", "Media"];

    public static TheoryData<string> Documents => [.. Repository.Files("", ".md")];

    public static TheoryData<string> ProtocolRooms =>
        [.. Repository.Files("src/Protocols", ".csproj").Select(project => Path.GetDirectoryName(project)!.Replace('\\', '/'))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_a_document_names_exists(string document)
    {
        var folder = Path.GetDirectoryName(document) ?? "";
        var missing = PathsIn(Repository.Read(document))
            .Where(path => !Repository.Exists(path) && !Repository.Exists(Path.Combine(folder, path)));

        Assert.Empty(missing.Select(path => $"{document}: {path}"));
    }

    [Theory]
    [MemberData(nameof(ProtocolRooms))]
    public void Every_protocol_room_has_a_readme_that_names_its_rfcs(string room)
    {
        Assert.True(Repository.Exists($"{room}/README.md"), $"{room}/README.md is missing.");
        if (RoomsWithoutRfc.Contains(Path.GetFileName(room))) return;

        Assert.Matches(@"RFC \d{3,4}|[Nn]o RFC", Repository.Read($"{room}/README.md"));
    }

    [Theory]
    [InlineData("see `src/Control/Track.cs`", "src/Control/Track.cs")]
    [InlineData("`src/Protocols/{Rtp,WebRtc}/README.md`", "src/Protocols/Rtp/README.md", "src/Protocols/WebRtc/README.md")]
    [InlineData("[link](docs/a.md#part)", "docs/a.md")]
    [InlineData("[image](../pictures/a.png \"title\")", "../pictures/a.png")]
    [InlineData("`web/`", "web")]
    [InlineData("`dotnet test tests/Fuzz`, `application/sdp`, `a/b`, [out](https://example.org/src/x), [in](#part)")]
    [InlineData("`src/**/*.cs`, `tests/<room>/x`, `src/…`")]
    public void Paths_are_found_in_a_text(string text, params string[] paths) => Assert.Equal(paths, PathsIn(text));

    /// <summary>
    /// Backticked paths that begin at a top-level folder, and the targets of relative links. Patterns with placeholders are nobody's path.
    /// </summary>
    private static List<string> PathsIn(string text)
    {
        var paths = new List<string>();
        foreach (Match match in Backticked().Matches(text))
        {
            paths.AddRange(Expand(match.Groups["path"].Value.TrimEnd('/')));
        }

        foreach (Match match in RelativeLink().Matches(text))
        {
            paths.Add(match.Groups["path"].Value.TrimEnd('/'));
        }

        return paths;
    }

    private static IEnumerable<string> Expand(string path)
    {
        var open = path.IndexOf('{', StringComparison.Ordinal);
        var close = path.IndexOf('}', StringComparison.Ordinal);
        if (open < 0 || close < open) return [path];

        return path[(open + 1)..close].Split(',').SelectMany(choice => Expand(path[..open] + choice.Trim() + path[(close + 1)..]));
    }

    [GeneratedRegex(@"`(?<path>(?:src|tests|bench|web|docs|deploy)/[\w./{},+-]*)`")]
    private static partial Regex Backticked();

    [GeneratedRegex(@"\]\((?<path>(?![a-z]+:|#|/)[^)\s#]+)(?:#[^)\s]*)?(?:\s+""[^""]*"")?\)")]
    private static partial Regex RelativeLink();
}
