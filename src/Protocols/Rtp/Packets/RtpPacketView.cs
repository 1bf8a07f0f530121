using System.Buffers.Binary;

namespace Sluice.Protocols.Rtp.Packets;

/// <summary>
/// A validated RTP packet over the bytes of its datagram (RFC 3550 §5.1, header extensions RFC 8285 §4). It owns nothing and allocates
/// nothing; it is valid as long as the bytes are. SRTP packets may be viewed too, but <see cref="PaddingLength"/> and
/// <see cref="Payload"/> mean nothing before decryption: use <see cref="TryParseHeader"/> for them.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                           timestamp                           |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |           synchronization source (SSRC) identifier            |
/// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
/// |            contributing source (CSRC) identifiers, CC of them |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |  X: profile (0xBEDE, 0x100x)  |  X: length in 32-bit words    |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                    X: extension elements                      |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |        payload, then P: padding, its count in the last byte   |
/// </code>
/// </summary>
public readonly ref struct RtpPacketView
{
    /// <summary>Bytes of the header without CSRCs and extension.</summary>
    public const int FixedHeaderLength = 12;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _headerLength;
    private readonly int _paddingLength;

    private RtpPacketView(ReadOnlySpan<byte> bytes, int headerLength, int paddingLength)
    {
        _bytes = bytes;
        _headerLength = headerLength;
        _paddingLength = paddingLength;
    }

    /// <summary>The whole packet.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The payload type.</summary>
    public PayloadType PayloadType => new((byte)(_bytes[1] & 0x7f));

    /// <summary>The marker bit: for video the last packet of a frame.</summary>
    public bool Marker => (_bytes[1] & 0x80) != 0;

    /// <summary>The sequence number.</summary>
    public ushort SequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(_bytes[2..]);

    /// <summary>The media timestamp in ticks of the payload's clock.</summary>
    public uint Timestamp => BinaryPrimitives.ReadUInt32BigEndian(_bytes[4..]);

    /// <summary>The stream the packet belongs to.</summary>
    public Ssrc Ssrc => new(BinaryPrimitives.ReadUInt32BigEndian(_bytes[8..]));

    /// <summary>How many contributing sources the header lists.</summary>
    public int CsrcCount => _bytes[0] & 0x0f;

    /// <summary>Bytes before the payload: fixed header, CSRCs and extension.</summary>
    public int HeaderLength => _headerLength;

    /// <summary>The payload without padding; empty for a packet of padding only.</summary>
    public ReadOnlySpan<byte> Payload => _bytes[_headerLength..^_paddingLength];

    /// <summary>Bytes of padding at the end, including the count byte; 0 where the packet has none.</summary>
    public int PaddingLength => _paddingLength;

    /// <summary>True where the header carries an extension block.</summary>
    public bool HasExtension => (_bytes[0] & 0x10) != 0;

    /// <summary>The 16 bits that open the extension block, 0 where there is none.</summary>
    public ushort ExtensionProfile => HasExtension ? BinaryPrimitives.ReadUInt16BigEndian(_bytes[ExtensionOffset..]) : (ushort)0;

    /// <summary>The extension block after its four leading bytes, empty where there is none.</summary>
    public ReadOnlySpan<byte> ExtensionBlock => HasExtension ? _bytes[(ExtensionOffset + 4).._headerLength] : default;

    /// <summary>The extension elements in wire order.</summary>
    public HeaderExtensionEnumerator Extensions => new(ExtensionProfile, ExtensionBlock);

    private int ExtensionOffset => FixedHeaderLength + CsrcCount * 4;

    /// <summary>The contributing source at an index below <see cref="CsrcCount"/>.</summary>
    public Ssrc Csrc(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)CsrcCount);
        return new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(_bytes[(FixedHeaderLength + index * 4)..]));
    }

    /// <summary>
    /// Finds the first extension element with an id. False where the packet has none, and for id 0, which is padding.
    /// </summary>
    public bool TryGetExtension(int id, out ReadOnlySpan<byte> data)
    {
        foreach (var element in Extensions)
        {
            if (element.Id == id)
            {
                data = element.Data;
                return true;
            }
        }

        data = default;
        return false;
    }

    /// <summary>
    /// Validates a plain packet: version 2, CSRCs and extension inside the datagram, and a padding count between 1 and the bytes behind
    /// the header (RFC 3550 §A.1).
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out RtpPacketView view)
    {
        if (!TryParseHeader(packet, out view)) return false;
        if ((packet[0] & 0x20) == 0) return true;
        int padding = packet[^1];
        if (padding == 0 || padding > packet.Length - view._headerLength)
        {
            view = default;
            return false;
        }

        view = new RtpPacketView(packet, view._headerLength, padding);
        return true;
    }

    /// <summary>
    /// Validates the header alone and takes everything behind it as payload: for SRTP packets, whose padding count is encrypted.
    /// </summary>
    public static bool TryParseHeader(ReadOnlySpan<byte> packet, out RtpPacketView view)
    {
        view = default;
        if (packet.Length < FixedHeaderLength || packet[0] >> 6 != 2) return false;
        var length = FixedHeaderLength + (packet[0] & 0x0f) * 4;
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < length + 4) return false;
            length += 4 + BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]) * 4;
        }

        if (packet.Length < length) return false;
        view = new RtpPacketView(packet, length, 0);
        return true;
    }
}
