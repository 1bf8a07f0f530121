using System.Diagnostics;
using System.Globalization;
using Sluice.Workers.Transcoding;

namespace Sluice.Workers.Tests.Transcoding;

/// <summary>The real converter, for what tests feed and for judging what came out.</summary>
internal static class Ffmpeg
{
    private static readonly Lazy<FfmpegTool?> Found = new(() => FfmpegTool.Probe("ffmpeg"));

    public static FfmpegTool? Tool => Found.Value;

    /// <summary>Runs it to the end and gives back what it wrote.</summary>
    public static byte[] Run(byte[] input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Tool!.Path) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-hide_banner", "-loglevel", "error", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var writing = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        });
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        writing.Wait();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.ToArray();
    }

    public static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A test that needs the converter; skipped by name where the machine has none.</summary>
internal sealed class FfmpegFactAttribute : FactAttribute
{
    public FfmpegFactAttribute() => Skip = Ffmpeg.Tool is null ? "needs ffmpeg" : null;
}

/// <summary>As above, with cases.</summary>
internal sealed class FfmpegTheoryAttribute : TheoryAttribute
{
    public FfmpegTheoryAttribute() => Skip = Ffmpeg.Tool is null ? "needs ffmpeg" : null;
}
