using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Testing.Media;

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

/// <summary>Two seconds that ffmpeg made, as tracks and frames.</summary>
internal sealed record Clip(string File, CmafTrack[] Tracks, KeptFrame[] Frames)
{
    private static readonly Dictionary<string, Clip> Made = [];

    /// <summary>The clip of a codec or of several joined by a plus sign, made once a process.</summary>
    public static Clip Of(string codecs)
    {
        lock (Made)
        {
            if (!Made.TryGetValue(codecs, out var clip)) Made[codecs] = clip = Read(TestMovie.Make(codecs, seconds: 2, "192x108"));
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
}
