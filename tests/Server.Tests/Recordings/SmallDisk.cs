using Sluice.Testing.Media;

namespace Sluice.Server.Tests.Recordings;

/// <summary>A disk of 300 kB, in memory, while it is held.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>Mounts one; null where this machine does not let us.</summary>
    public static SmallDisk? TryMount()
    {
        if (!Ffmpeg.IsOnPath("mount")) return null;
        var folder = Directory.CreateTempSubdirectory("sluice-small-disk-").FullName;
        if (Ffmpeg.TryRun("mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", folder).Exit == 0) return new SmallDisk(folder);
        Directory.Delete(folder);
        return null;
    }

    public void Dispose()
    {
        Ffmpeg.Run("umount", "-l", Folder);
        Directory.Delete(Folder);
    }
}

/// <summary>A fact about a disk that fills: skipped, and says so, where none can be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> CanMount = new(() =>
    {
        using var disk = SmallDisk.TryMount();
        return disk is not null;
    });

    public SmallDiskFactAttribute()
    {
        if (!Ffmpeg.IsInstalled) Skip = "ffmpeg is not installed";
        else if (!CanMount.Value) Skip = "mounting a file system is not allowed here";
    }
}
