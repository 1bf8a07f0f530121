using System.Diagnostics;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Server.Tests.Recordings;

/// <summary>A frame that outlives what it was read from.</summary>
internal sealed record FootageFrame(int Track, long DecodeTime, int CompositionOffset, FrameFlags Flags, byte[] Payload);

/// <summary>Four seconds that ffmpeg made, a key picture each second, as tracks and frames in the order of time.</summary>
internal sealed record Footage(string File, FrameFormat[] Formats, FootageFrame[] Frames)
{
    private static readonly Dictionary<string, Footage> Made = [];
    private static readonly string Folder = MakeFolder();

    private static readonly Dictionary<string, string> Encoders = new()
    {
        ["h264"] = "-c:v libx264 -preset ultrafast -g 25 -bf 0",
        ["h264b"] = "-c:v libx264 -preset veryfast -g 25 -bf 2",
        ["h264long"] = "-c:v libx264 -preset ultrafast -g 100 -bf 0",
        ["h265"] = "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=25 -tag:v hvc1",
        ["av1"] = "-c:v libaom-av1 -cpu-used 8 -usage realtime -row-mt 1 -g 25 -b:v 200k",
        ["vp9"] = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 25 -b:v 200k",
        ["aac"] = "-c:a aac -b:a 96k",
        ["opus"] = "-c:a libopus",
    };

    public double Seconds(FootageFrame frame) => frame.DecodeTime / (double)Formats[frame.Track].ClockRate;

    /// <summary>The footage of codecs joined by a plus sign, made once a process.</summary>
    public static Footage Of(string codecs, string size = "192x108")
    {
        lock (Made)
        {
            var key = codecs + size;
            if (!Made.TryGetValue(key, out var footage)) Made[key] = footage = Make(codecs, size);
            return footage;
        }
    }

    /// <summary>Every frame of a fragmented file.</summary>
    public static Footage Read(string file)
    {
        using var stream = System.IO.File.OpenRead(file);
        Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(stream, out var index));
        var frames = new List<FootageFrame>();
        var times = new long[index!.Movie.Tracks.Count];
        foreach (var (offset, length) in index.Fragments.Select(f => (f.Offset, f.Length)).Distinct())
        {
            var bytes = new byte[length];
            stream.Position = offset;
            stream.ReadExactly(bytes);
            var reader = new CmafFrameReader(bytes, index.Movie, offset, times);
            while (reader.TryRead(out var track, out var frame, out _))
            {
                frames.Add(new FootageFrame(track, frame.DecodeTime, frame.CompositionOffset, frame.Flags, frame.Payload.ToArray()));
            }

            Assert.False(reader.Malformed);
        }

        var formats = index.Movie.Tracks.Select(t => t.Format).ToArray();
        return new Footage(file, formats, [.. frames.OrderBy(f => f.DecodeTime / (double)formats[f.Track].ClockRate)]);
    }

    private static Footage Make(string codecs, string size)
    {
        var path = Path.Combine(Folder, $"{codecs}-{size}.mp4");
        List<string> arguments = ["-v", "error", "-y"];
        var parts = codecs.Split('+');
        foreach (var part in parts)
        {
            var isSound = part is "aac" or "opus";
            arguments.AddRange(["-f", "lavfi", "-i", isSound ? "sine=frequency=440:sample_rate=48000:duration=4" : $"testsrc2=size={size}:rate=25:duration=4"]);
        }

        for (var i = 0; i < parts.Length; i++) arguments.AddRange(["-map", $"{i}"]);
        foreach (var part in parts) arguments.AddRange(Encoders[part].Split(' '));
        var flags = codecs.Contains("av1", StringComparison.Ordinal) ? "frag_keyframe+delay_moov+default_base_moof" : "frag_keyframe+empty_moov+default_base_moof";
        arguments.AddRange(["-ac", "2", "-pix_fmt", "yuv420p", "-movflags", flags, "-frag_duration", "500000", "-strict", "-2", path]);
        Ffmpeg.TryRun("ffmpeg", [.. arguments]);
        return Read(path);
    }

    private static string MakeFolder()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-footage-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, true);
        return folder;
    }
}

/// <summary>The judge from outside.</summary>
internal static class Ffmpeg
{
    public static bool IsInstalled { get; } = IsOnPath("ffmpeg") && IsOnPath("ffprobe");

    public static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Runs a program to its end and gives what it printed; throws where it fails or complains.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var (exit, output, complaints) = TryRun(program, arguments);
        if (exit != 0 || complaints.Length > 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {exit}: {complaints}");
        return output;
    }

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

    /// <summary>Presentation times of every packet of the first stream of a kind, in order.</summary>
    public static double[] Times(string file, char kind) =>
        [.. Probe(file, $"{kind}:0", "packet=pts_time").Split('\n').Select(line => double.Parse(line.Trim(','), System.Globalization.CultureInfo.InvariantCulture)).Order()];

    public static string Probe(string file, string stream, string entries) =>
        Run("ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", entries, "-of", "csv=p=0", file).Trim();
}

/// <summary>A fact judged by ffmpeg: skipped, and says so, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FfmpegFactAttribute : FactAttribute
{
    public FfmpegFactAttribute()
    {
        if (!Ffmpeg.IsInstalled) Skip = "ffmpeg is not installed";
    }
}

/// <summary>A theory judged by ffmpeg: skipped, and says so, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FfmpegTheoryAttribute : TheoryAttribute
{
    public FfmpegTheoryAttribute()
    {
        if (!Ffmpeg.IsInstalled) Skip = "ffmpeg is not installed";
    }
}
