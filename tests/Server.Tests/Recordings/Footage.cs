using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Testing.Media;

namespace Sluice.Server.Tests.Recordings;

/// <summary>A frame that outlives what it was read from.</summary>
internal sealed record FootageFrame(int Track, long DecodeTime, int CompositionOffset, FrameFlags Flags, byte[] Payload);

/// <summary>Four seconds that ffmpeg made, a key picture each second, as tracks and frames in the order of time.</summary>
internal sealed record Footage(string File, FrameFormat[] Formats, FootageFrame[] Frames)
{
    private static readonly Dictionary<string, Footage> Made = [];

    public double Seconds(FootageFrame frame) => frame.DecodeTime / (double)Formats[frame.Track].ClockRate;

    /// <summary>The footage of codecs joined by a plus sign, made once a process.</summary>
    public static Footage Of(string codecs, string size = "192x108")
    {
        lock (Made)
        {
            var key = codecs + size;
            if (!Made.TryGetValue(key, out var footage)) Made[key] = footage = codecs.StartsWith("vp8", StringComparison.Ordinal) ? OfVp8(codecs, size) : Read(TestMovie.Make(codecs, seconds: 4, size));
            return footage;
        }
    }

    private static Footage OfVp8(string codecs, string size)
    {
        var plus = codecs.IndexOf('+');
        var sound = Of(codecs[(plus + 1)..]);
        var path = TestMovie.MakeIvf(codecs[..plus], seconds: 4, size);
        var bytes = System.IO.File.ReadAllBytes(path);
        var frames = new List<FootageFrame>();
        for (var at = 32; at < bytes.Length;)
        {
            var length = BitConverter.ToInt32(bytes, at);
            var payload = bytes[(at + 12)..(at + 12 + length)];
            frames.Add(new FootageFrame(0, frames.Count * 3600L, 0, (payload[0] & 1) == 0 ? FrameFlags.Keyframe : FrameFlags.None, payload));
            at += 12 + length;
        }

        var sides = size.Split('x').Select(int.Parse).ToArray();
        var format = new FrameFormat(Codec.Vp8, 90_000, 0, new Resolution(sides[0], sides[1]), []);
        return new Footage(path, [format, sound.Formats[0]], [.. frames.Concat(sound.Frames.Select(f => f with { Track = 1 }))]);
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
}
