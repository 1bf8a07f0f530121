using System.Buffers.Binary;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Tracks;

/// <summary>
/// A reader's place in a <see cref="FrameLog"/>, with the buffer its frames are copied into. One thread uses it. Making one wants the frames face of the track;
/// dispose of it so that nothing is converted for nobody.
/// </summary>
/// <remarks>
/// Policy towards a reader that is too slow: it goes on at the newest key picture (with audio, at the newest frame), the frame there is marked
/// <see cref="FrameFlags.Discontinuity"/>, and what was passed over is counted in <see cref="Missed"/>.
/// </remarks>
public sealed class FrameCursor : IDisposable
{
    private const int FirstBuffer = 4096;

    private readonly FrameLog _log;
    private byte[] _buffer = [];
    private long _next = -1;
    private long _lastNumber = -1;
    private bool _wants;

    /// <summary>Places a cursor before the newest key picture; with audio, before the newest frame.</summary>
    /// <param name="track">The track.</param>
    /// <param name="wants">
    /// False for a converter: it reads for those who want the packets, and wanting frames itself would keep going what makes them.
    /// </param>
    public FrameCursor(Track track, bool wants = true)
    {
        Track = track;
        _log = track.Frames;
        _wants = wants;
        if (wants) track.Want(TrackFace.Frames);
    }

    public Track Track { get; }

    /// <summary>Frames the cursor never saw because it was overtaken.</summary>
    public long Missed { get; private set; }

    /// <summary>When the frame taken last arrived at the node.</summary>
    public Instant ArrivedAt { get; private set; }

    /// <summary>
    /// Takes the next frame. Its payload is the cursor's own memory and valid until the next call. False where there is none yet.
    /// </summary>
    public bool TryTake(out Frame frame)
    {
        frame = default;
        var records = _log.Records;
        if (_next < 0 && !TryBegin(records)) return false;
        while (_next < records.Head)
        {
            if (!records.TryRead(_next, out var view))
            {
                if (!TryJump(records)) return false;
                continue;
            }

            if (!view.Header.Has(PacketFlags.StartsFrame))
            {
                // Where the writer has taken the beginning of a large frame away, its rest is of no use.
                _next++;
                continue;
            }

            switch (TryAssemble(records, view, out frame, out var recordCount))
            {
                case Assembly.Incomplete:
                    return false;
                case Assembly.Overtaken:
                    if (!TryJump(records)) return false;
                    continue;
                default:
                    _next += recordCount;
                    return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Moves forward to the first frame that is shown at or after a time, so that sound begins with the picture. Frames held only; call before the first take.
    /// </summary>
    /// <param name="decodeTime">In ticks of the track's format.</param>
    public void SkipTo(long decodeTime)
    {
        var records = _log.Records;
        var index = records.Head;
        while (index > 0 && records.TryRead(index - 1, out var view) && view.Header.Timestamp >= decodeTime)
        {
            index--;
        }

        _next = index;
    }

    public void Dispose()
    {
        if (!_wants) return;
        _wants = false;
        Track.Unwant(TrackFace.Frames);
    }

    private enum Assembly
    {
        Whole,
        Incomplete,
        Overtaken,
    }

    private bool TryBegin(PacketLog records)
    {
        if (!Track.IsCurrent(TrackFace.Frames)) return false;
        _next = _log.IsVideo ? records.NewestKeyframe : records.Head - 1;
        return _next >= 0;
    }

    private bool TryJump(PacketLog records)
    {
        var target = _log.IsVideo ? records.NewestKeyframe : records.Head - 1;

        // No key picture since: nothing can be shown until one comes.
        if (target <= _next || !records.TryRead(target, out _)) target = records.Head;
        _next = target;
        return target < records.Head;
    }

    private Assembly TryAssemble(PacketLog records, scoped in PacketView first, out Frame frame, out int recordCount)
    {
        frame = default;
        recordCount = 0;
        if (first.Extensions.Length != FrameLog.PrefixLength) return Assembly.Overtaken;
        var composition = BinaryPrimitives.ReadInt32LittleEndian(first.Extensions);
        var flags = (FrameFlags)BinaryPrimitives.ReadInt32LittleEndian(first.Extensions[4..]);
        var length = BinaryPrimitives.ReadInt32LittleEndian(first.Extensions[8..]);
        if (!first.IsStillValid || (uint)length > FrameLog.MaxFrame) return Assembly.Overtaken;
        Grow(length);

        var view = first;
        var written = 0;
        while (true)
        {
            if (view.Payload.Length > length - written) return Assembly.Overtaken;
            view.Payload.CopyTo(_buffer.AsSpan(written));
            if (!view.IsStillValid) return Assembly.Overtaken;
            written += view.Payload.Length;
            recordCount++;
            if (view.Header.Has(PacketFlags.Marker)) break;
            if (_next + recordCount >= records.Head) return Assembly.Incomplete;
            if (!records.TryRead(_next + recordCount, out view)) return Assembly.Overtaken;

            // A writer that ran out of memory in the middle of a frame goes on with another.
            if (view.Header.Has(PacketFlags.StartsFrame)) return Assembly.Overtaken;
        }

        if (written != length) return Assembly.Overtaken;
        var number = first.Header.Sequence;
        if (_lastNumber >= 0 && number != _lastNumber + 1)
        {
            Missed += number - _lastNumber - 1;
            flags |= FrameFlags.Discontinuity;
        }

        _lastNumber = number;
        ArrivedAt = first.Header.ArrivedAt;
        frame = new Frame
        {
            Format = _log.FormatAt(first.Header.FormatIndex),
            DecodeTime = first.Header.Timestamp,
            CompositionOffset = composition,
            Flags = flags,
            Payload = _buffer.AsSpan(0, length),
        };
        return Assembly.Whole;
    }

    private void Grow(int length)
    {
        if (_buffer.Length >= length) return;
        _buffer = GC.AllocateUninitializedArray<byte>((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, FirstBuffer)));
    }
}
