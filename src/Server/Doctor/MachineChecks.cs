using System.Globalization;
using System.Runtime.InteropServices;
using Sluice.Server.Options;
using Sluice.Server.Site;
using Sluice.Server.Startup;

namespace Sluice.Server.Doctor;

/// <summary>The machine itself: versions, time, the data directory, limits of the kernel.</summary>
internal static class MachineChecks
{
    // Room for a burst of a hundred viewers' packets; the kernel doubles what is asked for.
    private const int GoodSocketBuffer = 2_500_000;
    private const int GoodFileLimit = 4096;

    public static IEnumerable<Finding> Run(SluiceOptions options, DateTimeOffset now)
    {
        yield return Finding.Ok("versions", $"sluice {SluiceVersion.Text}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores");
        yield return Clock(now, new DateTimeOffset(File.GetLastWriteTimeUtc(typeof(MachineChecks).Assembly.Location), TimeSpan.Zero));
        yield return DataDirectory(options.DataDirectory);
        yield return SiteDirectory.Find(options.Http.SiteDirectory) is { } site
            ? Finding.Ok("site", site)
            : Finding.Warn("site", "not built", "cd web && npm ci && npm run build, or set Http:SiteDirectory; the API works without it.");
        if (!OperatingSystem.IsLinux())
            yield break;
        foreach (var name in new[] { "rmem_max", "wmem_max" })
            yield return SocketBuffer(name);
        yield return FileLimit();
    }

    internal static Finding Clock(DateTimeOffset now, DateTimeOffset builtAt) => now < builtAt.AddDays(-1)
        ? Finding.Fail("clock", $"{now:u} is before this program was built ({builtAt:u})", "Set the time: timedatectl set-ntp true. Certificates and tokens depend on it.")
        : Finding.Ok("clock", now.ToString("u", CultureInfo.InvariantCulture));

    internal static Finding DataDirectory(string directory) => Writable("data directory", directory, "SLUICE_DATA or Data:Directory");

    /// <summary>A folder can be written to; what had to be made for trying is taken away again.</summary>
    internal static Finding Writable(string subject, string directory, string key)
    {
        var path = Path.GetFullPath(directory);
        var probe = Path.Combine(path, $".doctor-{Environment.ProcessId}");
        var made = path;
        while (Path.GetDirectoryName(made) is { } parent && !Directory.Exists(parent)) made = parent;
        var existed = Directory.Exists(path);
        try
        {
            Directory.CreateDirectory(path);
            File.WriteAllText(probe, "");
            File.Delete(probe);
            for (var folder = path; !existed; folder = Path.GetDirectoryName(folder)!)
            {
                Directory.Delete(folder);
                existed = folder == made;
            }
            return Finding.Ok(subject, path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Finding.Fail(subject, failure.Message, $"Make {path} writable, or choose another with {key}.");
        }
    }

    private static Finding SocketBuffer(string name)
    {
        var path = $"/proc/sys/net/core/{name}";
        if (!File.Exists(path) || !int.TryParse(File.ReadAllText(path), out var bytes))
            return Finding.Ok($"net.core.{name}", "not readable here");
        return bytes >= GoodSocketBuffer
            ? Finding.Ok($"net.core.{name}", $"{bytes} bytes")
            : Finding.Warn($"net.core.{name}", $"{bytes} bytes are few for many viewers", $"sysctl -w net.core.{name}={GoodSocketBuffer}");
    }

    private static Finding FileLimit()
    {
        foreach (var line in File.ReadLines("/proc/self/limits"))
        {
            if (!line.StartsWith("Max open files", StringComparison.Ordinal))
                continue;
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            // .NET raises the soft limit to the hard one, so the hard one counts.
            if (words.Length > 4 && int.TryParse(words[4], out var hard) && hard < GoodFileLimit)
                return Finding.Warn("open files", $"at most {hard}", "Raise it: ulimit -n 65536, or LimitNOFILE=65536 in the unit file.");
            return Finding.Ok("open files", $"at most {words[4]}");
        }
        return Finding.Ok("open files", "no limit named");
    }
}
