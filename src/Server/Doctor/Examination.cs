using Sluice.Server.Options;
using Sluice.Server.Startup;

namespace Sluice.Server.Doctor;

/// <summary>Everything <c>sluice doctor</c> looks at, and how it says it.</summary>
internal static class Examination
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, IReadOnlyDictionary<string, string> environment, TextWriter output)
    {
        if (!ConfigurationSources.TryBuild(args, environment, out var configuration, out var error)
            || !OptionReader.TryRead(configuration, out var options, out error))
        {
            throw new StartupException(error) { Code = ExitCode.Usage };
        }
        var findings = new List<Finding> { Finding.Ok("configuration", File.Exists(ConfigurationSources.FileName) ? ConfigurationSources.FileName : "defaults") };
        findings.AddRange(MachineChecks.Run(options, DateTimeOffset.UtcNow));
        findings.AddRange(LibraryChecks.Run(options.Transcoding));
        findings.AddRange(await RecordingChecks.RunAsync(options));
        findings.AddRange(await NetworkChecks.RunAsync(options));
        await output.WriteAsync(Table(findings));
        return findings.Any(f => f.Health == Health.Fail) ? ExitCode.Failed : ExitCode.Good;
    }

    internal static string Table(IReadOnlyList<Finding> findings)
    {
        var width = findings.Max(f => f.Subject.Length);
        var text = new System.Text.StringBuilder();
        foreach (var finding in findings)
        {
            var mark = finding.Health switch { Health.Ok => "ok  ", Health.Warn => "warn", _ => "FAIL" };
            text.Append(mark).Append("  ").Append(finding.Subject.PadRight(width)).Append("  ").AppendLine(finding.Found);
            if (finding.Remedy.Length > 0)
                text.Append(' ', width + 8).Append("-> ").AppendLine(finding.Remedy);
        }
        var faults = findings.Count(f => f.Health == Health.Fail);
        var doubts = findings.Count(f => f.Health == Health.Warn);
        text.AppendLine().AppendLine(faults == 0
            ? $"Sluice can run here{(doubts > 0 ? $"; {doubts} thing(s) could be better" : "")}."
            : $"Sluice cannot run well here: {faults} fault(s) to put right.");
        return text.ToString();
    }
}
