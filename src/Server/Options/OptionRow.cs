namespace Sluice.Server.Options;

/// <summary>
/// One key of the configuration: what is allowed, whether a running node can take a new value, and how the text becomes a setting.
/// </summary>
/// <param name="Key">Its name, sections divided by colons; array elements and their members follow it.</param>
/// <param name="Allowed">What is allowed, as the end of the sentence "{key} must be ...".</param>
/// <param name="Live">True where a changed value is taken while running.</param>
/// <param name="Apply">The options with the value set, or null where it is not allowed.</param>
internal sealed record OptionRow(string Key, string Allowed, bool Live, Func<SluiceOptions, OptionValue, SluiceOptions?> Apply)
{
    /// <summary>True where the value is a list, so that <c>Key:0</c> and its members belong to it.</summary>
    public bool IsList { get; init; }

    /// <summary>Member names of the list's elements where those are objects.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];

    /// <summary>True where a value must not be printed.</summary>
    public bool IsSecret { get; init; }
}

/// <summary>A value as the configuration has it: one text, a list of texts, or a list of objects.</summary>
internal sealed record OptionValue(string? Text, IReadOnlyList<string> List, IReadOnlyList<IReadOnlyDictionary<string, string>> Objects);
