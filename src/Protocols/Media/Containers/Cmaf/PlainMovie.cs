namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>
/// A plain file in the making: the tables of every track, collected from fragments, and where the samples lie. Needs the memory of the
/// tables only; samples are copied from file to file.
/// </summary>
internal sealed class PlainMovie
{
    private const int CopyBuffer = 256 * 1024;
    private const int MinDelay = MovieBoxes.Timescale / 10_000; // less is what rounding leaves

    private readonly Stream _source;
    private readonly CmafIndex _index;
    private readonly SampleTables?[] _tables;
    private readonly ClipRange[] _ranges;
    private readonly long _origin;
    private byte[] _head = [];

    private PlainMovie(Stream source, CmafIndex index, long origin, ClipRange[] ranges)
    {
        _source = source;
        _index = index;
        _origin = origin;
        _ranges = ranges;
        _tables = new SampleTables?[ranges.Length];
    }

    /// <summary>All samples of a file.</summary>
    public static CmafFinishError TryCollect(Stream source, CmafIndex index, out PlainMovie movie)
    {
        movie = new PlainMovie(source, index, Timeline.OriginOf(index), new ClipRange[index.Movie.Tracks.Count]);
        Array.Fill(movie._ranges, ClipRange.Everything);
        return movie.Collect(0);
    }

    /// <summary>The samples of a span of the movie's time, as the fragments count it.</summary>
    public static CmafFinishError TryCollectAt(Stream source, CmafIndex index, long start, long end, out PlainMovie movie)
    {
        var tracks = index.Movie.Tracks;
        movie = new PlainMovie(source, index, start, new ClipRange[tracks.Count]);
        var first = int.MaxValue;
        for (var i = 0; i < tracks.Count; i++)
        {
            var clock = tracks[i].Format.ClockRate;
            var shift = index.Movie.ShiftOf(i);
            var range = new ClipRange(
                Timeline.FromMovie(start, clock) - shift,
                end == long.MaxValue ? long.MaxValue : Timeline.FromMovie(end, clock) - shift,
                tracks[i].Format.Kind == MediaKind.Video);
            movie._ranges[i] = range;
            first = Math.Min(first, Math.Max(0, index.FindBefore(i, range.Start, range.NeedsSync)));
        }

        return movie.Collect(first);
    }

    /// <summary>The tracks with samples, laid out on the movie's time.</summary>
    public MovieTrack[] Tracks()
    {
        var tracks = new List<MovieTrack>();
        for (var i = 0; i < _tables.Length; i++)
        {
            if (_tables[i] is not { Samples: > 0 } tables) continue;
            var clock = _index.Movie.Tracks[i].Format.ClockRate;
            var shift = _index.Movie.ShiftOf(i);

            // The track's own time at the movie's zero: what lies before it is decoded and not shown.
            var zero = Timeline.FromMovie(_origin, clock) - shift;
            var begin = Math.Max(tables.FirstPresentation, zero);
            var end = Math.Min(tables.FirstPresentation + tables.Duration, _ranges[i].End);
            var delay = Timeline.ToMovie(begin - zero, clock);
            if (delay < MinDelay) delay = 0;
            var shown = Math.Max(0, Timeline.ToMovie(end - begin, clock));
            TrackEdit[] edits = (delay, begin - tables.FirstTime) switch
            {
                ( > 0, var skipped) => [new TrackEdit(delay, -1), new TrackEdit(shown, skipped)],
                (_, 0) when end == tables.FirstTime + tables.Duration => [],
                (_, var skipped) => [new TrackEdit(shown, skipped)],
            };
            tracks.Add(new MovieTrack(_index.Movie.Tracks[i]) { Tables = tables, Edits = edits, Duration = delay + shown });
        }

        return [.. tracks];
    }

    /// <summary>Writes the file: type, movie, samples.</summary>
    public void Write(Stream output, DateTime? created, CancellationToken cancel)
    {
        var tracks = Tracks();
        var order = LayOut(tracks, out var length);
        var boxes = new BoxBuilder();
        MovieBoxes.Write(boxes, tracks, created);
        var movieLength = boxes.Length;
        boxes.Clear();
        WriteFileType(boxes, tracks);
        var chunkBase = boxes.Length + movieLength + BoxHeader.MaxLength;
        MovieBoxes.Write(boxes, tracks, created, chunkBase);
        if (boxes.Length + BoxHeader.MaxLength != chunkBase) throw new InvalidOperationException("The movie box changed its length.");
        boxes.U32(1);
        boxes.U32(BoxType.Mdat);
        boxes.U64((ulong)(length + BoxHeader.MaxLength));
        output.Write(boxes.Written);

        var buffer = new byte[CopyBuffer];
        foreach (var chunk in order) Copy(chunk, output, buffer, cancel);
    }

    private static void WriteFileType(BoxBuilder boxes, ReadOnlySpan<MovieTrack> tracks)
    {
        var ftyp = boxes.Begin(BoxType.Ftyp);
        boxes.U32(BoxType.Isom);
        boxes.U32(0x200);
        boxes.U32(BoxType.Isom);
        boxes.U32(BoxType.Iso2);
        boxes.U32(BoxType.Iso4); // signed composition offsets
        boxes.U32(BoxType.Mp41);
        foreach (var track in tracks)
        {
            if (track.Track.Format.Codec != Codec.Av1) continue;
            boxes.U32(BoxType.Av01);
            break;
        }

        boxes.End(ftyp);
    }

    // Runs of all tracks by the time they are needed, so that a player that reads on has sound and picture of the same second.
    private static List<SampleChunk> LayOut(MovieTrack[] tracks, out long length)
    {
        var order = new List<SampleChunk>();
        Span<int> next = stackalloc int[CmafInit.MaxTracks];
        next.Clear();
        length = 0;
        while (true)
        {
            var first = -1;
            var firstTime = long.MaxValue;
            for (var i = 0; i < tracks.Length; i++)
            {
                var tables = tracks[i].Tables!;
                if (next[i] == tables.Chunks.Count) continue;
                var time = tracks[i].Edits is [{ MediaTime: < 0 } wait, ..] ? wait.Duration : 0;
                time += Timeline.ToMovie(tables.Chunks[next[i]].Time, tracks[i].Track.Format.ClockRate);
                if (time >= firstTime) continue;
                first = i;
                firstTime = time;
            }

            if (first < 0) return order;
            var chunks = tracks[first].Tables!.Chunks;
            var chunk = chunks[next[first]];
            chunk.Place = length;
            chunks[next[first]++] = chunk;
            order.Add(chunk);
            length += chunk.Length;
        }
    }

    private void Copy(SampleChunk chunk, Stream output, byte[] buffer, CancellationToken cancel)
    {
        _source.Position = chunk.Source;
        for (var left = chunk.Length; left > 0;)
        {
            cancel.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, left));
            _source.ReadExactly(part);
            output.Write(part);
            left -= part.Length;
        }
    }

    private CmafFinishError Collect(int firstFragment)
    {
        var fragments = _index.Fragments;
        Span<long> times = stackalloc long[CmafInit.MaxTracks];
        for (var i = firstFragment; i < fragments.Count;)
        {
            var fragment = fragments[i];
            for (; i < fragments.Count && fragments[i].Offset == fragment.Offset; i++) times[fragments[i].Track] = fragments[i].DecodeTime;
            if (!TryLoadMoof(fragment, out var moof, out var moofOffset)) return CmafFinishError.Damaged;
            var reader = new FragmentReader(moof, moofOffset, _index.Movie, times);
            var isPast = true;
            while (reader.TryRead(out var sample))
            {
                isPast &= _ranges[sample.Track].IsBehind(in sample);
                if (!TryAdd(in sample)) return CmafFinishError.TooLong;
            }

            if (reader.Malformed) return CmafFinishError.Damaged;
            if (isPast && HasEnded(fragment)) break;
        }

        foreach (var tables in _tables)
        {
            if (tables is { Samples: > 0 }) return CmafFinishError.None;
        }

        return CmafFinishError.Empty;
    }

    // A fragment wholly behind the span ends the search once every track has got there; tracks may run a little apart.
    private bool HasEnded(CmafFragment fragment)
    {
        for (var i = 0; i < _ranges.Length; i++)
        {
            if (_ranges[i].End == long.MaxValue) return false;
        }

        var clock = _index.Movie.Tracks[fragment.Track].Format.ClockRate;
        return fragment.DecodeTime - _ranges[fragment.Track].End > 10L * clock;
    }

    private bool TryLoadMoof(CmafFragment fragment, out ReadOnlySpan<byte> moof, out long offset)
    {
        moof = default;
        offset = fragment.Offset;
        while (CmafIndex.TryReadHeader(_source, offset, fragment.End, out var header) && header.Length > 0)
        {
            if (header.Type == BoxType.Moof)
            {
                if (header.Length > CmafIndex.MaxHead) return false;
                if (_head.Length < header.Length) _head = new byte[header.Length * 2];
                if (!CmafIndex.TryReadAt(_source, offset, _head.AsSpan(0, (int)header.Length))) return false;
                moof = _head.AsSpan(header.HeaderLength, (int)header.Length - header.HeaderLength);
                return true;
            }

            offset += header.Length;
        }

        return false;
    }

    private bool TryAdd(in FragmentSample sample)
    {
        ref var tables = ref _tables[sample.Track];
        var range = _ranges[sample.Track];
        if (!range.Takes(in sample)) return true;
        var isSync = SampleFlags.IsSync(sample.Flags);
        if (range.NeedsSync)
        {
            // A later place to begin that still shows the start is the better one.
            if (isSync && sample.Time + sample.CompositionOffset <= range.Start) tables = null;
            if (tables is null && !isSync) return true;
        }

        tables ??= new SampleTables();
        return tables.TryAdd(
            sample.Time, sample.Duration, sample.CompositionOffset, sample.Size, isSync, sample.Offset, _index.Movie.Tracks[sample.Track].Format.ClockRate);
    }
}

/// <summary>Which samples of a track a clip takes, in the track's ticks.</summary>
/// <param name="Start">The first presentation time that is shown.</param>
/// <param name="End">The first that is not.</param>
/// <param name="NeedsSync">Decoding must begin at a sync sample.</param>
internal readonly record struct ClipRange(long Start, long End, bool NeedsSync)
{
    /// <summary>All samples.</summary>
    public static ClipRange Everything => new(long.MinValue, long.MaxValue, false);

    /// <summary>The sample is decoded for the clip.</summary>
    public bool Takes(in FragmentSample sample) =>
        !IsBehind(in sample) && (NeedsSync || sample.Time + sample.CompositionOffset + sample.Duration > Start);

    /// <summary>The sample comes behind the clip in decoding and in presentation.</summary>
    public bool IsBehind(in FragmentSample sample) => sample.Time >= End && sample.Time + sample.CompositionOffset >= End;
}

/// <summary>Between a track's ticks and the movie's.</summary>
internal static class Timeline
{
    /// <summary>Track ticks to movie ticks.</summary>
    public static long ToMovie(long ticks, int clockRate) => (long)((Int128)ticks * MovieBoxes.Timescale / clockRate);

    /// <summary>Movie ticks to track ticks.</summary>
    public static long FromMovie(long ticks, int clockRate) => (long)((Int128)ticks * clockRate / MovieBoxes.Timescale);

    /// <summary>When the earliest sound or picture of a file is presented, in movie ticks.</summary>
    public static long OriginOf(CmafIndex index)
    {
        var origin = long.MaxValue;
        var seen = 0;
        foreach (var fragment in index.Fragments)
        {
            if ((seen & 1 << fragment.Track) != 0) continue;
            seen |= 1 << fragment.Track;
            var shift = index.Movie.ShiftOf(fragment.Track);
            var begin = fragment.PresentationTime + shift;
            if (shift < 0) begin = Math.Max(0, begin); // the edit list skips what comes before
            origin = Math.Min(origin, ToMovie(begin, index.Movie.Tracks[fragment.Track].Format.ClockRate));
            if (seen == (1 << index.Movie.Tracks.Count) - 1) break;
        }

        return origin == long.MaxValue ? 0 : origin;
    }
}
