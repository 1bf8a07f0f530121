using System.Diagnostics;

namespace Sluice.Protocols.Tests.Media.Containers;

/// <summary>The judge from outside: ffmpeg makes files for the reader and says what is in the writer's.</summary>
internal static class Ffmpeg
{
    /// <summary>True where both programs are there.</summary>
    public static bool IsInstalled { get; } = IsOnPath("ffmpeg") && IsOnPath("ffprobe");

    /// <summary>True where the file is found along PATH.</summary>
    public static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Runs a program to its end and gives what it printed; throws with its complaints where it fails or complains.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var (exit, output, complaints) = TryRun(program, arguments);
        if (exit != 0 || complaints.Length > 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {exit}: {complaints}");
        return output;
    }

    /// <summary>Runs a program to its end.</summary>
    public static (int Exit, string Output, string Complaints) TryRun(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var complaints = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, complaints.Result.Trim());
    }

    /// <summary>MD5 of every decoded picture or sound frame of the first stream of a kind ('v' or 'a').</summary>
    public static string[] DecodedFrames(string file, char kind) =>
        [.. Run("ffmpeg", "-v", "error", "-i", file, "-map", $"0:{kind}:0", "-fps_mode", "passthrough", "-f", "framemd5", "-")
            .Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(',')[^1].Trim())];

    /// <summary>Values ffprobe has for a stream's entries, in its order.</summary>
    public static string Probe(string file, string stream, string entries) =>
        Run("ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", entries, "-of", "csv=p=0", file).Trim();
}

/// <summary>A fact judged by ffmpeg: skipped, and says so, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FfmpegFactAttribute : FactAttribute
{
    /// <inheritdoc />
    public FfmpegFactAttribute()
    {
        if (!Ffmpeg.IsInstalled) Skip = "ffmpeg is not installed";
    }
}

/// <summary>A theory judged by ffmpeg: skipped, and says so, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FfmpegTheoryAttribute : TheoryAttribute
{
    /// <inheritdoc />
    public FfmpegTheoryAttribute()
    {
        if (!Ffmpeg.IsInstalled) Skip = "ffmpeg is not installed";
    }
}
