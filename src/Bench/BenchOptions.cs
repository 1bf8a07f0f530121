using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Bench;

/// <summary>What <c>sluice bench fanout</c> was asked to do. Immutable.</summary>
internal sealed record BenchOptions
{
    private const int MostViewers = 20_000;

    public IReadOnlyList<Scenario> Scenarios { get; init; } = [Scenario.FanOut];

    public IReadOnlyList<int> Viewers { get; init; } = [50, 100, 200, 400];

    /// <summary>SRTP profiles of the fan-out scenario; the others take the first.</summary>
    public IReadOnlyList<SrtpProfile> Profiles { get; init; } = [SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmSha1_80];

    /// <summary>The length of a window.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(8);

    public int Windows { get; init; } = 3;

    public bool HasFloor { get; init; } = true;

    public string? JsonFile { get; init; }

    public string? SvgFile { get; init; }

    public string? ClipFile { get; init; }

    /// <summary>A server that runs already; null to start one.</summary>
    public Uri? Server { get; init; }

    public int ServerProcess { get; init; }

    /// <summary>The operator's token of a server that runs already.</summary>
    public string? Token { get; init; }

    public int HttpPort { get; init; }

    public int UdpPort { get; init; }

    /// <summary>Settings handed to the server that is started.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Reads the arguments behind <c>bench fanout</c>.</summary>
    public static bool TryParse(ReadOnlySpan<string> arguments, [NotNullWhen(true)] out BenchOptions? options, out string problem)
    {
        options = null;
        problem = "";
        var read = new BenchOptions();
        var settings = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            if (name == "--no-floor")
            {
                read = read with { HasFloor = false };
                continue;
            }

            if (IsSetting(name))
            {
                settings.Add(name);
                continue;
            }

            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                problem = $"\"{name}\" is no option.";
                return false;
            }

            var equals = name.IndexOf('=', StringComparison.Ordinal);
            string value;
            if (equals > 0)
            {
                value = name[(equals + 1)..];
                name = name[..equals];
            }
            else if (i + 1 < arguments.Length)
            {
                value = arguments[++i];
            }
            else
            {
                problem = $"{name} needs a value.";
                return false;
            }

            if (read.With(name, value, out problem) is not { } next) return false;
            read = next;
        }

        if (read.Server is null != (read.ServerProcess == 0))
        {
            problem = "--server and --pid go together: the process whose CPU is measured must be known.";
            return false;
        }

        if (read.Server is not null && read.Token is null)
        {
            problem = "--server needs --token, the operator's token, to make channels with.";
            return false;
        }

        if (read.Server is not null && settings.Count > 0)
        {
            problem = $"{settings[0]} is a setting for a server that is started here; --server names one that runs already.";
            return false;
        }

        options = read with { Settings = settings };
        return true;
    }

    // Settings of the server keep the form they have for it: --Section:Key=value.
    private static bool IsSetting(string argument) =>
        argument.Length > 3 && argument.StartsWith("--", StringComparison.Ordinal) && char.IsAsciiLetterUpper(argument[2])
        && argument.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && argument.IndexOf('=', StringComparison.Ordinal) > colon;

    private BenchOptions? With(string name, string value, out string problem)
    {
        problem = "";
        switch (name)
        {
            case "--viewers":
                if (TryNumbers(value, out var viewers)) return this with { Viewers = viewers };
                problem = $"--viewers takes rising numbers from 1 to {MostViewers} with commas between them, such as 50,100,200.";
                return null;
            case "--scenario":
                if (TryScenarios(value, out var scenarios)) return this with { Scenarios = scenarios };
                problem = $"--scenario takes all, or some of {string.Join(", ", Enum.GetNames<Scenario>()).ToLowerInvariant()}.";
                return null;
            case "--srtp":
                if (TryProfiles(value, out var profiles)) return this with { Profiles = profiles };
                problem = "--srtp takes gcm, cm, or gcm,cm.";
                return null;
            case "--seconds":
                if (TryNumber(value, 1, 3600, out var seconds)) return this with { Window = TimeSpan.FromSeconds(seconds) };
                problem = "--seconds takes a whole number from 1 to 3600, the length of one window.";
                return null;
            case "--windows":
                if (TryNumber(value, 1, 100, out var windows)) return this with { Windows = windows };
                problem = "--windows takes a whole number from 1 to 100.";
                return null;
            case "--pid":
                if (TryNumber(value, 1, int.MaxValue, out var process)) return this with { ServerProcess = process };
                problem = "--pid takes the number of the server's process.";
                return null;
            case "--server":
                if (Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return this with { Server = url };
                problem = "--server takes an address such as http://127.0.0.1:8080.";
                return null;
            case "--http-port" or "--udp-port":
                if (TryNumber(value, 0, 65535, out var port)) return name == "--http-port" ? this with { HttpPort = port } : this with { UdpPort = port };
                problem = $"{name} takes a port from 0 to 65535, where 0 picks a free one.";
                return null;
            case "--json":
                return this with { JsonFile = value };
            case "--svg":
                return this with { SvgFile = value };
            case "--clip":
                return this with { ClipFile = value };
            case "--token":
                return this with { Token = value };
            default:
                problem = $"There is no option {name}; sluice bench --help lists them.";
                return null;
        }
    }

    internal static bool TryNumber(string text, int least, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;

    private static bool TryNumbers(string text, out int[] numbers)
    {
        var parts = text.Split(',');
        numbers = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!TryNumber(parts[i], 1, MostViewers, out numbers[i]) || (i > 0 && numbers[i] <= numbers[i - 1])) return false;
        }

        return true;
    }

    private static bool TryScenarios(string text, out Scenario[] scenarios)
    {
        scenarios = Enum.GetValues<Scenario>();
        if (text == "all") return true;
        var parts = text.Split(',');
        scenarios = new Scenario[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length == 0 || !char.IsAsciiLetter(parts[i][0]) || !Enum.TryParse(parts[i], ignoreCase: true, out scenarios[i])) return false;
        }

        return true;
    }

    internal static bool TryProfiles(string text, out SrtpProfile[] profiles)
    {
        var parts = text.Split(',');
        profiles = new SrtpProfile[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            profiles[i] = parts[i] switch { "gcm" => SrtpProfile.AeadAes128Gcm, "cm" => SrtpProfile.Aes128CmSha1_80, _ => SrtpProfile.None };
            if (profiles[i] == SrtpProfile.None || Array.IndexOf(profiles, profiles[i]) < i) return false;
        }

        return true;
    }
}
