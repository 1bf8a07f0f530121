using Xunit;

namespace Sluice.Testing.Media;

/// <summary>A fact that needs ffmpeg: skipped, and says so, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FfmpegFactAttribute : FactAttribute
{
    /// <summary>Looks whether it is there.</summary>
    public FfmpegFactAttribute()
    {
        if (!Ffmpeg.IsInstalled) Skip = "ffmpeg is not installed";
    }
}

/// <summary>A theory that needs ffmpeg: skipped, and says so, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FfmpegTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks whether it is there.</summary>
    public FfmpegTheoryAttribute()
    {
        if (!Ffmpeg.IsInstalled) Skip = "ffmpeg is not installed";
    }
}
