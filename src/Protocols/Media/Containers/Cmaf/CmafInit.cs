using System.Buffers;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>How an initialization segment is written.</summary>
public sealed class CmafInitOptions
{
    /// <summary>The defaults.</summary>
    public static CmafInitOptions Default { get; } = new();

    /// <summary>Wall-clock time for the headers; null leaves 0, so that equal tracks give equal bytes.</summary>
    public DateTime? Created { get; init; }

    /// <summary>
    /// The composition offsets are shifted so that the first picture is shown at its decoding time, negative ones included: the brand
    /// <c>cmf2</c> (ISO/IEC 23000-19 §7.2). Of no meaning with several tracks.
    /// </summary>
    public bool HasNegativeOffsets { get; init; }

    /// <summary>
    /// Leaves 16 bytes behind the file type box in which a finished recording becomes a plain file without being copied
    /// (<see cref="CmafFinish"/>).
    /// </summary>
    public bool ReservesFinish { get; init; }
}

/// <summary>
/// Writes the front of a fragmented file: file type and movie box. One track gives a CMAF header (<c>cmfc</c>); several give a file for
/// recordings, which CMAF does not know.
/// </summary>
public static class CmafInit
{
    /// <summary>The most tracks of a file.</summary>
    public const int MaxTracks = 16;

    /// <summary>
    /// A format can be written: its codec has a place in MP4 and its configuration is whole, with NAL lengths of four bytes. VP8, VP9 and
    /// Opus in stereo or mono do without a configuration.
    /// </summary>
    public static bool CanWrite(Frames.FrameFormat format) => SampleEntry.IsSupported(format);

    /// <summary>Writes the initialization segment; false, with nothing written, where a format cannot be (<see cref="CanWrite"/>).</summary>
    /// <exception cref="ArgumentException">No track or too many, or a number of 0 or used twice.</exception>
    public static bool TryWrite(ReadOnlySpan<CmafTrack> tracks, CmafInitOptions options, IBufferWriter<byte> output)
    {
        Check(tracks);
        foreach (var track in tracks)
        {
            if (!CanWrite(track.Format)) return false;
        }

        var boxes = new BoxBuilder();
        WriteFileType(boxes, tracks, options);
        if (options.ReservesFinish) CmafFinish.Reserve(boxes);
        var movie = new MovieTrack[tracks.Length];
        for (var i = 0; i < tracks.Length; i++) movie[i] = new MovieTrack(tracks[i]);
        MovieBoxes.Write(boxes, movie, options.Created);
        output.Write(boxes.Written);
        return true;
    }

    /// <summary>The initialization segment of tracks that <see cref="CanWrite"/>.</summary>
    /// <exception cref="ArgumentException">A format cannot be written, or as in <see cref="TryWrite"/>.</exception>
    public static byte[] Write(ReadOnlySpan<CmafTrack> tracks, CmafInitOptions? options = null)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        if (!TryWrite(tracks, options ?? CmafInitOptions.Default, output)) throw new ArgumentException("A format cannot be written.", nameof(tracks));
        return output.WrittenSpan.ToArray();
    }

    internal static void Check(ReadOnlySpan<CmafTrack> tracks)
    {
        if (tracks.Length is 0 or > MaxTracks) throw new ArgumentException($"A file has 1 to {MaxTracks} tracks.", nameof(tracks));
        for (var i = 0; i < tracks.Length; i++)
        {
            var id = tracks[i].Id;
            var isUsed = id == 0;
            for (var k = 0; k < i; k++) isUsed |= tracks[k].Id == id;
            if (isUsed) throw new ArgumentException($"Track number {id} is 0 or used twice.", nameof(tracks));
        }
    }

    private static void WriteFileType(BoxBuilder boxes, ReadOnlySpan<CmafTrack> tracks, CmafInitOptions options)
    {
        var ftyp = boxes.Begin(BoxType.Ftyp);
        boxes.U32(BoxType.Iso6);
        boxes.U32(0);
        boxes.U32(BoxType.Iso6);
        if (tracks.Length == 1)
        {
            boxes.U32(BoxType.Cmfc);
            if (options.HasNegativeOffsets) boxes.U32(BoxType.Cmf2);
        }
        else
        {
            boxes.U32(BoxType.Mp41);
        }

        foreach (var track in tracks)
        {
            if (track.Format.Codec != Codec.Av1) continue;
            boxes.U32(BoxType.Av01);
            break;
        }

        boxes.End(ftyp);
    }
}
