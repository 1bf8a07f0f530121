using System.ComponentModel;
using System.Diagnostics;

namespace Sluice.Workers.Transcoding;

/// <summary>The converter found on this machine, and what it can encode.</summary>
/// <param name="Path">The executable.</param>
/// <param name="Wrapper">
/// What it is run through, so that forwarding comes first and no child outlives the server: a session of its own, lower priority, death with its parent. Empty where
/// the system has no such programs; then the end of its input ends a child.
/// </param>
/// <param name="Version">What it calls itself.</param>
/// <param name="EncodesOpus">It has libopus.</param>
/// <param name="EncodesAac">It has an AAC encoder.</param>
/// <param name="EncodesH264">It has libx264.</param>
public sealed record FfmpegTool(string Path, IReadOnlyList<string> Wrapper, string Version, bool EncodesOpus, bool EncodesAac, bool EncodesH264)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Looks for the converter and asks it what it can do; blocks for a moment. Null where there is none that runs.</summary>
    public static FfmpegTool? Probe(string path)
    {
        if (Find(path) is not { } found) return null;
        var wrapper = FindWrapper();
        if (TryRun(wrapper, found) is not { } said)
        {
            wrapper = [];
            said = TryRun(wrapper, found);
        }

        if (said is null || !said.Contains("Encoders:", StringComparison.Ordinal)) return null;
        return new FfmpegTool(found, wrapper, VersionOf(said), Has(said, "libopus"), Has(said, "aac"), Has(said, "libx264"));
    }

    private static bool Has(string encoders, string name) => encoders.Contains($" {name} ", StringComparison.Ordinal);

    private static string VersionOf(string said)
    {
        // "ffmpeg version 5.1.9-0+deb12u1 Copyright ..."
        var words = said.AsSpan(0, Math.Max(0, said.IndexOf('\n'))).ToString().Split(' ');
        return words.Length > 2 ? words[2] : "unknown";
    }

    private static List<string> FindWrapper()
    {
        var wrapper = new List<string>();
        if (!OperatingSystem.IsLinux()) return wrapper;
        if (Find("setsid") is { } setsid) wrapper.Add(setsid);
        if (Find("nice") is { } nice) wrapper.AddRange([nice, "-n", "5"]);
        if (Find("setpriv") is { } setpriv) wrapper.AddRange([setpriv, "--pdeathsig", "KILL"]);
        return wrapper;
    }

    private static string? Find(string name)
    {
        if (name.Contains(System.IO.Path.DirectorySeparatorChar)) return File.Exists(name) ? System.IO.Path.GetFullPath(name) : null;
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var path = System.IO.Path.Combine(folder, OperatingSystem.IsWindows() && !name.EndsWith(".exe", StringComparison.Ordinal) ? name + ".exe" : name);
            if (File.Exists(path)) return path;
        }

        return null;
    }

    private static string? TryRun(IReadOnlyList<string> wrapper, string path)
    {
        try
        {
            using var process = Process.Start(ChildProcess.Describe(wrapper, path, ["-encoders"]))!;
            process.StandardInput.Close();

            // It introduces itself on the one and lists on the other.
            var greeting = process.StandardError.ReadToEndAsync();
            var listing = process.StandardOutput.ReadToEndAsync();
            if (Task.WaitAll([greeting, listing], Patience) && process.WaitForExit(Patience))
                return process.ExitCode == 0 ? $"{greeting.Result}\n{listing.Result}" : null;
            process.Kill();
            return null;
        }
        catch (Exception failure) when (failure is Win32Exception or InvalidOperationException or IOException)
        {
            return null;
        }
    }
}
