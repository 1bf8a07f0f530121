using System.Runtime.InteropServices;
using Sluice.Storage.Sqlite;
using Sluice.Workers.Transcoding;

namespace Sluice.Server.Doctor;

/// <summary>Native libraries that must be there, and tools that some features want.</summary>
internal static class LibraryChecks
{
    private const int VersionText = 0;

    public static IEnumerable<Finding> Run(TranscodingOptions transcoding)
    {
        yield return Sqlite();
        yield return OpenSsl();
        yield return Converter(transcoding);
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

    internal static Finding Converter(TranscodingOptions options)
    {
        const string Remedy = "apt-get install ffmpeg";
        if (!options.IsEnabled) return Finding.Ok("ffmpeg", "not looked for: Transcoding:Enabled is false");
        if (FfmpegTool.Probe(options.FfmpegPath) is not { } tool)
        {
            return Finding.Warn("ffmpeg", $"'{options.FfmpegPath}' does not run: AAC is silent and B-frames are black for WebRTC viewers, no thumbnails", Remedy);
        }

        var missing = new List<string>();
        if (!tool.EncodesOpus) missing.Add("libopus");
        if (!tool.EncodesAac) missing.Add("aac");
        if (!tool.EncodesH264) missing.Add("libx264");
        return missing.Count == 0
            ? Finding.Ok("ffmpeg", $"{tool.Path} {tool.Version}")
            : Finding.Warn("ffmpeg", $"{tool.Path} {tool.Version} cannot encode with {string.Join(", ", missing)}", $"{Remedy} brings one that can.");
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
