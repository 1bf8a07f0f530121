using System.Diagnostics;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>A fact about programs: skipped, and says so by name, where one is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class InstalledFactAttribute : FactAttribute
{
    public InstalledFactAttribute(string program, params string[] elements)
    {
        if (!Path.Exists($"/usr/bin/{program}")) Skip = $"{program} is not installed";
        foreach (var element in elements)
        {
            if (Skip is not null) return;
            if (!Path.Exists("/usr/bin/gst-inspect-1.0"))
            {
                Skip = "gst-inspect-1.0 is not installed";
                return;
            }

            using var process = Process.Start(new ProcessStartInfo("gst-inspect-1.0", $"--exists {element}") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            if (process.ExitCode != 0) Skip = $"GStreamer's {element} is not installed";
        }
    }
}
