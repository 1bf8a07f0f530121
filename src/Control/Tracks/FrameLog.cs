using System.Buffers.Binary;
using System.Diagnostics;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Tracks;

/// <summary>
/// The frames face of a track: whole access units, written by one thread and read by any number of <see cref="FrameCursor"/>s on any thread, without locks.
/// </summary>
/// <remarks>
/// A frame is one record of a <see cref="PacketLog"/>, or several where it is larger than a page; limits, growth and the policy towards slow readers are the log's.
/// </remarks>
public sealed class FrameLog
{
    /// <summary>The largest frame taken: more than any level of any codec needs, and the bound of every reader's buffer.</summary>
    public const int MaxFrame = 8 * 1024 * 1024;

    /// <summary>How many formats a log can go through; a stream that changes more often keeps using the last one.</summary>
    public const int MaxFormats = 64;

    /// <summary>Composition offset, flags and the whole frame's length: they stand where a packet has its header extensions, in the first record of a frame.</summary>
    internal const int PrefixLength = 12;

    // Up to 32 MiB in pages of 64 KiB: ten seconds at 25 Mbit/s.
    private static readonly PacketLogLimits VideoLimits = new(8192, 512, TimeSpan.FromSeconds(2));
    private static readonly PacketLogLimits AudioLimits = new(1024, 16, TimeSpan.FromSeconds(4));

    private readonly PacketLog _records;
    private readonly FrameFormat[] _formats = new FrameFormat[MaxFormats];
    private readonly bool _isVideo;
    private int _formatCount;
    private long _number;
    private long _lastDecodeTime = long.MinValue;
    private FrameFormat? _format;

    public FrameLog(MediaKind kind, Slab slab)
    {
        _isVideo = kind == MediaKind.Video;
        _records = new PacketLog(slab, _isVideo ? VideoLimits : AudioLimits, findsSequences: false);
    }

    /// <summary>The format of the newest frame; null before the first, unless <see cref="Describe"/> was called.</summary>
    public FrameFormat? Format => Volatile.Read(ref _format);

    /// <summary>Frames appended so far.</summary>
    public long Count => Volatile.Read(ref _number);

    /// <summary>When the newest frame is decoded; null before the first. Any thread.</summary>
    public long? NewestTime => Volatile.Read(ref _lastDecodeTime) is var time && time != long.MinValue ? time : null;

    /// <summary>When the newest key picture that is still held is decoded; null where there is none. Any thread.</summary>
    public long? NewestKeyframeTime => _records.NewestKeyframe is >= 0 and var index && _records.TryRead(index, out var view) ? view.Header.Timestamp : null;

    /// <summary>Bytes of memory held now.</summary>
    public long HeldBytes => _records.HeldBytes;

    internal PacketLog Records => _records;

    internal bool IsVideo => _isVideo;

    /// <summary>Sets what the frames to come will be like, before the first comes. Only the writer calls this.</summary>
    public void Describe(FrameFormat format) => Volatile.Write(ref _format, format);

    /// <summary>
    /// Appends one frame. Only the face's writer calls this, on one thread. False where it is empty, too large or not later than the one before, or where the node
    /// has no memory left for it.
    /// </summary>
    /// <param name="frame">The frame; copied.</param>
    /// <param name="now">When it arrived.</param>
    public bool Append(in Frame frame, Instant now)
    {
        if (frame.Payload.Length is 0 or > MaxFrame || frame.DecodeTime <= _lastDecodeTime) return false;
        var header = new PacketHeader
        {
            Sequence = _number,
            Timestamp = frame.DecodeTime,
            ArrivedAt = now,
            FormatIndex = IndexOf(frame.Format),
            Flags = PacketFlags.StartsFrame | (_isVideo && frame.IsKeyframe ? PacketFlags.StartsKeyframe : 0),
        };

        Span<byte> prefix = stackalloc byte[PrefixLength];
        BinaryPrimitives.WriteInt32LittleEndian(prefix, frame.CompositionOffset);
        BinaryPrimitives.WriteInt32LittleEndian(prefix[4..], (int)frame.Flags);
        BinaryPrimitives.WriteInt32LittleEndian(prefix[8..], frame.Payload.Length);
        var room = _records.MaxRecord - PrefixLength;
        for (var offset = 0; offset < frame.Payload.Length; offset += room)
        {
            var part = frame.Payload.Slice(offset, Math.Min(room, frame.Payload.Length - offset));
            if (offset + part.Length == frame.Payload.Length) header.Flags |= PacketFlags.Marker;
            if (!_records.Append(ref header, offset == 0 ? prefix : default, part)) return false;
            header.Flags = PacketFlags.None;
        }

        Volatile.Write(ref _lastDecodeTime, frame.DecodeTime);
        Volatile.Write(ref _format, frame.Format);
        Volatile.Write(ref _number, _number + 1);
        return true;
    }

    /// <summary>New cursors wait for the next key picture: what is here is from before a pause. Only the writer calls this.</summary>
    public void ForgetKeyframe() => _records.ForgetKeyframe();

    /// <summary>Gives back the memory of what is held, since what comes next has nothing to do with it; readers wait for that. Only the writer calls this.</summary>
    public void Clear() => _records.Clear();

    /// <summary>Gives the memory back; called by the writer when the track has ended.</summary>
    public void Release() => _records.Release();

    /// <summary>Adds what appending touches to a set. Only the writer calls this.</summary>
    public void Gather(ref WorkingSet set)
    {
        set.Add(this);
        set.Add(_formats);
        _records.Gather(ref set);
    }

    /// <summary>Asks for the place the next frame goes to, after what <see cref="Gather"/> named was fetched. Only the writer calls this.</summary>
    public void FetchHead() => _records.FetchHead();

    internal FrameFormat FormatAt(byte index) => _formats[index];

    private byte IndexOf(FrameFormat format)
    {
        // Almost always the newest one.
        for (var i = _formatCount - 1; i >= 0; i--)
        {
            if (_formats[i].Equals(format)) return (byte)i;
        }

        Debug.Assert(_isVideo == (format.Kind == MediaKind.Video));
        if (_formatCount == MaxFormats) return MaxFormats - 1;
        _formats[_formatCount] = format;
        return (byte)_formatCount++;
    }
}
