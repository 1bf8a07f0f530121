using Sluice.Protocols.Media.Frames;

namespace Sluice.Outputs.Recordings;

/// <summary>
/// Frames of a track that wait until it is known which fragment they belong to: those of sound, since pictures decide where fragments end. Bounded: at
/// the limit the oldest goes.
/// </summary>
internal sealed class PendingFrames
{
    private const int MaxFrames = 2048;
    private const int MaxBytes = 16 * 1024 * 1024;

    private Entry[] _entries = new Entry[64];
    private byte[] _bytes = new byte[16 * 1024];
    private int _first;
    private int _end;
    private int _used;

    public int Count => _end - _first;

    /// <summary>Frames that found no room.</summary>
    public long Dropped { get; private set; }

    public void Add(in Frame frame)
    {
        if (frame.Payload.Length > MaxBytes) return;
        while (Count > 0 && (Count >= MaxFrames || _used - _entries[_first].At + frame.Payload.Length > MaxBytes))
        {
            Dropped++;
            Drop();
        }

        Compact(frame.Payload.Length);
        frame.Payload.CopyTo(_bytes.AsSpan(_used));
        _entries[_end++] = new Entry(frame.Format, frame.DecodeTime, frame.CompositionOffset, frame.Flags, _used, frame.Payload.Length);
        _used += frame.Payload.Length;
    }

    /// <summary>The oldest; its payload is valid until the next <see cref="Add"/>.</summary>
    public bool TryPeek(out Frame frame)
    {
        frame = default;
        if (Count == 0) return false;
        ref readonly var entry = ref _entries[_first];
        frame = new Frame
        {
            Format = entry.Format,
            DecodeTime = entry.DecodeTime,
            CompositionOffset = entry.CompositionOffset,
            Flags = entry.Flags,
            Payload = _bytes.AsSpan(entry.At, entry.Length),
        };
        return true;
    }

    public void Drop()
    {
        _entries[_first++] = default;
        if (_first < _end) return;
        _first = 0;
        _end = 0;
        _used = 0;
    }

    public void Clear()
    {
        while (Count > 0) Drop();
    }

    private void Compact(int length)
    {
        if (_end == _entries.Length || _bytes.Length - _used < length)
        {
            var begin = Count > 0 ? _entries[_first].At : 0;
            for (var i = _first; i < _end; i++)
            {
                _entries[i - _first] = _entries[i] with { At = _entries[i].At - begin };
            }

            Array.Clear(_entries, Count, _first);
            _bytes.AsSpan(begin, _used - begin).CopyTo(_bytes);
            _used -= begin;
            _end -= _first;
            _first = 0;
        }

        if (_end == _entries.Length) Array.Resize(ref _entries, _entries.Length * 2);
        if (_bytes.Length - _used < length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + length));
    }

    private readonly record struct Entry(FrameFormat Format, long DecodeTime, int CompositionOffset, FrameFlags Flags, int At, int Length);
}
