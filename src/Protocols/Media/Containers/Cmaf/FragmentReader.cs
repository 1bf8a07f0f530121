using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>A sample as its fragment describes it.</summary>
/// <param name="Track">Its track's place in the movie.</param>
/// <param name="Time">Decoding time.</param>
/// <param name="Duration">Duration.</param>
/// <param name="CompositionOffset">Presentation minus decoding time.</param>
/// <param name="Flags">Sample flags.</param>
/// <param name="Offset">Where it lies in the file.</param>
/// <param name="Size">Its bytes.</param>
internal readonly record struct FragmentSample(
    int Track, long Time, uint Duration, int CompositionOffset, uint Flags, long Offset, int Size);

/// <summary>
/// Walks the samples a <c>moof</c> describes, track by track (ISO/IEC 14496-12 §8.8.4 to §8.8.8, §8.8.12). Tracks the movie does not know
/// are passed over. Nothing is known yet of the samples' bytes: who reads them checks the place.
/// </summary>
internal ref struct FragmentReader
{
    /// <summary>The most samples of one fragment; more is damage.</summary>
    public const int MaxSamples = 1 << 20;

    private const long MaxTime = 1L << 62;

    private readonly CmafMovie _movie;
    private readonly long _moofOffset;
    private readonly Span<long> _times;
    private BoxReader _tracks;
    private BoxReader _runs;
    private ByteReader _fields;
    private FragmentDefaults _defaults;
    private uint _runFlags;
    private uint _firstFlags;
    private uint _left;
    private bool _isFirst;
    private bool _signed;
    private int _track;
    private long _time;
    private long _base;
    private long _data;
    private int _samples;

    /// <param name="moof">The box's payload.</param>
    /// <param name="moofOffset">Where the box begins in the file.</param>
    /// <param name="movie">The movie.</param>
    /// <param name="times">
    /// Where each track's decoding time goes on where a fragment does not say; moved on by reading. As many as the movie has tracks.
    /// </param>
    public FragmentReader(ReadOnlySpan<byte> moof, long moofOffset, CmafMovie movie, Span<long> times)
    {
        _movie = movie;
        _moofOffset = moofOffset;
        _times = times;
        _tracks = new BoxReader(moof);
        _data = moofOffset;
        _track = -1;
    }

    /// <summary>The box is damaged, or says what cannot be; nothing more is read.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Reads the next sample; false at the end and at damage.</summary>
    public bool TryRead(out FragmentSample sample)
    {
        sample = default;
        while (!Malformed)
        {
            if (_left > 0) return TryReadSample(out sample);
            if (TryBeginRun()) continue;
            if (!Malformed && !TryBeginTrack()) return false;
        }

        return false;
    }

    private bool Fail()
    {
        Malformed = true;
        return false;
    }

    private bool TryBeginTrack()
    {
        while (_tracks.TryRead(out var traf))
        {
            if (traf.Type != BoxType.Traf) continue;
            if (!BoxReader.TryFind(traf.Payload, BoxType.Tfhd, out var tfhd) || !FragmentDefaults.TryParse(in tfhd, _movie, out _defaults))
            {
                return Fail();
            }

            _track = _defaults.Track;
            if (_track < 0) continue;
            _time = _times[_track];
            if (BoxReader.TryFind(traf.Payload, BoxType.Tfdt, out var tfdt) && !TryReadTime(in tfdt)) return Fail();

            // Without a base the first track's samples are placed from the fragment on, the others' from the end of the one before.
            if (_defaults.BaseOffset >= 0) _data = _defaults.BaseOffset;
            else if (_defaults.IsBasedOnMoof) _data = _moofOffset;
            _base = _data;
            _runs = new BoxReader(traf.Payload);
            return true;
        }

        return _tracks.Malformed && Fail();
    }

    private bool TryReadTime(in Box tfdt)
    {
        if (!tfdt.TryReadFull(out var version, out _, out var rest)) return false;
        var reader = new ByteReader(rest);
        if (version == 1)
        {
            if (!reader.TryReadU64(out var time) || time > MaxTime) return false;
            _time = (long)time;
            return true;
        }

        if (!reader.TryReadU32(out var brief)) return false;
        _time = brief;
        return true;
    }

    private bool TryBeginRun()
    {
        if (_track < 0) return false;
        while (_runs.TryRead(out var trun))
        {
            if (trun.Type != BoxType.Trun) continue;
            if (!trun.TryReadFull(out var version, out _runFlags, out var rest)) return Fail();
            _fields = new ByteReader(rest);
            if (!_fields.TryReadU32(out _left) || _left > MaxSamples - _samples) return Fail();

            // Samples without bytes would let a few bytes of description stand for any number of them.
            if (_left > 0 && (_runFlags & 0x200) == 0 && _defaults.Size == 0) return Fail();
            if ((_runFlags & 1) != 0)
            {
                if (!_fields.TryReadU32(out var offset)) return Fail();
                _data = _base + (int)offset;
                if (_data < 0) return Fail();
            }

            _isFirst = (_runFlags & 4) != 0;
            if (_isFirst && !_fields.TryReadU32(out _firstFlags)) return Fail();
            _signed = version > 0;
            if (_left > 0) return true;
        }

        if (_runs.Malformed) return Fail();
        _track = -1;
        return false;
    }

    private bool TryReadSample(out FragmentSample sample)
    {
        sample = default;
        var duration = _defaults.Duration;
        var size = _defaults.Size;
        var flags = _defaults.Flags;
        uint composition = 0;
        if (((_runFlags & 0x100) != 0 && !_fields.TryReadU32(out duration))
            || ((_runFlags & 0x200) != 0 && !_fields.TryReadU32(out size))
            || ((_runFlags & 0x400) != 0 && !_fields.TryReadU32(out flags))
            || ((_runFlags & 0x800) != 0 && !_fields.TryReadU32(out composition))) return Fail();
        if (_isFirst)
        {
            flags = _firstFlags;
            _isFirst = false;
        }

        // A file of version 0 may hold what only makes sense as negative; no stream has offsets of hours.
        var offset = (int)composition;
        if ((!_signed && composition > int.MaxValue && offset < -(1 << 30)) || size > int.MaxValue) return Fail();
        sample = new FragmentSample(_track, _time, duration, offset, flags, _data, (int)size);
        if (_data > long.MaxValue - size || _time > MaxTime) return Fail();
        _data += size;
        _time += duration;
        _times[_track] = _time;
        _left--;
        _samples++;
        return true;
    }
}

/// <summary>What a track's runs of a fragment leave unsaid (<c>tfhd</c>, ISO/IEC 14496-12 §8.8.7).</summary>
/// <param name="Track">Its place in the movie; -1 where the movie does not know it.</param>
/// <param name="BaseOffset">Where data offsets count from; -1 where it is not said.</param>
/// <param name="IsBasedOnMoof">Data offsets count from the fragment.</param>
/// <param name="Duration">Duration of a sample.</param>
/// <param name="Size">Bytes of a sample.</param>
/// <param name="Flags">Flags of a sample.</param>
internal readonly record struct FragmentDefaults(int Track, long BaseOffset, bool IsBasedOnMoof, uint Duration, uint Size, uint Flags)
{
    /// <summary>Reads the box, with the movie's defaults where it says nothing; false where it is cut short.</summary>
    public static bool TryParse(in Box tfhd, CmafMovie movie, out FragmentDefaults defaults)
    {
        defaults = default;
        if (!tfhd.TryReadFull(out _, out var flags, out var rest)) return false;
        var reader = new ByteReader(rest);
        if (!reader.TryReadU32(out var id)) return false;
        var track = movie.IndexOf(id);
        var unsaid = track < 0 ? default : movie.DefaultsOf(track);
        var (duration, size, sampleFlags) = (unsaid.Duration, unsaid.Size, unsaid.Flags);
        ulong offset = 0;
        if (((flags & 0x01) != 0 && !reader.TryReadU64(out offset))
            || ((flags & 0x02) != 0 && !reader.TrySkip(4))
            || ((flags & 0x08) != 0 && !reader.TryReadU32(out duration))
            || ((flags & 0x10) != 0 && !reader.TryReadU32(out size))
            || ((flags & 0x20) != 0 && !reader.TryReadU32(out sampleFlags))
            || offset > long.MaxValue) return false;
        defaults = new FragmentDefaults(
            track, (flags & 0x01) != 0 ? (long)offset : -1, (flags & 0x02_0000) != 0, duration, size, sampleFlags);
        return true;
    }
}
