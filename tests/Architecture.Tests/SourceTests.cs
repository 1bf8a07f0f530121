using System.Text.RegularExpressions;

namespace Sluice.Architecture.Tests;

/// <summary>What a source file may look like.</summary>
public sealed partial class SourceTests
{
    private const int MaxLines = 600;

    private static readonly string[] ForbiddenSuffixes = ["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Info", "Data", "Impl"];

    [Fact]
    public void No_file_holds_more_than_one_thing_can_need()
    {
        var tooLong = Repository.Files("src", ".cs")
            .Select(file => (File: file, Lines: Repository.ReadLines(file).Length))
            .Where(entry => entry.Lines > MaxLines);

        Assert.Empty(tooLong.Select(entry => $"{entry.File}: {entry.Lines} lines, at most {MaxLines}"));
    }

    [Fact]
    public void No_type_has_a_name_that_says_nothing()
    {
        var empty = from file in Repository.Files("src", ".cs")
                    from line in Repository.ReadLines(file)
                    let name = TypeNameIn(line)
                    where name is not null && ForbiddenSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal))
                    select $"{file}: {name}";

        Assert.Empty(empty);
    }

    [Fact]
    public void A_namespace_is_its_folder()
    {
        var elsewhere = from file in Repository.Files("src", ".cs")
                        let declared = Repository.ReadLines(file).Select(NamespaceIn).FirstOrDefault(name => name is not null)
                        let expected = "Sluice." + string.Join('.', file.Split('/')[1..^1])
                        where declared is not null && declared != expected
                        select $"{file}: {declared}, expected {expected}";

        Assert.Empty(elsewhere);
    }

    [Fact]
    public void No_namespace_is_declared_with_braces_and_no_file_has_regions() =>
        Assert.Empty(
            from file in Repository.Files("src", ".cs")
            from line in Repository.ReadLines(file)
            where line.TrimStart().StartsWith("#region", StringComparison.Ordinal) || BracedNamespace().IsMatch(line)
            select $"{file}: {line}");

    [Theory]
    [InlineData("public sealed class StreamManager : IThing", "StreamManager")]
    [InlineData("internal readonly record struct CodecInfo(int A);", "CodecInfo")]
    [InlineData("public readonly ref struct View", "View")]
    [InlineData("    private sealed record Pair<T>(T A, T B);", "Pair")]
    [InlineData("public enum Kind : byte", "Kind")]
    [InlineData("file interface IOne", "IOne")]
    [InlineData("// a class that says nothing", null)]
    [InlineData("/// <summary>This record struct is</summary>", null)]
    [InlineData("        var text = \"public class FooManager\";", null)]
    [InlineData("    where T : class", null)]
    public void Type_declarations_are_recognized(string line, string? name) => Assert.Equal(name, TypeNameIn(line));

    private static string? TypeNameIn(string line) =>
        TypeDeclaration().Match(line) is { Success: true } match ? match.Groups["name"].Value : null;

    private static string? NamespaceIn(string line) =>
        FileNamespace().Match(line) is { Success: true } match ? match.Groups["name"].Value : null;

    [GeneratedRegex(
        @"^\s*(?:(?:public|internal|private|protected|file|static|sealed|abstract|partial|readonly|ref|unsafe|new)\s+)*"
        + @"(?:class|interface|enum|struct|record(?:\s+(?:class|struct))?)\s+(?<name>[A-Z]\w*)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+);")]
    private static partial Regex FileNamespace();

    [GeneratedRegex(@"^namespace\s+[\w.]+\s*(?:\{|$)")]
    private static partial Regex BracedNamespace();
}
