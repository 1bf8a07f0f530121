using System.Buffers.Binary;
using System.Text;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Workers.Transcoding;

/// <summary>
/// Frames as a child process reads them from its pipe: Matroska (RFC 9559) with one track, times in microseconds and each frame in a cluster of its own, so that a
/// reader never waits for the next to know that one is whole.
/// </summary>
internal static class MatroskaWriter
{
    /// <summary>Bytes before each frame's payload.</summary>
    public const int FrameHeadLength = 35;

    private const int SizeLength = 8;

    private const uint Ebml = 0x1A45DFA3;
    private const uint EbmlVersion = 0x4286;
    private const uint EbmlReadVersion = 0x42F7;
    private const uint EbmlMaxIdLength = 0x42F2;
    private const uint EbmlMaxSizeLength = 0x42F3;
    private const uint DocType = 0x4282;
    private const uint DocTypeVersion = 0x4287;
    private const uint DocTypeReadVersion = 0x4285;
    private const uint Segment = 0x18538067;
    private const uint SegmentFacts = 0x1549A966;
    private const uint TimestampScale = 0x2AD7B1;
    private const uint MuxingApp = 0x4D80;
    private const uint WritingApp = 0x5741;
    private const uint Tracks = 0x1654AE6B;
    private const uint TrackEntry = 0xAE;
    private const uint TrackNumber = 0xD7;
    private const uint TrackUid = 0x73C5;
    private const uint TrackType = 0x83;
    private const uint Lacing = 0x9C;
    private const uint CodecId = 0x86;
    private const uint CodecPrivate = 0x63A2;
    private const uint Video = 0xE0;
    private const uint PixelWidth = 0xB0;
    private const uint PixelHeight = 0xBA;
    private const uint Audio = 0xE1;
    private const uint SamplingFrequency = 0xB5;
    private const uint Channels = 0x9F;
    private const uint Cluster = 0x1F43B675;
    private const uint Timestamp = 0xE7;
    private const uint SimpleBlock = 0xA3;

    /// <summary>True where the format has a name in Matroska that is written here.</summary>
    public static bool CanWrite(Codec codec) => NameOf(codec) is not null;

    /// <summary>What stands before the first frame.</summary>
    public static byte[] MakeHeader(FrameFormat format)
    {
        var bytes = new MemoryStream();
        bytes.Write(Element(Ebml, [
            .. Number(EbmlVersion, 1), .. Number(EbmlReadVersion, 1), .. Number(EbmlMaxIdLength, 4), .. Number(EbmlMaxSizeLength, 8),
            .. Element(DocType, "matroska"u8), .. Number(DocTypeVersion, 4), .. Number(DocTypeReadVersion, 2)]));
        bytes.Write(Id(Segment));
        bytes.Write([0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]); // of unknown size
        bytes.Write(Element(SegmentFacts, [.. Number(TimestampScale, 1000), .. Element(MuxingApp, "sluice"u8), .. Element(WritingApp, "sluice"u8)]));
        bytes.Write(Element(Tracks, Element(TrackEntry, [
            .. Number(TrackNumber, 1), .. Number(TrackUid, 1), .. Number(TrackType, format.Kind == MediaKind.Video ? 1 : 2ul), .. Number(Lacing, 0),
            .. Element(CodecId, Encoding.ASCII.GetBytes(NameOf(format.Codec) ?? throw new ArgumentException("Not a codec for Matroska.", nameof(format)))),
            .. format.Configuration.IsEmpty ? [] : Element(CodecPrivate, format.Configuration),
            .. format.Kind == MediaKind.Video ? PictureOf(format) : SoundOf(format)])));
        return bytes.ToArray();
    }

    /// <summary>Writes what stands before a frame's payload.</summary>
    /// <param name="destination">At least <see cref="FrameHeadLength"/> bytes.</param>
    /// <param name="microseconds">When it is shown or heard.</param>
    /// <param name="isKeyframe">Decoding can begin there.</param>
    /// <param name="payloadLength">Bytes of payload to follow.</param>
    public static void WriteFrameHead(Span<byte> destination, long microseconds, bool isKeyframe, int payloadLength)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, Cluster);
        WriteSize(destination[4..], FrameHeadLength - 12 + payloadLength);
        destination[12] = (byte)Timestamp;
        destination[13] = 0x88;
        BinaryPrimitives.WriteInt64BigEndian(destination[14..], microseconds);
        destination[22] = (byte)SimpleBlock;
        WriteSize(destination[23..], 4 + payloadLength);
        destination[31] = 0x81; // track 1
        destination[32] = 0;
        destination[33] = 0; // at the cluster's own time
        destination[34] = isKeyframe ? (byte)0x80 : (byte)0;
    }

    private static string? NameOf(Codec codec) => codec switch
    {
        Codec.Aac => "A_AAC",
        Codec.Opus => "A_OPUS",
        Codec.H264 => "V_MPEG4/ISO/AVC",
        Codec.H265 => "V_MPEGH/ISO/HEVC",
        _ => null,
    };

    private static byte[] PictureOf(FrameFormat format) =>
        Element(Video, [.. Number(PixelWidth, (ulong)format.Resolution.Width), .. Number(PixelHeight, (ulong)format.Resolution.Height)]);

    private static byte[] SoundOf(FrameFormat format)
    {
        var rate = new byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(rate, format.ClockRate);
        return Element(Audio, [.. Element(SamplingFrequency, rate), .. Number(Channels, (ulong)Math.Max(1, format.Channels))]);
    }

    private static byte[] Number(uint id, ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return Element(id, bytes);
    }

    private static byte[] Element(uint id, ReadOnlySpan<byte> content)
    {
        var name = Id(id);
        var element = new byte[name.Length + SizeLength + content.Length];
        name.CopyTo(element, 0);
        WriteSize(element.AsSpan(name.Length), content.Length);
        content.CopyTo(element.AsSpan(name.Length + SizeLength));
        return element;
    }

    private static byte[] Id(uint id)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, id);
        return bytes.TrimStart((byte)0).ToArray();
    }

    private static void WriteSize(Span<byte> destination, long size) => BinaryPrimitives.WriteUInt64BigEndian(destination, (ulong)size | 1UL << 56);
}
