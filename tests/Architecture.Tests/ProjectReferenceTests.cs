namespace Sluice.Architecture.Tests;

/// <summary>Which project may refer to which: the arrows between rooms.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Protocols.Wire"] = [],
        ["Protocols.Media"] = ["Protocols.Wire"],
        ["Protocols.Sockets"] = ["Protocols.Wire"],
        ["Protocols.Rtp"] = ["Protocols.Media", "Protocols.Wire"],
        ["Protocols.Rtmp"] = ["Protocols.Media", "Protocols.Wire"],
        ["Protocols.Hls"] = ["Protocols.Media", "Protocols.Wire"],
        ["Protocols.WebRtc"] = ["Protocols.Rtp", "Protocols.Media", "Protocols.Wire"],
        ["Control"] = ["Protocols.Media", "Protocols.Wire"],
        ["Conversion"] = ["Control", "Protocols.Rtp", "Protocols.Media", "Protocols.Wire"],
        ["Inputs"] = ["Control", "Protocols.*"],
        ["Outputs"] = ["Control", "Protocols.*"],
        ["Workers"] = ["Control", "Protocols.Media", "Protocols.Wire"],
        ["Storage"] = ["Control"],
        ["Bench"] = ["Protocols.*"],
        ["Server"] = ["*"],
    };

    public static TheoryData<string> Projects => [.. Repository.ProjectGraph().Select(node => node.Project)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_only_where_an_arrow_points(string project)
    {
        Assert.True(Allowed.ContainsKey(project), $"{project} is a new project: decide which arrows leave it, and write them here.");

        var references = Repository.ProjectGraph().Single(node => node.Project == project).References;
        var offending = references.Where(reference => !Allowed[project].Any(pattern => Matches(pattern, reference)));

        Assert.Empty(offending.Select(reference => $"{project} → {reference}"));
    }

    [Fact]
    public void The_core_of_the_house_is_there()
    {
        // An empty graph would pass every other test.
        var projects = Repository.ProjectGraph().ConvertAll(node => node.Project);

        Assert.All(new[] { "Protocols.Wire", "Protocols.WebRtc", "Control", "Server" }, name => Assert.Contains(name, projects));
    }

    [Fact]
    public void No_arrow_leaves_a_project_that_is_not_there()
    {
        var projects = Repository.ProjectGraph().ConvertAll(node => node.Project);

        Assert.All(Allowed.Keys, name => Assert.Contains(name, projects));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("Sluice.slnx");
        string[] projects = [.. Repository.Files("src", ".csproj"), .. Repository.Files("tests", ".csproj"), .. Repository.Files("bench", ".csproj")];

        Assert.All(projects, project => Assert.Contains($"\"{project}\"", solution, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Protocols.*", "Protocols.Rtp", true)]
    [InlineData("Protocols.*", "Control", false)]
    [InlineData("*", "Control", true)]
    [InlineData("Control", "Control", true)]
    [InlineData("Control", "ControlRoom", false)]
    public void Patterns_match_as_meant(string pattern, string reference, bool matches) => Assert.Equal(matches, Matches(pattern, reference));

    private static bool Matches(string pattern, string reference) =>
        pattern.EndsWith('*') ? reference.StartsWith(pattern[..^1], StringComparison.Ordinal) : reference == pattern;
}
