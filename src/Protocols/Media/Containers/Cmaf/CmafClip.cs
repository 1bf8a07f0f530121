using System.Buffers;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>
/// Cuts a span out of a fragmented file into a new one, without coding anything anew. The new file is what <see cref="CmafFinish.TryFinishInPlace"/> makes: plain for those
/// who play it whole, with its fragments where they can be served one by one.
/// </summary>
public static class CmafClip
{
    // Tracks of one file may run so far apart.
    private const int LargestSkew = 10;

    /// <summary>
    /// Writes the span. Pictures are taken from the fragment before that decoding can begin with; an edit list makes players of the plain file begin exactly at the
    /// start. The end may lie behind the file's. Memory: the largest fragment and the tables.
    /// </summary>
    /// <param name="source">The fragmented file; must be able to seek.</param>
    /// <param name="index">Its index.</param>
    /// <param name="start">Where it begins, from the file's earliest sound or picture.</param>
    /// <param name="end">Where it ends; <see cref="TimeSpan.MaxValue"/> for the file's end.</param>
    /// <param name="output">The new file, empty; must be able to seek, read and write.</param>
    /// <param name="created">Wall-clock time for the headers; null leaves 0.</param>
    /// <param name="cancel">Ends the copy with <see cref="OperationCanceledException"/>.</param>
    /// <returns>An error, with nothing written, where there is nothing to cut.</returns>
    public static CmafFinishError TryWrite(
        Stream source, CmafIndex index, TimeSpan start, TimeSpan end, Stream output, DateTime? created = null, CancellationToken cancel = default)
    {
        if (start < TimeSpan.Zero || end <= start) return CmafFinishError.Empty;
        var origin = Timeline.OriginOf(index);
        var from = origin + ToTicks(start);
        var to = end == TimeSpan.MaxValue ? long.MaxValue : origin + ToTicks(end);
        var error = PlainMovie.TryCollectAt(source, index, from, to, out _);
        if (error != CmafFinishError.None) return error;

        CmafTrack[] tracks = [.. index.Movie.Tracks];
        var lead = Math.Max(0, Array.FindIndex(tracks, t => t.Format.Kind == MediaKind.Video));
        var first = index.FindBefore(lead, ToTrack(index, lead, from), tracks[lead].Format.Kind == MediaKind.Video);
        if (first < 0) first = 0;

        // The new file's zero: nothing before it can be decoded.
        var begin = index.Fragments[first];
        var zero = Timeline.ToMovie(begin.DecodeTime + index.Movie.ShiftOf(begin.Track), tracks[begin.Track].Format.ClockRate);
        var front = new ArrayBufferWriter<byte>(1024);
        if (!CmafInit.TryWrite(tracks, new CmafInitOptions { Created = created, ReservesFinish = true }, front)) return CmafFinishError.Damaged;
        output.Write(front.WrittenSpan);
        error = TryCopy(source, index, first, zero, to, output, cancel);
        if (error != CmafFinishError.None) return error;
        if (CmafIndex.TryOpen(output, out var written) != CmafOpenError.None) return CmafFinishError.Damaged;
        return CmafFinish.TryFinish(output, written!, created, from - zero, to == long.MaxValue ? long.MaxValue : to - zero);
    }

    private static CmafFinishError TryCopy(Stream source, CmafIndex index, int first, long zero, long to, Stream output, CancellationToken cancel)
    {
        var movie = index.Movie;
        var writer = new CmafFragmentWriter([.. movie.Tracks]);
        var made = new ArrayBufferWriter<byte>(64 * 1024);
        var times = new long[movie.Tracks.Count];
        byte[] bytes = [];
        for (var i = first; i < index.Fragments.Count;)
        {
            cancel.ThrowIfCancellationRequested();
            var fragment = index.Fragments[i];
            if (fragment.DecodeTime - (long)LargestSkew * movie.Tracks[fragment.Track].Format.ClockRate > ToTrack(index, fragment.Track, to)) break;
            for (; i < index.Fragments.Count && index.Fragments[i].Offset == fragment.Offset; i++) times[index.Fragments[i].Track] = index.Fragments[i].DecodeTime;
            if (bytes.Length < fragment.Length) bytes = new byte[fragment.Length + fragment.Length / 4];
            var whole = bytes.AsSpan(0, (int)fragment.Length);
            if (!CmafIndex.TryReadAt(source, fragment.Offset, whole)) return CmafFinishError.Damaged;
            var reader = new CmafFrameReader(whole, movie, fragment.Offset, times);
            while (reader.TryRead(out var track, out var frame, out var duration))
            {
                var end = ToTrack(index, track, to);
                var time = frame.DecodeTime + movie.ShiftOf(track) - Timeline.FromMovie(zero, movie.Tracks[track].Format.ClockRate);
                if (time < 0 || (frame.DecodeTime >= end && frame.PresentationTime >= end)) continue;
                var moved = frame.At(time, frame.CompositionOffset);
                if (writer.TryAdd(track, in moved, (int)Math.Min(duration, int.MaxValue)) != FragmentAdd.Full) continue;
                Flush(writer, made, output);
                writer.TryAdd(track, in moved, (int)Math.Min(duration, int.MaxValue));
            }

            if (reader.Malformed) return CmafFinishError.Damaged;
            Flush(writer, made, output);
        }

        return CmafFinishError.None;
    }

    private static void Flush(CmafFragmentWriter writer, ArrayBufferWriter<byte> made, Stream output)
    {
        writer.Write(made);
        output.Write(made.WrittenSpan);
        made.ResetWrittenCount();
    }

    // A track's own time at a time of the movie.
    private static long ToTrack(CmafIndex index, int track, long time) =>
        time == long.MaxValue ? long.MaxValue : Timeline.FromMovie(time, index.Movie.Tracks[track].Format.ClockRate) - index.Movie.ShiftOf(track);

    private static long ToTicks(TimeSpan time) => (long)((Int128)time.Ticks * MovieBoxes.Timescale / TimeSpan.TicksPerSecond);
}
