namespace Sluice.Testing.Media;

/// <summary>Test pictures and tones that ffmpeg encodes into fragmented files.</summary>
public static class TestMovie
{
    // 25 pictures a second, a key picture each second; in h264long every four, and one at the beginning in those that are as browsers send them. VP8's
    // speed is negative because libvpx takes a positive one as leave to work less carefully the busier the machine, and files would differ.
    private static readonly Dictionary<string, string> Encoders = new()
    {
        ["h264"] = "-c:v libx264 -preset ultrafast -g 25 -bf 0",
        ["h264b"] = "-c:v libx264 -preset veryfast -g 25 -bf 2",
        ["h264slices"] = "-c:v libx264 -preset veryfast -g 25 -x264-params slices=4",
        ["h264long"] = "-c:v libx264 -preset ultrafast -g 100 -bf 0",
        ["h264one"] = "-c:v libx264 -preset ultrafast -tune zerolatency -g 1000 -bf 0",
        ["vp8one"] = "-c:v libvpx -deadline realtime -cpu-used -8 -g 1000 -b:v 200k -auto-alt-ref 0",
        ["vp9one"] = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 1000 -b:v 200k",
        ["av1one"] = "-c:v libaom-av1 -cpu-used 8 -usage realtime -row-mt 1 -g 1000 -lag-in-frames 0 -b:v 200k",
        ["h265"] = "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=25 -tag:v hvc1",
        ["av1"] = "-c:v libaom-av1 -cpu-used 8 -usage realtime -row-mt 1 -g 25 -b:v 200k",
        ["vp9"] = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 25 -b:v 200k",
        ["aac"] = "-c:a aac -b:a 96k",
        ["opus"] = "-c:a libopus",
    };

    private static readonly string Folder = MakeFolder();

    /// <summary>A new path for a file, in a folder that is gone with the process.</summary>
    public static string NewPath(string name) => Path.Combine(Folder, $"{Guid.NewGuid():N}-{name}");

    /// <summary>Makes a file of codecs joined by a plus sign, and gives its path.</summary>
    public static string Make(string codecs, int seconds, string size)
    {
        var path = NewPath($"{codecs}.mp4");
        List<string> arguments = ["-v", "error", "-y"];
        var parts = codecs.Split('+');
        foreach (var part in parts)
        {
            var isSound = part is "aac" or "opus";
            arguments.AddRange(["-f", "lavfi", "-i", isSound ? $"sine=frequency=440:sample_rate=48000:duration={seconds}" : $"testsrc2=size={size}:rate=25:duration={seconds}"]);
        }

        for (var i = 0; i < parts.Length; i++) arguments.AddRange(["-map", $"{i}"]);
        foreach (var part in parts) arguments.AddRange(Encoders[part].Split(' '));

        // For AV1 ffmpeg knows the configuration only once it has seen a picture.
        var flags = codecs.Contains("av1", StringComparison.Ordinal) ? "frag_keyframe+delay_moov+default_base_moof" : "frag_keyframe+empty_moov+default_base_moof";
        arguments.AddRange(["-ac", "2", "-pix_fmt", "yuv420p", "-movflags", flags, "-frag_duration", "500000", "-strict", "-2", path]);

        // What it makes of it is judged by the file: encoders complain of many things.
        Ffmpeg.TryRun("ffmpeg", [.. arguments]);
        return path;
    }

    /// <summary>Makes a file of pictures alone in IVF, where ffmpeg has no MP4 for the codec, and gives its path.</summary>
    public static string MakeIvf(string codec, int seconds, string size)
    {
        var path = NewPath($"{codec}.ivf");
        Ffmpeg.Run("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", $"testsrc2=size={size}:rate=25:duration={seconds}", .. Encoders[codec].Split(' '), "-pix_fmt", "yuv420p", path]);
        return path;
    }

    private static string MakeFolder()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-movies-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, true);
        return folder;
    }
}
