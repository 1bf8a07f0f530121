using System.Runtime.InteropServices;
using Sluice.Storage.Sqlite;

namespace Sluice.Server.Doctor;

/// <summary>Native libraries that must be there, and tools that some features want.</summary>
internal static class LibraryChecks
{
    private const int VersionText = 0;

    public static IEnumerable<Finding> Run()
    {
        yield return Sqlite();
        yield return OpenSsl();
        yield return Tool("ffmpeg", "needed for transcoding and thumbnails");
        yield return Tool("ffprobe", "needed for checking recordings");
        yield return Tool("chromium", "only for the browser tests");
    }

    private static Finding Sqlite()
    {
        try
        {
            return Finding.Ok("SQLite", SystemSqlite.Version());
        }
        catch (DllNotFoundException failure)
        {
            return Finding.Fail("SQLite", failure.Message, "apt-get install libsqlite3-0");
        }
    }

    private static unsafe Finding OpenSsl()
    {
        if (!NativeLibrary.TryLoad("libssl.so.3", out _) || !NativeLibrary.TryLoad("libcrypto.so.3", out var crypto))
            return Finding.Fail("OpenSSL", "libssl.so.3 is not installed", "apt-get install libssl3 (libssl3t64 on newer Debian); WebRTC's DTLS needs it.");
        var version = (delegate* unmanaged<int, byte*>)NativeLibrary.GetExport(crypto, "OpenSSL_version");
        return Finding.Ok("OpenSSL", Marshal.PtrToStringUTF8((nint)version(VersionText)) ?? "3");
    }

    internal static Finding Tool(string name, string use)
    {
        foreach (var directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Path.Combine(directory, name);
            if (File.Exists(path))
                return Finding.Ok(name, path);
        }
        return Finding.Warn(name, $"not installed; {use}", $"apt-get install {(name == "ffprobe" ? "ffmpeg" : name)}");
    }
}
