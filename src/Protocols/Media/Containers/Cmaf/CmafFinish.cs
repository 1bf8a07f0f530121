using System.Buffers.Binary;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>Why no plain file was made.</summary>
public enum CmafFinishError : byte
{
    /// <summary>It was.</summary>
    None = 0,

    /// <summary>There is no sample, or none in the span asked for.</summary>
    Empty,

    /// <summary>A track has more samples than tables may hold in memory (2^24).</summary>
    TooLong,

    /// <summary>The file is not what its index says.</summary>
    Damaged,

    /// <summary>The file was not written with <see cref="CmafInitOptions.ReservesFinish"/>, or is finished.</summary>
    NoRoom,
}

/// <summary>
/// Makes plain files of fragmented ones: with one table of all samples, which every player and editor seeks in. Blocking; for a background
/// thread. Memory: the tables, about 10 MB for a day. Errors of the streams come as their exceptions.
/// </summary>
public static class CmafFinish
{
    internal const int ReservedLength = BoxHeader.MaxLength;

    /// <summary>
    /// Writes a copy that can be played while it is downloaded: movie box first, then the samples of all tracks by the second.
    /// </summary>
    /// <param name="source">The fragmented file; must be able to seek.</param>
    /// <param name="index">Its index.</param>
    /// <param name="output">The new file; is written from front to back.</param>
    /// <param name="created">Wall-clock time for the headers; null leaves 0.</param>
    /// <param name="cancel">Ends the copy with <see cref="OperationCanceledException"/>.</param>
    public static CmafFinishError TryCopy(
        Stream source, CmafIndex index, Stream output, DateTime? created = null, CancellationToken cancel = default)
    {
        var error = PlainMovie.TryCollect(source, index, out var movie);
        if (error == CmafFinishError.None) movie.Write(output, created, cancel);
        return error;
    }

    /// <summary>
    /// Finishes a recording where it is, without copying: what follows the last whole fragment is cut off, a movie box with all tables is
    /// put behind, and at last the reserved box becomes one that hides the fragments. The fragments stay where they are and can be served as before.
    /// A crash in between leaves the fragmented file, and finishing it again does the rest.
    /// </summary>
    /// <param name="file">The recording; must be able to seek, read and write.</param>
    /// <param name="index">Its index.</param>
    /// <param name="created">Wall-clock time for the headers; null leaves 0.</param>
    public static CmafFinishError TryFinishInPlace(Stream file, CmafIndex index, DateTime? created = null) => TryFinish(file, index, created, long.MinValue, long.MaxValue);

    /// <summary>The same for a span of the movie's time, as the fragments count it; <see cref="long.MinValue"/> to <see cref="long.MaxValue"/> is everything.</summary>
    internal static CmafFinishError TryFinish(Stream file, CmafIndex index, DateTime? created, long from, long to)
    {
        if (!TryFindRoom(file, index, out var room)) return CmafFinishError.NoRoom;
        PlainMovie movie;
        var error = from == long.MinValue ? PlainMovie.TryCollect(file, index, out movie) : PlainMovie.TryCollectAt(file, index, from, to, out movie);
        if (error != CmafFinishError.None) return error;
        var boxes = new BoxBuilder();
        MovieBoxes.Write(boxes, movie.Tracks(), created);
        file.SetLength(index.UsableLength);
        file.Position = index.UsableLength;
        file.Write(boxes.Written);
        Flush(file);

        Span<byte> header = stackalloc byte[ReservedLength];
        BinaryPrimitives.WriteUInt32BigEndian(header, 1);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], BoxType.Mdat);
        BinaryPrimitives.WriteInt64BigEndian(header[8..], index.UsableLength - room);
        file.Position = room;
        file.Write(header);
        Flush(file);
        return CmafFinishError.None;
    }

    // A box of free space, large enough for the header of a box with a 64-bit size.
    internal static void Reserve(BoxBuilder boxes)
    {
        var free = boxes.Begin(BoxType.Free);
        boxes.Zeros(ReservedLength - 8);
        boxes.End(free);
    }

    // The reserved box lies right before the movie box.
    private static bool TryFindRoom(Stream file, CmafIndex index, out long room)
    {
        room = index.InitOffset - ReservedLength;
        return room >= 0 && !index.IsFinished && CmafIndex.TryReadHeader(file, room, index.InitOffset, out var header)
            && header is { Type: BoxType.Free, Length: ReservedLength };
    }

    private static void Flush(Stream file)
    {
        if (file is FileStream onDisk)
        {
            onDisk.Flush(true);
        }
        else
        {
            file.Flush();
        }
    }
}
