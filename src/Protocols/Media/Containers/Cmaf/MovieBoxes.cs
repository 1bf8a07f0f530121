namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>One entry of an edit list.</summary>
/// <param name="Duration">How long it is shown, in <see cref="MovieBoxes.Timescale"/>; 0 in a fragmented file means to the end.</param>
/// <param name="MediaTime">The track's own time it begins at, in the track's ticks; -1 for nothing.</param>
internal readonly record struct TrackEdit(long Duration, long MediaTime);

/// <summary>A track as the movie box describes it.</summary>
/// <param name="Track">Its number and format.</param>
internal sealed record MovieTrack(CmafTrack Track)
{
    /// <summary>Its samples' tables; null in a fragmented file, whose fragments tell.</summary>
    public SampleTables? Tables { get; init; }

    /// <summary>How its time is laid out on the movie's; empty where one to one.</summary>
    public TrackEdit[] Edits { get; init; } = [];

    /// <summary>Duration on the movie's time line in <see cref="MovieBoxes.Timescale"/>; 0 in a fragmented file.</summary>
    public long Duration { get; init; }
}

/// <summary>Writes the movie box (ISO/IEC 14496-12 §8.2.1), for fragmented and for plain files.</summary>
internal static class MovieBoxes
{
    /// <summary>Ticks of a second on the movie's own time line.</summary>
    public const int Timescale = 90_000;

    private static readonly DateTime Epoch = new(1904, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Writes the whole box.</summary>
    /// <param name="boxes">Where to.</param>
    /// <param name="tracks">The tracks, in the order of the file.</param>
    /// <param name="created">Wall-clock time for the headers; null leaves 0.</param>
    /// <param name="chunkBase">What is added to every chunk's place.</param>
    public static void Write(BoxBuilder boxes, ReadOnlySpan<MovieTrack> tracks, DateTime? created, long chunkBase = 0)
    {
        var time = created is { } at ? (ulong)Math.Max(0, (at - Epoch).TotalSeconds) : 0;
        long duration = 0;
        uint last = 0;
        foreach (var track in tracks)
        {
            duration = Math.Max(duration, track.Duration);
            last = Math.Max(last, track.Track.Id);
        }

        var moov = boxes.Begin(BoxType.Moov);
        var header = boxes.Begin(BoxType.Mvhd, Version(duration));
        WriteTimes(boxes, time, Timescale, duration);
        boxes.U32(0x0001_0000); // rate
        boxes.U16(0x0100); // volume
        boxes.Zeros(10);
        WriteMatrix(boxes);
        boxes.Zeros(24);
        boxes.U32(last == uint.MaxValue ? last : last + 1); // next_track_ID
        boxes.End(header);
        foreach (var track in tracks) WriteTrack(boxes, track, time, chunkBase);
        if (tracks.Length > 0 && tracks[0].Tables is null) WriteExtends(boxes, tracks);
        boxes.End(moov);
    }

    private static byte Version(long duration) => (byte)(duration > uint.MaxValue ? 1 : 0);

    // creation, modification, timescale, duration of mvhd and mdhd
    private static void WriteTimes(BoxBuilder boxes, ulong time, uint timescale, long duration)
    {
        if (Version(duration) == 1)
        {
            boxes.U64(time);
            boxes.U64(time);
            boxes.U32(timescale);
            boxes.U64((ulong)duration);
            return;
        }

        boxes.U32((uint)time);
        boxes.U32((uint)time);
        boxes.U32(timescale);
        boxes.U32((uint)duration);
    }

    private static void WriteMatrix(BoxBuilder boxes)
    {
        for (var i = 0; i < 9; i++) boxes.U32(i == 8 ? 0x4000_0000u : i % 4 == 0 ? 0x0001_0000u : 0);
    }

    private static void WriteTrack(BoxBuilder boxes, MovieTrack movie, ulong time, long chunkBase)
    {
        var track = movie.Track;
        var isVideo = track.Format.Kind == MediaKind.Video;
        var trak = boxes.Begin(BoxType.Trak);
        WriteTrackHeader(boxes, movie, time, isVideo);
        if (movie.Edits.Length > 0) WriteEdits(boxes, movie.Edits);

        var mdia = boxes.Begin(BoxType.Mdia);
        var mediaDuration = movie.Tables?.Duration ?? 0;
        var mdhd = boxes.Begin(BoxType.Mdhd, Version(mediaDuration));
        WriteTimes(boxes, time, (uint)track.Format.ClockRate, mediaDuration);
        boxes.U16(Language(track.Language));
        boxes.U16(0);
        boxes.End(mdhd);
        var hdlr = boxes.Begin(BoxType.Hdlr, 0);
        boxes.U32(0);
        boxes.U32(isVideo ? BoxType.Vide : BoxType.Soun);
        boxes.Zeros(12);
        boxes.Text(isVideo ? "Video" : "Sound");
        boxes.End(hdlr);

        var minf = boxes.Begin(BoxType.Minf);
        var media = isVideo ? boxes.Begin(BoxType.Vmhd, 0, 1) : boxes.Begin(BoxType.Smhd, 0);
        boxes.Zeros(isVideo ? 8 : 4);
        boxes.End(media);
        var dinf = boxes.Begin(BoxType.Dinf);
        var dref = boxes.Begin(BoxType.Dref, 0);
        boxes.U32(1);
        boxes.End(boxes.Begin(BoxType.Url, 0, 1)); // the samples are in this file
        boxes.End(dref);
        boxes.End(dinf);
        WriteSampleTable(boxes, movie, chunkBase);
        boxes.End(minf);
        boxes.End(mdia);
        boxes.End(trak);
    }

    private static void WriteTrackHeader(BoxBuilder boxes, MovieTrack movie, ulong time, bool isVideo)
    {
        var version = Version(movie.Duration);
        var tkhd = boxes.Begin(BoxType.Tkhd, version, 3); // enabled, in the movie
        if (version == 1)
        {
            boxes.U64(time);
            boxes.U64(time);
            boxes.U32(movie.Track.Id);
            boxes.U32(0);
            boxes.U64((ulong)movie.Duration);
        }
        else
        {
            boxes.U32((uint)time);
            boxes.U32((uint)time);
            boxes.U32(movie.Track.Id);
            boxes.U32(0);
            boxes.U32((uint)movie.Duration);
        }

        boxes.Zeros(8);
        boxes.U16(0); // layer
        boxes.U16(isVideo ? 0 : 1); // alternate_group: one sound at a time
        boxes.U16(isVideo ? 0 : 0x0100); // volume
        boxes.U16(0);
        WriteMatrix(boxes);
        var width = 0u;
        var height = 0u;
        if (isVideo)
        {
            var (size, sampleWidth, sampleHeight) = SampleEntry.PictureOf(movie.Track.Format);
            width = (uint)Math.Min(uint.MaxValue, ((ulong)size.Width << 16) * (ulong)sampleWidth / (ulong)sampleHeight);
            height = (uint)size.Height << 16;
        }

        boxes.U32(width);
        boxes.U32(height);
        boxes.End(tkhd);
    }

    private static void WriteEdits(BoxBuilder boxes, TrackEdit[] edits)
    {
        var edts = boxes.Begin(BoxType.Edts);
        var elst = boxes.Begin(BoxType.Elst, 1);
        boxes.U32((uint)edits.Length);
        foreach (var edit in edits)
        {
            boxes.U64((ulong)edit.Duration);
            boxes.U64((ulong)edit.MediaTime);
            boxes.U32(0x0001_0000); // at normal speed
        }

        boxes.End(elst);
        boxes.End(edts);
    }

    private static void WriteSampleTable(BoxBuilder boxes, MovieTrack movie, long chunkBase)
    {
        var stbl = boxes.Begin(BoxType.Stbl);
        var stsd = boxes.Begin(BoxType.Stsd, 0);
        boxes.U32(1);
        SampleEntry.Write(boxes, movie.Track.Format);
        boxes.End(stsd);
        if (movie.Tables is { } tables)
        {
            tables.Write(boxes, chunkBase);
        }
        else
        {
            WriteEmpty(boxes, BoxType.Stts, 4);
            WriteEmpty(boxes, BoxType.Stsc, 4);
            WriteEmpty(boxes, BoxType.Stsz, 8);
            WriteEmpty(boxes, BoxType.Stco, 4);
        }

        boxes.End(stbl);
    }

    private static void WriteEmpty(BoxBuilder boxes, uint type, int length)
    {
        var box = boxes.Begin(type, 0);
        boxes.Zeros(length);
        boxes.End(box);
    }

    private static void WriteExtends(BoxBuilder boxes, ReadOnlySpan<MovieTrack> tracks)
    {
        var mvex = boxes.Begin(BoxType.Mvex);
        foreach (var track in tracks)
        {
            var trex = boxes.Begin(BoxType.Trex, 0);
            boxes.U32(track.Track.Id);
            boxes.U32(1); // default_sample_description_index
            boxes.U32(0);
            boxes.U32(0);
            boxes.U32(track.Track.Format.Kind == MediaKind.Video ? SampleFlags.Delta : SampleFlags.Sync);
            boxes.End(trex);
        }

        boxes.End(mvex);
    }

    // Three letters of five bits (§8.4.2.3); what is no code of that kind becomes "und".
    private static int Language(string code)
    {
        if (code is not [>= 'a' and <= 'z', >= 'a' and <= 'z', >= 'a' and <= 'z']) code = "und";
        return (code[0] - 0x60) << 10 | (code[1] - 0x60) << 5 | (code[2] - 0x60);
    }
}
