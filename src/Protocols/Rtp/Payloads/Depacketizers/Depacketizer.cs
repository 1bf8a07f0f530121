using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtp.Payloads.Depacketizers;

/// <summary>
/// Joins RTP payloads into frames. Payloads come in sequence order; who feeds them puts them in order, and tells of gaps by
/// <see cref="HandleLoss"/>. After each <see cref="Handle"/> take every frame. One for each track; one thread.
/// </summary>
/// <remarks>
/// <para>A frame ends with the marker or where the timestamp changes. A frame with a gap or damage in it is dropped; sound goes on with the
/// next one, a picture only at the next keyframe (<see cref="NeedsKeyframe"/>). The first frame after a gap is marked
/// <see cref="FrameFlags.Discontinuity"/>. Pictures are delivered from the first keyframe on whose parameter sets are known.</para>
/// <para>A frame larger than <see cref="MaxFrame"/> counts as damaged. Memory grows to the largest frames of the stream and no further than
/// two of the largest allowed; nothing is allocated once it has, but for a new <see cref="FrameFormat"/> where parameters change.</para>
/// <para>Decoding times are the RTP timestamps where pictures are not reordered; <see cref="MayReorder"/> tells where they are, and
/// then decoding times are made that grow and never pass the presentation.</para>
/// </remarks>
public abstract class Depacketizer
{
    /// <summary>The largest frame, in bytes.</summary>
    public const int MaxFrame = 8 * 1024 * 1024;

    private readonly bool _isVideo;
    private FrameBuffer _buffer;
    private ReadyFrames _ready;
    private int _readyCount;
    private int _readyNext;
    private bool _isOpen;
    private bool _isBroken;
    private bool _hasGap;
    private long _timestamp;
    private long _lastDecodeTime = long.MinValue;
    private long _lastPresentation = long.MinValue;

    private protected Depacketizer(Codec codec)
    {
        Codec = codec;
        _isVideo = CodecFacts.KindOf(codec) == MediaKind.Video;
        NeedsKeyframe = _isVideo;
    }

    /// <summary>The codec of the payloads.</summary>
    public Codec Codec { get; }

    /// <summary>Nothing is delivered until a keyframe comes: ask the source for one. True at the start and after every gap; never for sound.</summary>
    public bool NeedsKeyframe { get; private set; }

    /// <summary>The stream's parameter sets announce pictures that are shown in another order than they are decoded in, or some have come.</summary>
    public virtual bool MayReorder => HasReordered;

    /// <summary>Pictures have come that are shown in another order than they are decoded in. Never taken back.</summary>
    public bool HasReordered { get; private set; }

    /// <summary>Frames dropped for gaps, damage or size, or because no keyframe had come.</summary>
    public long FramesDropped { get; private set; }

    /// <summary>The format of the newest frame; null before the first.</summary>
    public FrameFormat? Format { get; private protected set; }

    /// <summary>
    /// Makes the depacketizer of a format; false where its codec has none. Parameter sets among the format's parameters count like received
    /// ones.
    /// </summary>
    public static bool TryCreate(TrackFormat format, [NotNullWhen(true)] out Depacketizer? depacketizer)
    {
        ArgumentNullException.ThrowIfNull(format);
        depacketizer = format.Codec switch
        {
            Codec.H264 => new H264Depacketizer(format.Parameters),
            Codec.H265 => new H265Depacketizer(format.Parameters),
            Codec.Av1 => new Av1Depacketizer(),
            Codec.Vp8 => new Vp8Depacketizer(),
            Codec.Vp9 => new Vp9Depacketizer(),
            Codec.Opus => new OpusDepacketizer(format.Channels),
            _ => null,
        };
        return depacketizer is not null;
    }

    /// <summary>Takes the next payload in sequence order. Frames not taken before this call are lost.</summary>
    /// <param name="payload">The payload, RTP padding cut off; an empty one only says that no gap is here.</param>
    /// <param name="timestamp">The RTP timestamp without wrap-around.</param>
    /// <param name="marker">The RTP marker.</param>
    public void Handle(ReadOnlySpan<byte> payload, long timestamp, bool marker)
    {
        _readyCount = 0;
        _readyNext = 0;
        _buffer.Compact();
        if (payload.IsEmpty) return;
        if (_isOpen && timestamp != _timestamp) Complete();
        if (!_isOpen)
        {
            _isOpen = true;
            _isBroken = false;
            _timestamp = timestamp;
            Reset();
        }

        if (!_isBroken && !TryAppend(ref _buffer, payload)) Break();
        if (marker || !_isVideo) Complete();
    }

    /// <summary>
    /// Tells that at least one payload is missing between the one before and the one to come. The frame under way is dropped, and with
    /// pictures everything up to the next keyframe.
    /// </summary>
    public void HandleLoss()
    {
        _hasGap = true;
        NeedsKeyframe = _isVideo;
        if (_isOpen) Break();
    }

    /// <summary>
    /// Takes the next complete frame. Its payload is valid up to the next call of <see cref="Handle"/>.
    /// </summary>
    public bool TryTake(out Frame frame)
    {
        if (_readyNext == _readyCount)
        {
            frame = default;
            return false;
        }

        ref var ready = ref _ready[_readyNext++];
        frame = new Frame
        {
            Format = ready.Format,
            DecodeTime = ready.DecodeTime,
            CompositionOffset = ready.CompositionOffset,
            Flags = ready.Flags,
            Payload = _buffer.Slice(ready.Start, ready.Length),
        };
        return true;
    }

    /// <summary>A new frame begins.</summary>
    private protected abstract void Reset();

    /// <summary>Adds a payload to the frame; false where it is damaged or does not go on where the one before ended.</summary>
    private protected abstract bool TryAppend(ref FrameBuffer buffer, ReadOnlySpan<byte> payload);

    /// <summary>
    /// The frame has all its payloads. False where it is not whole. An empty buffer is no frame and no damage. Sets <see cref="Format"/>.
    /// </summary>
    /// <param name="buffer">The frame's bytes.</param>
    /// <param name="isAfterGap">Payloads before this frame were lost.</param>
    /// <param name="flags">Keyframe and disposable, where the codec tells.</param>
    private protected abstract bool TryFinish(ref FrameBuffer buffer, bool isAfterGap, out FrameFlags flags);

    /// <summary>The decoding time of the frame just finished; called for each frame that is delivered.</summary>
    private protected virtual long DecodeTimeOf(long timestamp, bool isAfterGap, bool isKeyframe) => timestamp;

    private void Break()
    {
        _isBroken = true;
        _hasGap = true;
        NeedsKeyframe = _isVideo;
        _buffer.Truncate(0);
    }

    private void Complete()
    {
        _isOpen = false;
        var flags = FrameFlags.None;
        if (!_isBroken && !TryFinish(ref _buffer, _hasGap, out flags)) Break();
        if (_isBroken)
        {
            FramesDropped++;
            return;
        }

        if (_buffer.Length == 0) return;
        var isKeyframe = (flags & FrameFlags.Keyframe) != 0;
        if (Format is null || (NeedsKeyframe && !isKeyframe))
        {
            FramesDropped++;
            _buffer.Truncate(0);
            return;
        }

        // Times that do not grow would break whoever writes them to a file; a source that stands still gets the smallest step.
        var decodeTime = Math.Max(DecodeTimeOf(_timestamp, _hasGap, isKeyframe), _lastDecodeTime + 1);
        _lastDecodeTime = decodeTime;
        HasReordered |= _timestamp < _lastPresentation && !_hasGap;
        _lastPresentation = _timestamp;
        _ready[_readyCount++] = new ReadyFrame
        {
            Format = Format,
            DecodeTime = decodeTime,
            CompositionOffset = (int)Math.Clamp(_timestamp - decodeTime, int.MinValue, int.MaxValue),
            Flags = flags | (_hasGap ? FrameFlags.Discontinuity : 0),
            Start = _buffer.Start,
            Length = _buffer.Length,
        };
        _buffer.Commit();
        _hasGap = false;
        NeedsKeyframe = false;
    }

    private struct ReadyFrame
    {
        public FrameFormat Format;
        public long DecodeTime;
        public int CompositionOffset;
        public FrameFlags Flags;
        public int Start;
        public int Length;
    }

    // One payload ends at most the frame before it and its own.
    [InlineArray(2)]
    private struct ReadyFrames
    {
        private ReadyFrame _first;
    }
}
