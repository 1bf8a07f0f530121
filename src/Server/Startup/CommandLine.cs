using System.Collections;
using Sluice.Bench;
using Sluice.Server.Doctor;

namespace Sluice.Server.Startup;

/// <summary>The commands of <c>sluice</c>.</summary>
internal static class CommandLine
{
    private const string Help =
        """
        sluice: a live-streaming server. A browser or OBS publishes by WHIP, browsers watch by WHEP.

          sluice [serve] [SETTINGS]   starts the server in the foreground; Ctrl-C stops it
          sluice doctor [SETTINGS]    checks ports, addresses, libraries, tools and time, and says what to do
          sluice bench [ARGUMENTS]    measures what this machine carries; sluice bench --help tells more
          sluice --help               prints this
          sluice --version            prints the version

        Settings are --Section:Key=value, for example --Http:Port=80. The same keys are read from sluice.jsonc
        in the current directory (--config=FILE names another) and from the environment as SLUICE__Section__Key.
        SLUICE_ADMIN_TOKEN sets the operator's token, SLUICE_DATA the data directory.
        sluice.sample.jsonc lists every key with what is allowed.
        """;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var command = args.Length > 0 && !args[0].StartsWith('-') ? args[0] : "serve";
        var rest = args.Length > 0 && args[0] == command ? args[1..] : args;
        if (command == "bench") return await BenchCommand.RunAsync(rest, Self(), output, errors);
        if (rest.Contains("--help") || rest.Contains("-h") || command == "help")
        {
            await output.WriteLineAsync(Help);
            return ExitCode.Good;
        }
        if (rest.Contains("--version"))
        {
            await output.WriteLineAsync($"sluice {SluiceVersion.Text}");
            return ExitCode.Good;
        }
        try
        {
            switch (command)
            {
                case "serve":
                    return await ServeAsync(rest, output);
                case "doctor":
                    return await Examination.RunAsync(rest, Environment(), output);
                default:
                    await errors.WriteLineAsync($"sluice: there is no command \"{command}\"; sluice --help lists them.");
                    return ExitCode.Usage;
            }
        }
        catch (StartupException failure)
        {
            await errors.WriteLineAsync($"sluice: {failure.Message}");
            return failure.Code;
        }
    }

    internal static Dictionary<string, string> Environment()
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            all[(string)entry.Key] = (string?)entry.Value ?? "";
        return all;
    }

    // The file that was started: this program, or the runtime with this program's library.
    private static string[] Self()
    {
        var process = System.Environment.ProcessPath ?? "sluice";
        var isRuntime = Path.GetFileNameWithoutExtension(process) == "dotnet";
        return isRuntime ? [process, typeof(CommandLine).Assembly.Location] : [process];
    }

    private static async Task<int> ServeAsync(string[] args, TextWriter output)
    {
        await using var host = SluiceHost.Build(args, Environment());
        await host.StartAsync();
        await output.WriteAsync(host.Welcome.ToText());
        await output.FlushAsync();
        await host.WaitAsync();
        await output.WriteLineAsync("Sluice has stopped.");
        return ExitCode.Good;
    }
}
