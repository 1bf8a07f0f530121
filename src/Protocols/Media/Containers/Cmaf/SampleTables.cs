namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>A run of samples of one track that lie together.</summary>
/// <param name="Source">Where it lies in the file it comes from.</param>
/// <param name="Length">Bytes.</param>
/// <param name="FirstSample">The first sample's place in the track.</param>
/// <param name="Time">The first sample's decoding time, from the track's first.</param>
internal record struct SampleChunk(long Source, long Length, int FirstSample, long Time)
{
    /// <summary>Where it lies in the file the tables are for.</summary>
    public long Place { get; set; } = Source;
}

/// <summary>
/// The sample tables of a plain file (ISO/IEC 14496-12 §8.6, §8.7), collected sample by sample. Times and offsets are kept as runs, sizes
/// as four bytes each: a day of 30 pictures a second takes about 10 MB.
/// </summary>
internal sealed class SampleTables
{
    /// <summary>The most samples of a track: four days of sound at 47 frames a second.</summary>
    public const int MaxSamples = 1 << 24;

    private readonly List<Run> _durations = [];
    private readonly List<Run> _offsets = [];
    private readonly List<uint> _sizes = [];
    private readonly List<uint> _syncs = [];
    private readonly List<SampleChunk> _chunks = [];
    private long _lastTime;
    private uint _lastDuration;
    private bool _hasOffsets;
    private bool _hasNegativeOffsets;

    /// <summary>Samples so far.</summary>
    public int Samples => _sizes.Count;

    /// <summary>Decoding time of the first sample.</summary>
    public long FirstTime { get; private set; }

    /// <summary>The earliest time a sample is shown.</summary>
    public long FirstPresentation { get; private set; } = long.MaxValue;

    /// <summary>Duration of all samples.</summary>
    public long Duration => Samples == 0 ? 0 : _lastTime + _lastDuration - FirstTime;

    /// <summary>The runs of samples, in order; places may be changed.</summary>
    public List<SampleChunk> Chunks => _chunks;

    /// <summary>
    /// Adds a sample. One behind a gap makes the sample before it last longer; one that should have come earlier follows at once, and later
    /// ones make up for it.
    /// </summary>
    /// <param name="time">Decoding time.</param>
    /// <param name="duration">How long it lasts if it is the last.</param>
    /// <param name="compositionOffset">Presentation minus decoding time.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="isSync">Decoding can begin at it.</param>
    /// <param name="source">Where it lies.</param>
    /// <param name="maxChunk">The longest duration of a run that it may prolong.</param>
    /// <returns>False where there are <see cref="MaxSamples"/>.</returns>
    public bool TryAdd(long time, uint duration, int compositionOffset, int size, bool isSync, long source, long maxChunk)
    {
        if (Samples == MaxSamples) return false;
        var presentation = time + compositionOffset;
        if (Samples == 0)
        {
            FirstTime = time;
        }
        else
        {
            time = Math.Clamp(time, _lastTime, _lastTime + uint.MaxValue);
            AddRun(_durations, (uint)(time - _lastTime));
        }

        var offset = (int)Math.Clamp(presentation - time, int.MinValue, int.MaxValue);
        FirstPresentation = Math.Min(FirstPresentation, time + offset);
        AddRun(_offsets, (uint)offset);
        _hasOffsets |= offset != 0;
        _hasNegativeOffsets |= offset < 0;
        _lastTime = time;
        _lastDuration = duration;
        _sizes.Add((uint)size);
        if (isSync) _syncs.Add((uint)Samples);
        Place(time - FirstTime, size, source, maxChunk);
        return true;
    }

    /// <summary>Writes the tables that follow the sample descriptions.</summary>
    /// <param name="boxes">Where to.</param>
    /// <param name="chunkBase">What is added to every chunk's place.</param>
    public void Write(BoxBuilder boxes, long chunkBase)
    {
        WriteRuns(boxes, BoxType.Stts, 0, _durations, Samples > 0 ? new Run(1, _lastDuration) : null);
        if (_hasOffsets) WriteRuns(boxes, BoxType.Ctts, (byte)(_hasNegativeOffsets ? 1 : 0), _offsets, null);
        if (_syncs.Count != Samples)
        {
            var stss = boxes.Begin(BoxType.Stss, 0);
            boxes.U32((uint)_syncs.Count);
            foreach (var sync in _syncs) boxes.U32(sync);
            boxes.End(stss);
        }

        WriteSampleToChunk(boxes);
        var stsz = boxes.Begin(BoxType.Stsz, 0);
        boxes.U32(0); // sizes differ
        boxes.U32((uint)Samples);
        foreach (var size in _sizes) boxes.U32(size);
        boxes.End(stsz);
        WriteChunkOffsets(boxes, chunkBase);
    }

    private static void AddRun(List<Run> runs, uint value)
    {
        if (runs.Count > 0 && runs[^1].Value == value)
        {
            runs[^1] = new Run(runs[^1].Count + 1, value);
        }
        else
        {
            runs.Add(new Run(1, value));
        }
    }

    private static void WriteRuns(BoxBuilder boxes, uint type, byte version, List<Run> runs, Run? last)
    {
        var box = boxes.Begin(type, version);
        boxes.U32((uint)runs.Count + (last is null ? 0u : 1u));
        foreach (var run in runs)
        {
            boxes.U32(run.Count);
            boxes.U32(run.Value);
        }

        if (last is { } end)
        {
            boxes.U32(end.Count);
            boxes.U32(end.Value);
        }

        boxes.End(box);
    }

    private void Place(long time, int size, long source, long maxChunk)
    {
        if (_chunks.Count > 0)
        {
            var last = _chunks[^1];
            if (last.Source + last.Length == source && time - last.Time < maxChunk)
            {
                last.Length += size;
                _chunks[^1] = last;
                return;
            }
        }

        _chunks.Add(new SampleChunk(source, size, Samples - 1, time));
    }

    private void WriteSampleToChunk(BoxBuilder boxes)
    {
        var stsc = boxes.Begin(BoxType.Stsc, 0);
        var count = boxes.Length;
        boxes.U32(0);
        var entries = 0u;
        var before = -1;
        for (var i = 0; i < _chunks.Count; i++)
        {
            var samples = (i + 1 < _chunks.Count ? _chunks[i + 1].FirstSample : Samples) - _chunks[i].FirstSample;
            if (samples == before) continue;
            before = samples;
            entries++;
            boxes.U32((uint)i + 1);
            boxes.U32((uint)samples);
            boxes.U32(1); // sample_description_index
        }

        boxes.PatchU32(count, entries);
        boxes.End(stsc);
    }

    private void WriteChunkOffsets(BoxBuilder boxes, long chunkBase)
    {
        var isLarge = false;
        foreach (var chunk in _chunks) isLarge |= chunk.Place > int.MaxValue; // far below the limit: what is added later is small
        var box = boxes.Begin(isLarge ? BoxType.Co64 : BoxType.Stco, 0);
        boxes.U32((uint)_chunks.Count);
        foreach (var chunk in _chunks)
        {
            if (isLarge)
            {
                boxes.U64((ulong)(chunk.Place + chunkBase));
            }
            else
            {
                boxes.U32((uint)(chunk.Place + chunkBase));
            }
        }

        boxes.End(box);
    }

    private readonly record struct Run(uint Count, uint Value);
}
