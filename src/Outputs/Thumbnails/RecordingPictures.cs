using System.Globalization;
using System.Text;
using Sluice.Control.Pictures;
using Sluice.Control.Recordings;
using Sluice.Outputs.Recordings;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;

namespace Sluice.Outputs.Thumbnails;

/// <summary>
/// Pictures of recordings: a poster, and a sheet of small ones for the bar on which a viewer seeks, made of key pictures once a part is finished. They lie beside
/// the part's file, and go with it.
/// </summary>
public sealed class RecordingPictures(RecordingLibrary library, PictureQueue queue, Func<ThumbnailOptions> options)
{
    private const int Columns = 10;
    private const int MaxPictures = 100;

    /// <summary>Makes what is missing for the finished parts of a recording.</summary>
    public void Enqueue(Recording recording)
    {
        if (!options().Enabled) return;
        foreach (var part in recording.Parts)
        {
            if (part is not { State: PartState.Finished, IsLocal: true }) continue;
            var file = library.FileOf(recording.ChannelId, recording.Id, part.Number);
            TimeSpan? shown = recording.ClipOf is null ? null : part.Duration;
            if (!File.Exists(SheetOf(file))) queue.TryPost(decoder => Make(decoder, file, options(), shown));
        }
    }

    /// <summary>The file of a part's poster; null where there is none.</summary>
    public string? Poster(Recording recording, int number) => Existing(PosterOf(library.FileOf(recording.ChannelId, recording.Id, number)));

    /// <summary>The file of a part's sheet; null where there is none.</summary>
    public string? Sheet(Recording recording, int number) => Existing(SheetOf(library.FileOf(recording.ChannelId, recording.Id, number)));

    /// <summary>
    /// Where on the sheets the picture of each time is, as WebVTT with fragments of media addresses; null where there are no sheets.
    /// </summary>
    /// <param name="recording">The recording.</param>
    /// <param name="query">What every address gets behind it.</param>
    public string? Track(Recording recording, string query)
    {
        var text = new StringBuilder("WEBVTT\n");
        var begin = TimeSpan.Zero;
        var any = false;
        foreach (var part in recording.Parts)
        {
            var sheet = Layout.TryRead(LayoutOf(library.FileOf(recording.ChannelId, recording.Id, part.Number)));
            for (var i = 0; i < (sheet?.Times.Count ?? 0); i++)
            {
                any = true;
                var from = begin + (i == 0 ? TimeSpan.Zero : sheet!.Times[i]);
                var to = begin + (i + 1 < sheet!.Times.Count ? sheet.Times[i + 1] : part.Duration);
                if (to <= from) continue;
                text.Append(CultureInfo.InvariantCulture, $"\n{Stamp(from)} --> {Stamp(to)}\n{part.Number}/sprite.jpg{query}");
                text.Append(CultureInfo.InvariantCulture, $"#xywh={i % Columns * sheet.Width},{i / Columns * sheet.Height},{sheet.Width},{sheet.Height}\n");
            }

            begin += part.Duration;
        }

        return any ? text.ToString() : null;
    }

    internal static string PosterOf(string file) => Path.ChangeExtension(file, ".poster.jpg");

    internal static string SheetOf(string file) => Path.ChangeExtension(file, ".sprite.jpg");

    internal static string LayoutOf(string file) => Path.ChangeExtension(file, ".sprite.txt");

    /// <param name="decoder">Decodes.</param>
    /// <param name="path">The part's file.</param>
    /// <param name="options">How.</param>
    /// <param name="shown">How much of the file is shown, to its end; null where all is.</param>
    internal static void Make(IPictureDecoder decoder, string path, ThumbnailOptions options, TimeSpan? shown = null)
    {
        using var file = Open(path);
        if (file is null || CmafIndex.TryOpen(file, out var index) != CmafOpenError.None) return;
        var track = index!.Movie.Tracks.ToList().FindIndex(t => t.Format.Kind == MediaKind.Video);
        if (track < 0) return;
        var format = index.Movie.Tracks[track].Format;
        var chosen = Choose(index, track, options.Interval);
        var times = new List<TimeSpan>();
        var lead = shown is { } length ? PartFinisher.LeadOf(index, length) : TimeSpan.Zero;
        var first = PictureMovie.TryBegin(format);
        var movie = PictureMovie.TryBegin(format);
        if (first is null || movie is null) return;
        foreach (var fragment in chosen)
        {
            if (!TryAddFirst(file, index, fragment, track, movie)) continue;
            if (times.Count == 0) TryAddFirst(file, index, fragment, track, first);
            var time = TimeSpan.FromSeconds((double)fragment.PresentationTime / format.ClockRate) - lead;
            times.Add(time > TimeSpan.Zero ? time : TimeSpan.Zero);
        }

        if (times.Count == 0) return;
        if (decoder.Decode(first.Bytes, new PictureSheet(options.Width)) is { } poster) Write(PosterOf(path), poster);
        var size = format.Resolution;
        var height = size.IsEmpty ? options.SmallWidth * 9 / 16 / 2 * 2 : Math.Max(2, (int)((long)options.SmallWidth * size.Height / size.Width / 2 * 2));
        var rows = (times.Count + Columns - 1) / Columns;
        if (decoder.Decode(movie.Bytes, new PictureSheet(options.SmallWidth, height, Columns, rows)) is not { } sheet) return;
        Write(LayoutOf(path), Encoding.ASCII.GetBytes(new Layout(options.SmallWidth, height, times).ToText()));
        Write(SheetOf(path), sheet);
    }

    private static FileStream? Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static List<CmafFragment> Choose(CmafIndex index, int track, TimeSpan interval)
    {
        var all = index.Fragments.Where(f => f.Track == track && f.IsIndependent).ToList();
        if (all.Count == 0) return all;
        double rate = index.Movie.Tracks[track].Format.ClockRate;
        var length = (all[^1].DecodeTime + all[^1].Duration) / rate;
        var step = Math.Max(interval.TotalSeconds, length / MaxPictures);
        var chosen = new List<CmafFragment>();
        foreach (var fragment in all)
        {
            if (chosen.Count < MaxPictures && fragment.DecodeTime / rate >= chosen.Count * step) chosen.Add(fragment);
        }

        return chosen;
    }

    private static bool TryAddFirst(FileStream file, CmafIndex index, CmafFragment fragment, int track, PictureMovie movie)
    {
        var bytes = new byte[fragment.Length];
        file.Position = fragment.Offset;
        if (file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) return false;
        var reader = new CmafFrameReader(bytes, index.Movie, fragment.Offset, new long[index.Movie.Tracks.Count]);
        while (reader.TryRead(out var at, out var frame, out _))
        {
            if (at == track) return movie.TryAdd(in frame);
        }

        return false;
    }

    private static void Write(string path, byte[] bytes)
    {
        var unfinished = path + RecordingLibrary.UnfinishedExtension;
        File.WriteAllBytes(unfinished, bytes);
        File.Move(unfinished, path, overwrite: true);
    }

    private static string? Existing(string path) => File.Exists(path) ? path : null;

    private static string Stamp(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:D2}:{time.Minutes:D2}:{time.Seconds:D2}.{time.Milliseconds:D3}");

    /// <summary>Where pictures are on a sheet: their size, and the time of each.</summary>
    private sealed record Layout(int Width, int Height, IReadOnlyList<TimeSpan> Times)
    {
        public static Layout? TryRead(string path)
        {
            if (!File.Exists(path)) return null;
            var lines = File.ReadAllLines(path);
            if (lines.Length < 3 || !int.TryParse(lines[0], CultureInfo.InvariantCulture, out var width)
                || !int.TryParse(lines[1], CultureInfo.InvariantCulture, out var height)) return null;
            var times = new List<TimeSpan>();
            foreach (var line in lines.Skip(2))
            {
                if (!long.TryParse(line, CultureInfo.InvariantCulture, out var milliseconds)) return null;
                times.Add(TimeSpan.FromMilliseconds(milliseconds));
            }

            return new Layout(width, height, times);
        }

        public string ToText() => string.Join('\n',
            new[] { Width, Height }.Select(n => n.ToString(CultureInfo.InvariantCulture))
                .Concat(Times.Select(t => ((long)t.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)))) + "\n";
    }
}
