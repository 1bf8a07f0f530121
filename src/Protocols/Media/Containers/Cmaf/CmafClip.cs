namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>Cuts a span out of a fragmented file into a new plain one, without coding anything anew.</summary>
public static class CmafClip
{
    /// <summary>
    /// Writes the span. Pictures are taken from the last key picture at or before its start; an edit list makes players begin exactly at the start. The
    /// end may lie behind the file's.
    /// </summary>
    /// <param name="source">The fragmented file; must be able to seek.</param>
    /// <param name="index">Its index.</param>
    /// <param name="start">Where it begins, from the file's earliest sound or picture.</param>
    /// <param name="end">Where it ends; <see cref="TimeSpan.MaxValue"/> for the file's end.</param>
    /// <param name="output">The new file; is written from front to back.</param>
    /// <param name="created">Wall-clock time for the headers; null leaves 0.</param>
    /// <param name="cancel">Ends the copy with <see cref="OperationCanceledException"/>.</param>
    /// <returns>An error, with nothing written, where there is nothing to cut.</returns>
    public static CmafFinishError TryWrite(
        Stream source, CmafIndex index, TimeSpan start, TimeSpan end, Stream output, DateTime? created = null, CancellationToken cancel = default)
    {
        if (start < TimeSpan.Zero || end <= start) return CmafFinishError.Empty;
        var last = end == TimeSpan.MaxValue ? long.MaxValue : ToTicks(end);
        var error = PlainMovie.TryCollect(source, index, ToTicks(start), last, out var movie);
        if (error == CmafFinishError.None) movie.Write(output, created, cancel);
        return error;
    }

    private static long ToTicks(TimeSpan time) => (long)((Int128)time.Ticks * MovieBoxes.Timescale / TimeSpan.TicksPerSecond);
}
