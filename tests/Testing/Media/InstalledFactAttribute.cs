using Xunit;

namespace Sluice.Testing.Media;

/// <summary>A fact about a program: skipped, and says so by name, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InstalledFactAttribute : FactAttribute
{
    /// <summary>Looks whether it is there.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="elements">Elements of GStreamer it needs.</param>
    public InstalledFactAttribute(string program, params string[] elements)
    {
        if (!Ffmpeg.IsOnPath(program)) Skip = $"{program} is not installed";
        else if (elements.Length > 0 && !Ffmpeg.IsOnPath("gst-inspect-1.0")) Skip = "gst-inspect-1.0 is not installed";
        else if (Array.Find(elements, e => Ffmpeg.TryRun("gst-inspect-1.0", "--exists", e).Exit != 0) is { } missing) Skip = $"GStreamer's {missing} is not installed";
    }
}
