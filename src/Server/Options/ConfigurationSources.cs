using System.Text.Json;

namespace Sluice.Server.Options;

/// <summary>Where settings come from, later ones winning: the file, the environment, the command line.</summary>
internal static class ConfigurationSources
{
    public const string FileName = "sluice.jsonc";
    private const string Prefix = "SLUICE__";

    /// <summary>Reads the sources; false with a sentence where one of them cannot be read at all.</summary>
    public static bool TryBuild(
        IReadOnlyList<string> args, IReadOnlyDictionary<string, string> environment, out IConfigurationRoot configuration, out string error)
    {
        configuration = new ConfigurationBuilder().Build();
        var file = Path.GetFullPath(FileName);
        var required = false;
        var fromArgs = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < args.Count; i++)
        {
            if (!TrySplit(args, ref i, out var key, out var value, out error))
                return false;
            if (key.Equals("config", StringComparison.OrdinalIgnoreCase))
            {
                file = Path.GetFullPath(value);
                required = true;
            }
            else
            {
                fromArgs[key] = value;
            }
        }
        if (required && !File.Exists(file))
        {
            error = $"--config names {file}, which does not exist.";
            return false;
        }
        var started = false;
        try
        {
            configuration = new ConfigurationBuilder()
                .AddJsonFile(source =>
                {
                    source.Path = file;
                    source.Optional = true;
                    source.ReloadOnChange = true;
                    source.ReloadDelay = 200;
                    source.ResolveFileProvider();
                    // A file that is half written while it is edited: the options stay as they are.
                    source.OnLoadException = context => context.Ignore = started;
                })
                .AddInMemoryCollection(FromEnvironment(environment))
                .AddInMemoryCollection(fromArgs)
                .Build();
        }
        catch (Exception failure) when (failure is InvalidDataException or FormatException or JsonException or IOException or UnauthorizedAccessException)
        {
            error = $"{file} cannot be read: {(failure.InnerException ?? failure).Message}";
            return false;
        }
        started = true;
        error = "";
        return true;
    }

    private static bool TrySplit(IReadOnlyList<string> args, ref int i, out string key, out string value, out string error)
    {
        (key, value, error) = ("", "", "");
        var text = args[i];
        if (!text.StartsWith("--", StringComparison.Ordinal))
        {
            error = $"\"{text}\" is not understood; settings are written --Section:Key=value, and sluice --help lists the commands.";
            return false;
        }
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0)
        {
            (key, value) = (text[2..equals], text[(equals + 1)..]);
            return true;
        }
        if (i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
        {
            (key, value) = (text[2..], args[++i]);
            return true;
        }
        error = $"{text} has no value; write {text}=value.";
        return false;
    }

    private static Dictionary<string, string?> FromEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        var found = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in environment)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                found[name[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal)] = value;
        }
        // The two that everybody sets have short names.
        if (environment.TryGetValue("SLUICE_ADMIN_TOKEN", out var token))
            found["Admin:Token"] = token;
        if (environment.TryGetValue("SLUICE_DATA", out var data) && data.Length > 0)
            found["Data:Directory"] = data;
        return found;
    }
}
