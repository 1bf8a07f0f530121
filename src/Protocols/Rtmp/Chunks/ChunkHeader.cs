using System.Buffers.Binary;

namespace Sluice.Protocols.Rtmp.Chunks;

/// <summary>The basic and message header before a chunk, as far as they do not depend on earlier ones (RTMP 1.0 §5.3.1).</summary>
internal readonly struct ChunkHeader
{
    /// <summary>The longest header: three bytes of basic header, eleven of message header, four of extended timestamp.</summary>
    public const int MaxLength = 18;

    /// <summary>A timestamp field of this value says that the extended field follows.</summary>
    public const uint ExtendedMark = 0xffffff;

    private ChunkHeader(int form, int chunkStreamId, int length)
    {
        Form = form;
        ChunkStreamId = chunkStreamId;
        Length = length;
    }

    /// <summary>0 to 3: how much is left out.</summary>
    public int Form { get; }

    /// <summary>2 to 65599.</summary>
    public int ChunkStreamId { get; }

    /// <summary>Bytes of the header; the extended timestamp of form 3 is not counted.</summary>
    public int Length { get; private init; }

    /// <summary>Forms 0 to 2: the timestamp or delta, from the extended field where there is one.</summary>
    public uint Time { get; private init; }

    /// <summary>Forms 0 to 2: there was an extended field.</summary>
    public bool IsExtended { get; private init; }

    /// <summary>Forms 0 and 1: bytes of the message.</summary>
    public int MessageLength { get; private init; }

    /// <summary>Forms 0 and 1: what the message is.</summary>
    public RtmpMessageType Type { get; private init; }

    /// <summary>Form 0: the message stream.</summary>
    public uint MessageStreamId { get; private init; }

    /// <summary>Reads a header; false where more bytes are needed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ChunkHeader header)
    {
        header = default;
        if (bytes.IsEmpty) return false;
        var id = bytes[0] & 0x3f;
        var basic = id switch { 0 => 2, 1 => 3, _ => 1 };
        if (bytes.Length < basic) return false;
        id = id switch { 0 => bytes[1] + 64, 1 => bytes[1] + 64 + (bytes[2] << 8), _ => id };
        var form = bytes[0] >> 6;
        if (form == 3)
        {
            header = new ChunkHeader(form, id, basic);
            return true;
        }

        var length = basic + form switch { 0 => 11, 1 => 7, _ => 3 };
        if (bytes.Length < length) return false;
        var fields = bytes[basic..];
        var time = ReadU24(fields);
        var isExtended = time == ExtendedMark;
        if (isExtended)
        {
            if (bytes.Length < length + 4) return false;
            time = BinaryPrimitives.ReadUInt32BigEndian(bytes[length..]);
        }

        header = new ChunkHeader(form, id, length + (isExtended ? 4 : 0))
        {
            Time = time,
            IsExtended = isExtended,
            MessageLength = form < 2 ? (int)ReadU24(fields[3..]) : 0,
            Type = form < 2 ? (RtmpMessageType)fields[6] : default,
            MessageStreamId = form == 0 ? BinaryPrimitives.ReadUInt32LittleEndian(fields[7..]) : 0,
        };
        return true;
    }

    private static uint ReadU24(ReadOnlySpan<byte> bytes) => (uint)(bytes[0] << 16 | bytes[1] << 8 | bytes[2]);
}
