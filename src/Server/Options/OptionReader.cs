namespace Sluice.Server.Options;

/// <summary>Turns configuration into options, or says in one sentence which key is wrong and what is allowed.</summary>
internal static class OptionReader
{
    public static bool TryRead(IConfiguration configuration, out SluiceOptions options, out string error)
    {
        options = new SluiceOptions();
        error = FindUnknown(configuration) ?? "";
        if (error.Length > 0)
            return false;
        foreach (var row in OptionTable.Rows)
        {
            var section = configuration.GetSection(row.Key);
            if (!section.Exists())
                continue;
            var value = Value(section, row);
            var applied = value is null ? null : row.Apply(options, value);
            if (applied is null)
            {
                var given = row.IsSecret || section.Value is null ? "" : $", not \"{section.Value}\"";
                error = $"{row.Key} must be {row.Allowed}{given}.";
                return false;
            }
            options = applied;
        }
        return true;
    }

    /// <summary>Every given value, to see later what a reload changed.</summary>
    public static IReadOnlyDictionary<string, string> Snapshot(IConfiguration configuration) =>
        configuration.AsEnumerable().Where(pair => pair.Value is not null)
            .ToDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.OrdinalIgnoreCase);

    /// <summary>The keys that differ between two snapshots and that only a restart can change.</summary>
    public static IReadOnlyList<string> NeedRestart(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
    {
        var keys = new List<string>();
        foreach (var row in OptionTable.Rows)
        {
            if (!row.Live && Of(before, row.Key) != Of(after, row.Key))
                keys.Add(row.Key);
        }
        return keys;
    }

    private static string Of(IReadOnlyDictionary<string, string> snapshot, string key) =>
        string.Join('\n', snapshot.Where(pair => pair.Key.Equals(key, StringComparison.OrdinalIgnoreCase)
            || pair.Key.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)).OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase).Select(pair => $"{pair.Key}={pair.Value}"));

    private static OptionValue? Value(IConfigurationSection section, OptionRow row)
    {
        var children = section.GetChildren().ToList();
        if (!row.IsList)
            return children.Count == 0 ? new OptionValue(section.Value, [], []) : null;
        if (row.Members.Count > 0)
        {
            if (!string.IsNullOrEmpty(section.Value))
                return null;
            return new OptionValue(null, [], [.. children.Select(Members)]);
        }
        // A list fits one environment variable as text with commas.
        var texts = children.Count > 0 ? children.Select(c => c.Value ?? "") : (section.Value ?? "").Split(',');
        return new OptionValue(null, [.. texts.Select(t => t.Trim()).Where(t => t.Length > 0)], []);
    }

    private static Dictionary<string, string> Members(IConfigurationSection element) =>
        element.GetChildren().ToDictionary(m => m.Key, m => m.Value ?? "", StringComparer.OrdinalIgnoreCase);

    private static string? FindUnknown(IConfiguration configuration)
    {
        foreach (var (path, value) in configuration.AsEnumerable())
        {
            // Sections have no value of their own; an empty list is a key with an empty value.
            if (value is null || IsKnown(path))
                continue;
            var near = Nearest(path);
            return $"{path} is not a setting of sluice; "
                + (near is null ? "see sluice.sample.jsonc for every key there is." : $"did you mean {near}? sluice.sample.jsonc lists every key.");
        }
        return null;
    }

    private static bool IsKnown(string path)
    {
        foreach (var row in OptionTable.Rows)
        {
            if (path.Equals(row.Key, StringComparison.OrdinalIgnoreCase))
                return true;
            if (!row.IsList || !path.StartsWith(row.Key + ":", StringComparison.OrdinalIgnoreCase))
                continue;
            var rest = path[(row.Key.Length + 1)..].Split(':');
            var isElement = int.TryParse(rest[0], out _);
            if (isElement && (rest.Length == 1 || (rest.Length == 2 && row.Members.Contains(rest[1], StringComparer.OrdinalIgnoreCase))))
                return true;
        }
        return false;
    }

    private static string? Nearest(string path)
    {
        var best = OptionTable.Rows.MinBy(row => Distance(row.Key.ToLowerInvariant(), path.ToLowerInvariant()))!;
        return Distance(best.Key.ToLowerInvariant(), path.ToLowerInvariant()) <= 4 ? best.Key : null;
    }

    private static int Distance(string a, string b)
    {
        if (b.Length > 128)
            return int.MaxValue;
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}
