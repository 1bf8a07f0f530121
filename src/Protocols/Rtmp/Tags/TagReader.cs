using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtmp.Tags;

/// <summary>
/// Reads the tags of one audio or video message: one, or with multitrack one a track (FLV 10.1 §E.4.2, §E.4.3; Enhanced RTMP v1 and v2).
/// Allocates nothing; payloads are slices of the message.
/// </summary>
public ref struct TagReader
{
    private const int AudioExtended = 9;
    private const int VideoMultitrack = 6;
    private const int AudioMultitrack = 5;
    private const int ModEx = 7;
    private const int MaxNanoseconds = 999_999;

    private readonly MediaKind _kind;
    private readonly long _timestamp;
    private ByteReader _reader;
    private bool _isBegun;
    private bool _hasTracks;
    private MultitrackType _multitrack;
    private TagFrameType _frameType;
    private int _packetType;
    private int _nanoseconds;
    private uint _fourCc;

    /// <summary>Reads a message.</summary>
    /// <param name="kind">Audio or video, from the message's type.</param>
    /// <param name="timestamp">The message's timestamp.</param>
    /// <param name="message">Its payload.</param>
    public TagReader(MediaKind kind, long timestamp, ReadOnlySpan<byte> message)
    {
        _kind = kind;
        _timestamp = timestamp;
        _reader = new ByteReader(message);
        IsMultitrack = false;
    }

    private enum MultitrackType
    {
        OneTrack = 0,
        ManyTracks = 1,
        ManyTracksManyCodecs = 2,
    }

    /// <summary>Why reading ended before the message did.</summary>
    public TagError Error { get; private set; }

    /// <summary>The number <see cref="Error"/> speaks of.</summary>
    public uint ErrorValue { get; private set; }

    /// <summary>The message names its tracks.</summary>
    public bool IsMultitrack { get; private set; }

    /// <summary>Reads the next tag; false at the end and at damage.</summary>
    public bool TryRead(out MediaTag tag)
    {
        tag = default;
        if (Error != TagError.None) return false;
        if (_isBegun) return _hasTracks && _reader.Remaining > 0 && TryReadTrack(out tag);
        _isBegun = true;
        if (!_reader.TryReadU8(out var first)) return Fail(TagError.Empty);
        if (_kind == MediaKind.Video) return (first & 0x80) == 0 ? TryReadOldVideo(first, out tag) : TryReadNewVideo(first, out tag);
        return first >> 4 == AudioExtended ? TryReadNewAudio(first, out tag) : TryReadOldAudio(first, out tag);
    }

    private bool TryReadOldVideo(byte first, out MediaTag tag)
    {
        tag = default;
        var frameType = (TagFrameType)(first >> 4);
        var codec = RtmpCodecs.FromVideoId(first & 0xf);
        if (frameType == TagFrameType.Command) return Give(codec, 0, TagPacketType.Command, frameType, 0, 0, _reader.Rest, out tag);
        if (codec == RtmpCodec.Unknown) return Fail(TagError.UnknownCodec, (uint)(first & 0xf));
        if (codec is not (RtmpCodec.Avc or RtmpCodec.Hevc))
        {
            return Give(codec, 0, TagPacketType.CodedFrames, frameType, 0, 0, _reader.Rest, out tag);
        }

        if (!_reader.TryReadU8(out var type)) return Fail(TagError.Truncated);
        if (type == 2) return Give(codec, 0, TagPacketType.SequenceEnd, frameType, 0, 0, default, out tag);
        if (type > 2) return Fail(TagError.UnknownPacketType, type);
        if (!TryReadComposition(ref _reader, out var offset)) return Fail(TagError.Truncated);
        return type == 0
            ? Give(codec, 0, TagPacketType.SequenceStart, frameType, 0, 0, _reader.Rest, out tag)
            : Give(codec, 0, TagPacketType.CodedFrames, frameType, 0, offset, _reader.Rest, out tag);
    }

    private bool TryReadOldAudio(byte first, out MediaTag tag)
    {
        tag = default;
        var codec = RtmpCodecs.FromSoundFormat(first >> 4);
        if (codec == RtmpCodec.Unknown) return Fail(TagError.UnknownCodec, (uint)(first >> 4));
        var packetType = TagPacketType.CodedFrames;
        if (codec == RtmpCodec.Aac)
        {
            if (!_reader.TryReadU8(out var type)) return Fail(TagError.Truncated);
            if (type > 1) return Fail(TagError.UnknownPacketType, type);
            if (type == 0) packetType = TagPacketType.SequenceStart;
        }

        return Give(codec, 0, packetType, TagFrameType.None, 0, 0, _reader.Rest, out tag);
    }

    private bool TryReadNewVideo(byte first, out MediaTag tag)
    {
        tag = default;
        _frameType = (TagFrameType)(first >> 4 & 7);
        _packetType = first & 0xf;
        if (!TryReadModifiers()) return false;
        if (_frameType == TagFrameType.Command && _packetType != 4)
        {
            return _reader.TryReadBytes(1, out var command)
                ? Give(RtmpCodec.Unknown, 0, TagPacketType.Command, _frameType, 0, 0, command, out tag)
                : Fail(TagError.Truncated);
        }

        return TryReadTracks(VideoMultitrack, out tag);
    }

    private bool TryReadNewAudio(byte first, out MediaTag tag)
    {
        tag = default;
        _packetType = first & 0xf;
        return TryReadModifiers() && TryReadTracks(AudioMultitrack, out tag);
    }

    // Each modifier names the packet type again, which may be another modifier. Unknown ones are passed over, as they announce their length.
    private bool TryReadModifiers()
    {
        while (_packetType == ModEx)
        {
            if (!_reader.TryReadU8(out var shortSize)) return Fail(TagError.Truncated);
            var size = shortSize + 1;
            if (size == 256)
            {
                if (!_reader.TryReadU16(out var longSize)) return Fail(TagError.Truncated);
                size = longSize + 1;
            }

            if (!_reader.TryReadBytes(size, out var modifier) || !_reader.TryReadU8(out var types)) return Fail(TagError.Truncated);
            if (types >> 4 == 0)
            {
                if (size < 3) return Fail(TagError.BadNanosecondOffset);
                _nanoseconds = modifier[0] << 16 | modifier[1] << 8 | modifier[2];
                if (_nanoseconds > MaxNanoseconds) return Fail(TagError.BadNanosecondOffset, (uint)_nanoseconds);
            }

            _packetType = types & 0xf;
        }

        return true;
    }

    private bool TryReadTracks(int multitrack, out MediaTag tag)
    {
        tag = default;
        if (_packetType != multitrack)
        {
            if (!_reader.TryReadU32(out _fourCc)) return Fail(TagError.Truncated);
            return TryReadBody(0, _reader.Rest, out tag);
        }

        IsMultitrack = true;
        if (!_reader.TryReadU8(out var types)) return Fail(TagError.Truncated);
        _multitrack = (MultitrackType)(types >> 4);
        _packetType = types & 0xf;
        if (_multitrack > MultitrackType.ManyTracksManyCodecs) return Fail(TagError.UnknownMultitrackType, (uint)_multitrack);
        if (_packetType == multitrack) return Fail(TagError.NestedMultitrack);
        if (_multitrack != MultitrackType.ManyTracksManyCodecs && !_reader.TryReadU32(out _fourCc)) return Fail(TagError.Truncated);
        _hasTracks = _multitrack != MultitrackType.OneTrack;
        return TryReadTrack(out tag);
    }

    private bool TryReadTrack(out MediaTag tag)
    {
        tag = default;
        if (_multitrack == MultitrackType.ManyTracksManyCodecs && !_reader.TryReadU32(out _fourCc)) return Fail(TagError.Truncated);
        if (!_reader.TryReadU8(out var track)) return Fail(TagError.Truncated);
        if (_multitrack == MultitrackType.OneTrack) return TryReadBody(track, _reader.Rest, out tag);
        if (!_reader.TryReadU24(out var size) || !_reader.TryReadBytes((int)size, out var body)) return Fail(TagError.Truncated);
        return TryReadBody(track, body, out tag);
    }

    private bool TryReadBody(byte track, ReadOnlySpan<byte> body, out MediaTag tag)
    {
        tag = default;
        var type = PacketTypeOf(_kind, _packetType);
        if (type is not { } packetType) return Fail(TagError.UnknownPacketType, (uint)_packetType);
        var codec = RtmpCodecs.FromFourCc(_fourCc);
        if (RtmpCodecs.KindOf(codec) != _kind) codec = RtmpCodec.Unknown;
        var offset = 0;
        if (_kind == MediaKind.Video && _packetType == 1 && codec is RtmpCodec.Avc or RtmpCodec.Hevc or RtmpCodec.Vvc)
        {
            var reader = new ByteReader(body);
            if (!TryReadComposition(ref reader, out offset)) return Fail(TagError.Truncated);
            body = reader.Rest;
        }

        return Give(codec, _fourCc, packetType, _frameType, track, offset, body, out tag);
    }

    private static TagPacketType? PacketTypeOf(MediaKind kind, int type) => (kind, type) switch
    {
        (_, 0) => TagPacketType.SequenceStart,
        (_, 1) => TagPacketType.CodedFrames,
        (_, 2) => TagPacketType.SequenceEnd,
        (MediaKind.Video, 3) => TagPacketType.CodedFrames, // without the composition offset, which is 0
        (MediaKind.Video, 4) => TagPacketType.Metadata,
        (MediaKind.Video, 5) => TagPacketType.TransportStreamSequenceStart,
        (MediaKind.Audio, 4) => TagPacketType.MultichannelConfiguration,
        _ => null,
    };

    private static bool TryReadComposition(ref ByteReader reader, out int offset)
    {
        var isRead = reader.TryReadU24(out var value);
        offset = (int)(value << 8) >> 8;
        return isRead;
    }

    private readonly bool Give(
        RtmpCodec codec, uint fourCc, TagPacketType packetType, TagFrameType frameType, byte track, int offset, ReadOnlySpan<byte> payload, out MediaTag tag)
    {
        tag = new MediaTag
        {
            Kind = _kind,
            Codec = codec,
            FourCc = fourCc,
            PacketType = packetType,
            FrameType = frameType,
            Track = track,
            Timestamp = _timestamp,
            NanosecondOffset = _nanoseconds,
            CompositionOffset = offset,
            Payload = payload,
        };
        return true;
    }

    private bool Fail(TagError error, uint value = 0)
    {
        Error = error;
        ErrorValue = value;
        return false;
    }
}
