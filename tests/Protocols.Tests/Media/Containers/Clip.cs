using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Tests.Media.Containers;

/// <summary>A frame that outlives what it was read from.</summary>
internal sealed record KeptFrame(int Track, long DecodeTime, int CompositionOffset, FrameFlags Flags, long Duration, byte[] Payload)
{
    public Frame ToFrame(FrameFormat format) => new()
    {
        Format = format, DecodeTime = DecodeTime, CompositionOffset = CompositionOffset, Flags = Flags, Payload = Payload,
    };

    public bool SameAs(KeptFrame other) => Track == other.Track && DecodeTime == other.DecodeTime && CompositionOffset == other.CompositionOffset
        && Flags == other.Flags && Payload.AsSpan().SequenceEqual(other.Payload);
}

/// <summary>A short clip that ffmpeg made, as tracks and frames.</summary>
internal sealed record Clip(string File, CmafTrack[] Tracks, KeptFrame[] Frames)
{
    private static readonly Dictionary<string, Clip> Made = [];

    /// <summary>What ffmpeg is told for each codec; two seconds of 25 pictures, a key picture each second.</summary>
    private static readonly Dictionary<string, string> Encoders = new()
    {
        ["h264"] = "-c:v libx264 -preset ultrafast -g 25 -bf 0",
        ["h264b"] = "-c:v libx264 -preset veryfast -g 25 -bf 2",
        ["h265"] = "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=25 -tag:v hvc1",
        ["av1"] = "-c:v libaom-av1 -cpu-used 8 -usage realtime -row-mt 1 -g 25 -b:v 200k",
        ["vp9"] = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 25 -b:v 200k",
        ["aac"] = "-c:a aac",
        ["opus"] = "-c:a libopus",
    };

    /// <summary>The clip of a codec or of several joined by a plus sign, made once a process.</summary>
    public static Clip Of(string codecs)
    {
        lock (Made)
        {
            if (!Made.TryGetValue(codecs, out var clip)) Made[codecs] = clip = Make(codecs);
            return clip;
        }
    }

    /// <summary>Reads a fragmented file with the reader under test.</summary>
    public static Clip Read(string file)
    {
        using var stream = System.IO.File.OpenRead(file);
        Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(stream, out var index));
        return new Clip(file, [.. index!.Movie.Tracks], FramesOf(stream, index));
    }

    /// <summary>All frames of a file by its index.</summary>
    public static KeptFrame[] FramesOf(Stream stream, CmafIndex index)
    {
        var frames = new List<KeptFrame>();
        var times = new long[index.Movie.Tracks.Count];
        var last = -1L;
        foreach (var fragment in index.Fragments)
        {
            if (fragment.Offset == last) continue;
            last = fragment.Offset;
            var bytes = new byte[fragment.Length];
            stream.Position = fragment.Offset;
            stream.ReadExactly(bytes);
            Keep(bytes, index.Movie, fragment.Offset, times, frames);
        }

        return [.. frames];
    }

    /// <summary>Adds the frames of one fragment to a list.</summary>
    public static void Keep(ReadOnlySpan<byte> bytes, CmafMovie movie, long offset, Span<long> times, List<KeptFrame> frames)
    {
        var reader = new CmafFrameReader(bytes, movie, offset, times);
        while (reader.TryRead(out var track, out var frame, out var duration))
        {
            frames.Add(new KeptFrame(track, frame.DecodeTime, frame.CompositionOffset, frame.Flags, duration, frame.Payload.ToArray()));
        }

        Assert.False(reader.Malformed);
    }

    /// <summary>A new path for a file, in a folder that is gone with the tests.</summary>
    public static string NewPath(string name) => Path.Combine(Folder, $"{Guid.NewGuid():N}-{name}");

    private static readonly string Folder = MakeFolder();

    private static string MakeFolder()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-cmaf-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, true);
        return folder;
    }

    private static Clip Make(string codecs)
    {
        var path = NewPath($"{codecs}.mp4");
        List<string> arguments = ["-v", "error", "-y"];
        var parts = codecs.Split('+');
        foreach (var part in parts)
        {
            var isSound = part is "aac" or "opus";
            arguments.AddRange(["-f", "lavfi", "-i", isSound ? "sine=frequency=440:sample_rate=48000:duration=2" : "testsrc2=size=192x108:rate=25:duration=2"]);
        }

        for (var i = 0; i < parts.Length; i++) arguments.AddRange(["-map", $"{i}"]);
        foreach (var part in parts) arguments.AddRange(Encoders[part].Split(' '));
        arguments.AddRange(["-ac", "2", "-pix_fmt", "yuv420p", "-movflags", Flags(codecs), "-frag_duration", "500000", "-strict", "-2", path]);
        Ffmpeg.TryRun("ffmpeg", [.. arguments]);
        return Read(path);
    }

    // For AV1 ffmpeg knows the configuration only once it has seen a picture.
    private static string Flags(string codecs) =>
        codecs.Contains("av1") ? "frag_keyframe+delay_moov+default_base_moof" : "frag_keyframe+empty_moov+default_base_moof";
}
