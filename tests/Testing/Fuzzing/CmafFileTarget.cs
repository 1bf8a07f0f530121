using Sluice.Protocols.Media.Containers.Cmaf;

namespace Sluice.Testing.Fuzzing;

/// <summary>A fragmented MP4 file: its index, its frames, a plain copy, and what is left of it when it is cut.</summary>
public static class CmafFileTarget
{
    // What one byte of input may cost in memory: tables of a few runs for each sample, and the buffers that double.
    private const long BytesPerByte = 200;
    private const long BytesAtLeast = 1 << 20;

    /// <summary>Runs one file.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        using var file = new MemoryStream(input.ToArray());
        var before = GC.GetAllocatedBytesForCurrentThread();
        if (CmafIndex.TryOpen(file, out var index) != CmafOpenError.None) return;
        var spent = GC.GetAllocatedBytesForCurrentThread() - before;
        FuzzAssert.That(spent <= BytesAtLeast + BytesPerByte * input.Length, "memory is bounded by the file's length");
        FuzzAssert.That(index!.UsableLength <= input.Length && index.InitOffset + index.InitLength <= index.UsableLength, "what is usable lies in the file");

        CheckFragments(input, index);
        CheckCut(input, index);
        CheckCopy(file, index, input.Length);
        CheckFormats(index.Movie);
    }

    private static void CheckFragments(ReadOnlySpan<byte> input, CmafIndex index)
    {
        Span<long> times = stackalloc long[CmafInit.MaxTracks];
        Span<int> frames = stackalloc int[CmafInit.MaxTracks];
        var end = index.InitOffset + index.InitLength;
        for (var i = 0; i < index.Fragments.Count;)
        {
            var first = index.Fragments[i];
            FuzzAssert.That(first.Offset >= end && first.End <= index.UsableLength, "fragments lie one behind the other");
            end = first.End;
            frames.Clear();
            var count = 0;
            for (; i < index.Fragments.Count && index.Fragments[i].Offset == first.Offset; i++)
            {
                var part = index.Fragments[i];
                FuzzAssert.That(part.Frames > 0 && part.Duration >= 0 && part.Length == first.Length, "a part of a fragment has frames");
                times[part.Track] = part.DecodeTime;
                frames[part.Track] = part.Frames;
                count += part.Frames;
            }

            var reader = new CmafFrameReader(input.Slice((int)first.Offset, (int)first.Length), index.Movie, first.Offset, times);
            var payload = 0L;
            while (reader.TryRead(out var track, out var frame, out _))
            {
                frames[track]--;
                count--;
                payload += frame.Payload.Length;
                FuzzAssert.That(ReferenceEquals(frame.Format, index.Movie.Tracks[track].Format), "a frame is of its track's format");
            }

            FuzzAssert.That(!reader.Malformed && count == 0 && !frames.ContainsAnyExcept(0), "the frames are those of the index");
            FuzzAssert.That(payload <= first.Length, "frames do not overlap");
        }
    }

    // Cut where it is usable, a file has the same fragments; cut one byte before, one less.
    private static void CheckCut(ReadOnlySpan<byte> input, CmafIndex index)
    {
        if (index.IsFinished || index.Fragments.Count == 0) return;
        var usable = (int)index.UsableLength;
        using var whole = new MemoryStream(input[..usable].ToArray());
        FuzzAssert.That(CmafIndex.TryOpen(whole, out var same) == CmafOpenError.None && same!.Fragments.SequenceEqual(index.Fragments), "what is usable is used");
        using var cut = new MemoryStream(input[..(usable - 1)].ToArray());
        FuzzAssert.That(CmafIndex.TryOpen(cut, out var less) == CmafOpenError.None, "a cut file opens");
        var left = index.Fragments.Count(fragment => fragment.End < usable);
        FuzzAssert.That(less!.Fragments.SequenceEqual(index.Fragments.Take(left)), "half a fragment is none");
    }

    private static void CheckCopy(MemoryStream file, CmafIndex index, int length)
    {
        using var output = new MemoryStream();
        var error = CmafFinish.TryCopy(file, index, output);
        FuzzAssert.That(error is CmafFinishError.None or CmafFinishError.Empty, "what was indexed can be copied");
        FuzzAssert.That(error == CmafFinishError.None == index.Fragments.Count > 0, "a copy has all there is");
        if (error != CmafFinishError.None) return;
        FuzzAssert.That(CmafIndex.TryOpen(output, out _) == CmafOpenError.NotFragmented, "a copy is a plain file");
        FuzzAssert.That(output.Length < BytesAtLeast + BytesPerByte * length, "a copy is about as long as the file");
    }

    // What files leave unsaid (a level, a size) is filled in when it is written; from then on nothing changes any more.
    private static void CheckFormats(CmafMovie movie)
    {
        var written = CmafInit.Write([.. movie.Tracks]);
        FuzzAssert.That(CmafMovie.TryParse(written, out var again), "what is written can be read");
        FuzzAssert.That(again!.Tracks.Count == movie.Tracks.Count, "every track that is read can be written");
        FuzzAssert.That(CmafInit.Write([.. again.Tracks]).AsSpan().SequenceEqual(written), "tracks come back as they were written");
        for (var i = 0; i < movie.Tracks.Count; i++)
        {
            var (before, after) = (movie.Tracks[i], again.Tracks[i]);
            FuzzAssert.That((before.Id, before.Language) == (after.Id, after.Language), "a track keeps its name");
            FuzzAssert.That((before.Format.Codec, before.Format.ClockRate) == (after.Format.Codec, after.Format.ClockRate), "a track keeps codec and clock");
            FuzzAssert.That(CodecStrings.Of(before.Format).Length > 0, "a format that is read has a name");
        }
    }
}
