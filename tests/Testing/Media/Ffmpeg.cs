using System.Diagnostics;
using System.Globalization;

namespace Sluice.Testing.Media;

/// <summary>The judge from outside: ffmpeg makes media for tests and says what is in ours.</summary>
public static class Ffmpeg
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
        if (exit != 0 || complaints.Length > 0) throw Failed(program, arguments, exit, complaints);
        return output;
    }

    /// <summary>Runs a program to its end.</summary>
    public static (int Exit, string Output, string Complaints) TryRun(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        process.StandardInput.Close();
        var complaints = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, complaints.Result.Trim());
    }

    /// <summary>Runs ffmpeg from pipe to pipe and gives what it wrote; throws with its complaints where it fails.</summary>
    public static byte[] Convert(byte[] input, params string[] arguments)
    {
        var (exit, output, complaints) = TryConvert(input, arguments);
        return exit == 0 ? output : throw Failed("ffmpeg", arguments, exit, complaints);
    }

    /// <summary>Runs ffmpeg from pipe to pipe. It need not read all.</summary>
    public static (int Exit, byte[] Output, string Complaints) TryConvert(byte[] input, params string[] arguments)
    {
        using var process = Start("ffmpeg", ["-hide_banner", "-loglevel", "error", .. arguments]);
        var complaints = process.StandardError.ReadToEndAsync();
        var writing = Task.Run(() =>
        {
            try
            {
                process.StandardInput.BaseStream.Write(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has ended before.
            }
        });
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        writing.Wait();
        return (process.ExitCode, output.ToArray(), complaints.Result);
    }

    /// <summary>MD5 of every decoded picture or sound frame of the first stream of a kind ('v' or 'a').</summary>
    public static string[] DecodedFrames(string file, char kind) => FramesOf(Run("ffmpeg", ["-v", "error", "-i", file, .. HashFrames(kind)]));

    /// <summary>The arguments that make ffmpeg print what <see cref="FramesOf(string)"/> reads.</summary>
    public static string[] HashFrames(char kind) => ["-map", $"0:{kind}:0", "-fps_mode", "passthrough", "-f", "framemd5", "-"];

    /// <summary>The MD5 of each frame in what ffmpeg printed of them.</summary>
    public static string[] FramesOf(string printed) => [.. printed.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(',')[^1].Trim())];

    /// <inheritdoc cref="FramesOf(string)" />
    public static string[] FramesOf(byte[] printed) => FramesOf(System.Text.Encoding.UTF8.GetString(printed));

    /// <summary>Presentation times of every packet of the first stream of a kind, in seconds, in order.</summary>
    public static double[] Times(string file, char kind) =>
        [.. Probe(file, $"{kind}:0", "packet=pts_time").Split(['\n', ','], StringSplitOptions.RemoveEmptyEntries).Select(time => double.Parse(time, CultureInfo.InvariantCulture)).Order()];

    /// <summary>Values ffprobe has for a stream's entries, in its order.</summary>
    public static string Probe(string file, string stream, string entries) =>
        Run("ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", entries, "-of", "csv=p=0", file).Trim();

    private static Process Start(string program, string[] arguments) => Process.Start(
        new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;

    private static InvalidOperationException Failed(string program, string[] arguments, int exit, string complaints) =>
        new($"{program} {string.Join(' ', arguments)}: {exit}: {complaints}");
}
