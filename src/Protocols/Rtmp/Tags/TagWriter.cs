using System.Buffers.Binary;
using Sluice.Protocols.Media;

namespace Sluice.Protocols.Rtmp.Tags;

/// <summary>
/// Writes the message of one tag: FLV's own form where it has one (H.264, AAC) and nothing asks for more, else that of Enhanced RTMP v2.
/// A track above 0 is written as multitrack with one track, a nanosecond offset as a modifier.
/// </summary>
public static class TagWriter
{
    /// <summary>The most bytes a header takes.</summary>
    public const int MaxHeaderLength = 20;

    private const byte StereoSixteenBit = 0xaf;

    /// <summary>Bytes the message of a tag takes at most.</summary>
    public static int MaxLength(in MediaTag tag) => MaxHeaderLength + tag.Payload.Length;

    /// <summary>Writes the message. False where the destination is too short, or the tag cannot be said: a codec without FourCC and without FLV form.</summary>
    public static bool TryWrite(in MediaTag tag, Span<byte> destination, out int written)
    {
        written = 0;
        Span<byte> header = stackalloc byte[MaxHeaderLength];
        var length = tag.FourCc == 0 && tag.Track == 0 && tag.NanosecondOffset == 0 ? OldHeader(tag, header) : 0;
        if (length == 0) length = NewHeader(tag, header);
        if (length == 0 || destination.Length < length + tag.Payload.Length) return false;
        header[..length].CopyTo(destination);
        tag.Payload.CopyTo(destination[length..]);
        written = length + tag.Payload.Length;
        return true;
    }

    private static int OldHeader(in MediaTag tag, Span<byte> header)
    {
        if (tag.Kind == MediaKind.Audio)
        {
            if (tag.Codec != RtmpCodec.Aac || tag.PacketType > TagPacketType.CodedFrames) return 0;
            header[0] = StereoSixteenBit;
            header[1] = tag.PacketType == TagPacketType.SequenceStart ? (byte)0 : (byte)1;
            return 2;
        }

        if (tag.Codec != RtmpCodec.Avc || tag.PacketType > TagPacketType.SequenceEnd) return 0;
        header[0] = (byte)((int)tag.FrameType << 4 | 7);
        header[1] = (byte)tag.PacketType;
        if (tag.PacketType == TagPacketType.SequenceEnd) return tag.Payload.IsEmpty ? 5 : 0;
        WriteU24(header[2..], tag.PacketType == TagPacketType.CodedFrames ? tag.CompositionOffset : 0);
        return 5;
    }

    private static int NewHeader(in MediaTag tag, Span<byte> header)
    {
        var fourCc = tag.FourCc != 0 ? tag.FourCc : RtmpCodecs.FourCcOf(tag.Codec);
        if (fourCc == 0 || NumberOf(tag) is not { } packetType) return 0;
        var isVideo = tag.Kind == MediaKind.Video;
        var withOffset = isVideo && packetType == 1 && tag.Codec is RtmpCodec.Avc or RtmpCodec.Hevc or RtmpCodec.Vvc;
        var first = isVideo ? 0x80 | (int)tag.FrameType << 4 : 0x90;
        var outer = tag.Track == 0 ? packetType : isVideo ? 6 : 5;
        var at = 1;
        header[0] = (byte)(first | (tag.NanosecondOffset == 0 ? outer : 7));
        if (tag.NanosecondOffset != 0)
        {
            header[at++] = 2; // three bytes follow
            WriteU24(header[at..], tag.NanosecondOffset);
            at += 3;
            header[at++] = (byte)outer;
        }

        if (tag.Track != 0) header[at++] = (byte)packetType;
        BinaryPrimitives.WriteUInt32BigEndian(header[at..], fourCc);
        at += 4;
        if (tag.Track != 0) header[at++] = tag.Track;
        if (!withOffset) return at;
        WriteU24(header[at..], tag.CompositionOffset);
        return at + 3;
    }

    private static int? NumberOf(in MediaTag tag) => (tag.Kind, tag.PacketType) switch
    {
        (_, TagPacketType.SequenceStart) => 0,
        (MediaKind.Video, TagPacketType.CodedFrames) when tag.CompositionOffset == 0 && tag.Codec is RtmpCodec.Avc or RtmpCodec.Hevc => 3,
        (_, TagPacketType.CodedFrames) => 1,
        (_, TagPacketType.SequenceEnd) => 2,
        (MediaKind.Video, TagPacketType.Metadata) => 4,
        (MediaKind.Video, TagPacketType.TransportStreamSequenceStart) => 5,
        (MediaKind.Audio, TagPacketType.MultichannelConfiguration) => 4,
        _ => null,
    };

    private static void WriteU24(Span<byte> destination, int value)
    {
        destination[0] = (byte)(value >> 16);
        destination[1] = (byte)(value >> 8);
        destination[2] = (byte)value;
    }
}
