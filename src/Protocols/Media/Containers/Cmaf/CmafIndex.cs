namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>Why a file could not be opened.</summary>
public enum CmafOpenError : byte
{
    /// <summary>It was.</summary>
    None = 0,

    /// <summary>Its movie box is missing, cut off or too large: nothing of it can be played.</summary>
    NoMovie,

    /// <summary>It has no track of a codec Sluice knows.</summary>
    NoTracks,

    /// <summary>It is a plain file: no fragments follow.</summary>
    NotFragmented,
}

/// <summary>What one track has in one fragment.</summary>
/// <param name="Offset">Where the fragment begins: its <c>moof</c> or what goes before it (<c>styp</c>, <c>prft</c>, <c>emsg</c>).</param>
/// <param name="Length">Bytes to the end of its <c>mdat</c>.</param>
/// <param name="Track">The track's place in the movie.</param>
/// <param name="DecodeTime">Decoding time of the track's first frame there.</param>
/// <param name="Duration">Duration of its frames there.</param>
/// <param name="PresentationTime">The earliest time one of them is shown.</param>
/// <param name="Frames">How many they are.</param>
/// <param name="IsIndependent">Decoding can begin at the first.</param>
public readonly record struct CmafFragment(
    long Offset, long Length, int Track, long DecodeTime, long Duration, long PresentationTime, int Frames, bool IsIndependent)
{
    /// <summary>Where the fragment ends.</summary>
    public long End => Offset + Length;
}

/// <summary>
/// Where the fragments of a file lie, made by reading only what describes them. A file cut off anywhere has all fragments that are whole;
/// one that is still written to can be read on. Not thread-safe; the list it gives is only ever added to.
/// </summary>
public sealed class CmafIndex
{
    /// <summary>The largest <c>moov</c> or <c>moof</c> that is read.</summary>
    public const int MaxHead = 16 * 1024 * 1024;

    /// <summary>The most entries kept; what comes behind them is not indexed.</summary>
    public const int MaxFragments = 1 << 21;

    private readonly List<CmafFragment> _fragments = [];
    private readonly long[] _times;
    private readonly long _limit; // where the fragments end for sure; a finished file has the plain file's boxes there
    private byte[] _head = [];
    private long _moofBegin;
    private int _moofHeader;

    private CmafIndex(CmafMovie movie, long initOffset, long initLength, long limit)
    {
        Movie = movie;
        InitOffset = initOffset;
        InitLength = initLength;
        UsableLength = initOffset + initLength;
        _limit = limit;
        _times = new long[movie.Tracks.Count];
    }

    /// <summary>The tracks.</summary>
    public CmafMovie Movie { get; }

    /// <summary>Where the initialization segment's movie box begins; for a finished file it lies within another box, and is played from there all the same.</summary>
    public long InitOffset { get; }

    /// <summary>Bytes of the movie box.</summary>
    public long InitLength { get; }

    /// <summary>One entry for each track of each whole fragment, in the order of the file.</summary>
    public IReadOnlyList<CmafFragment> Fragments => _fragments;

    /// <summary>The end of the last whole fragment, or of the movie box where there is none: what a file cut off there keeps, it plays.</summary>
    public long UsableLength { get; private set; }

    /// <summary>The file was made a plain one (<see cref="CmafFinish"/>) and has nothing to be read on.</summary>
    public bool IsFinished => _limit != long.MaxValue;

    /// <summary>Opens a file and reads all fragments it has.</summary>
    /// <param name="file">The file; must be able to seek. Its position changes.</param>
    /// <param name="index">The index; null where it could not be made.</param>
    public static CmafOpenError TryOpen(Stream file, out CmafIndex? index)
    {
        index = null;
        if (!TryFindMovie(file, out var at, out var length, out var limit)) return CmafOpenError.NoMovie;
        var bytes = new byte[length];
        if (!TryReadAt(file, at, bytes) || !CmafMovie.TryParse(bytes, out var movie)) return CmafOpenError.NoMovie;
        if (!movie.IsFragmented) return CmafOpenError.NotFragmented;
        if (movie.Tracks.Count == 0) return CmafOpenError.NoTracks;
        index = new CmafIndex(movie, at, length, limit);
        index.ReadOn(file);
        return CmafOpenError.None;
    }

    /// <summary>Reads the fragments that were appended since.</summary>
    /// <param name="file">The file. Its position changes.</param>
    public void ReadOn(Stream file)
    {
        var end = Math.Min(file.Length, _limit);
        var at = UsableLength;
        var begin = at;
        var moofLength = 0;
        while (_fragments.Count < MaxFragments - CmafInit.MaxTracks && TryReadHeader(file, at, end, out var header))
        {
            if (header.Length == 0) return; // a box that ends with the file: nothing says that it is whole
            var boxEnd = at + header.Length;
            if (header.Type == BoxType.Moof)
            {
                if (header.Length > MaxHead || !TryReadHead(file, at, (int)header.Length)) return;
                if (moofLength > 0) begin = at; // the one before has no samples: it is no fragment
                moofLength = (int)header.Length;
                _moofBegin = at;
                _moofHeader = header.HeaderLength;
            }
            else if (header.Type == BoxType.Mdat)
            {
                if (moofLength > 0 && !TryAdd(_head.AsSpan(_moofHeader, moofLength - _moofHeader), begin, boxEnd)) return;
                if (moofLength > 0) UsableLength = boxEnd;
                begin = boxEnd;
                moofLength = 0;
            }

            at = boxEnd;
        }
    }

    /// <summary>
    /// The last fragment of a track in which something is shown at or before a time; with sync only one at which decoding can begin. The
    /// first of the track where none is; -1 where the track has none.
    /// </summary>
    /// <param name="track">The track's place in the movie.</param>
    /// <param name="time">Presentation time in its ticks.</param>
    /// <param name="needsSync">Decoding must be able to begin at its first frame.</param>
    public int FindBefore(int track, long time, bool needsSync)
    {
        var found = -1;
        for (var i = 0; i < _fragments.Count; i++)
        {
            var fragment = _fragments[i];
            if (fragment.Track != track) continue;
            if (found >= 0 && fragment.PresentationTime > time) break;
            if (found < 0 || fragment.IsIndependent || !needsSync) found = i;
        }

        return found;
    }

    internal static bool TryReadAt(Stream file, long offset, Span<byte> destination)
    {
        file.Position = offset;
        return file.ReadAtLeast(destination, destination.Length, false) == destination.Length;
    }

    internal static bool TryReadHeader(Stream file, long at, long end, out BoxHeader header)
    {
        Span<byte> bytes = stackalloc byte[BoxHeader.MaxLength];
        header = default;
        if (end - at < 8) return false;
        bytes = bytes[..(int)Math.Min(BoxHeader.MaxLength, end - at)];
        return TryReadAt(file, at, bytes) && BoxHeader.TryParse(bytes, out header) && header.Length <= end - at;
    }

    // The movie box stands at the front, behind the file type and whatever is small; a finished file has it within its first mdat.
    private static bool TryFindMovie(Stream file, out long at, out int length, out long limit)
    {
        at = 0;
        length = 0;
        limit = long.MaxValue;
        var end = file.Length;
        for (var i = 0; i < 64 && TryReadHeader(file, at, end, out var header); i++)
        {
            if (header.Type == BoxType.Moov)
            {
                length = (int)Math.Min(header.Length, MaxHead + 1L);
                return length is > 0 and <= MaxHead;
            }

            if (header.Type == BoxType.Mdat && limit == long.MaxValue && header is { HeaderLength: BoxHeader.MaxLength, Length: > 0 }
                && TryReadHeader(file, at + header.HeaderLength, at + header.Length, out var inner) && inner.Type == BoxType.Moov)
            {
                limit = at + header.Length;
                at += header.HeaderLength;
                continue;
            }

            if (header.Length == 0) return false;
            at += header.Length;
        }

        return false;
    }

    private bool TryReadHead(Stream file, long at, int length)
    {
        if (_head.Length < length) _head = new byte[Math.Max(length, Math.Min(MaxHead, _head.Length * 2))];
        return TryReadAt(file, at, _head.AsSpan(0, length));
    }

    // One entry for each track; none at all where a sample lies outside of the fragment or they overlap.
    private bool TryAdd(ReadOnlySpan<byte> moof, long begin, long end)
    {
        Span<long> times = stackalloc long[CmafInit.MaxTracks];
        Span<TrackPart> parts = stackalloc TrackPart[CmafInit.MaxTracks];
        parts.Clear();
        _times.CopyTo(times);
        var left = end - begin;
        var reader = new FragmentReader(moof, _moofBegin, Movie, times);
        while (reader.TryRead(out var sample))
        {
            left -= sample.Size;
            if (sample.Offset < begin || sample.Offset > end - sample.Size || left < 0) return false;
            parts[sample.Track].Add(in sample);
        }

        if (reader.Malformed) return false;
        times[.._times.Length].CopyTo(_times);
        for (var track = 0; track < _times.Length; track++)
        {
            var part = parts[track];
            if (part.Frames == 0) continue;
            _fragments.Add(new CmafFragment(
                begin, end - begin, track, part.Begin, part.End - part.Begin, part.Shown, part.Frames, part.StartsWithSync));
        }

        return true;
    }

    private record struct TrackPart(long Begin, long End, long Shown, int Frames, bool StartsWithSync)
    {
        public void Add(in FragmentSample sample)
        {
            var shown = sample.Time + sample.CompositionOffset;
            if (Frames++ == 0)
            {
                Begin = sample.Time;
                Shown = shown;
                StartsWithSync = SampleFlags.IsSync(sample.Flags);
            }

            Shown = Math.Min(Shown, shown);
            End = Math.Max(End, sample.Time + sample.Duration);
        }
    }
}
