using System.Buffers.Binary;

namespace Sluice.Protocols.Rtp.Packets;

/// <summary>The two forms an extension block may have (RFC 8285 §4).</summary>
public enum HeaderExtensionForm : byte
{
    /// <summary>Ids 1 to 14, 1 to 16 bytes each.</summary>
    OneByte = 0,

    /// <summary>Ids 1 to 255, 0 to 255 bytes each; only where the peer offered <c>extmap-allow-mixed</c> or an id above 14.</summary>
    TwoByte,
}

/// <summary>
/// Writes an RTP header into a buffer: begin, add the extensions, complete. The payload follows at the length that
/// <see cref="Complete"/> gives. A buffer that is too short or an element the form cannot carry is the caller's error and throws.
/// </summary>
public ref struct RtpHeaderWriter
{
    private readonly Span<byte> _destination;
    private readonly HeaderExtensionForm _form;
    private int _position;

    private RtpHeaderWriter(Span<byte> destination, HeaderExtensionForm form)
    {
        _destination = destination;
        _form = form;
        _position = RtpPacketView.FixedHeaderLength;
    }

    /// <summary>Writes the fixed header, without CSRCs, at the start of the buffer.</summary>
    public static RtpHeaderWriter Begin(
        Span<byte> destination,
        PayloadType payloadType,
        bool marker,
        ushort sequenceNumber,
        uint timestamp,
        Ssrc ssrc,
        HeaderExtensionForm form = HeaderExtensionForm.OneByte)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], ssrc.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], timestamp);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], sequenceNumber);
        destination[1] = (byte)((marker ? 0x80 : 0) | payloadType.Value & 0x7f);
        destination[0] = 0x80;
        return new RtpHeaderWriter(destination, form);
    }

    /// <summary>
    /// Reserves an extension element and gives its bytes to fill, so that a writer needs no buffer between. Throws
    /// <see cref="ArgumentOutOfRangeException"/> where the form cannot carry such an id or length.
    /// </summary>
    public Span<byte> AddExtension(int id, int length)
    {
        if (_position == RtpPacketView.FixedHeaderLength)
        {
            _destination[0] |= 0x10;
            _position += 4;
        }

        Span<byte> data;
        if (_form == HeaderExtensionForm.OneByte)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(id - 1), 13u, nameof(id));
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(length - 1), 15u, nameof(length));
            data = _destination.Slice(_position + 1, length);
            _destination[_position] = (byte)(id << 4 | (length - 1));
            _position += 1 + length;
        }
        else
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(id - 1), 254u, nameof(id));
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, 255u, nameof(length));
            data = _destination.Slice(_position + 2, length);
            _destination[_position] = (byte)id;
            _destination[_position + 1] = (byte)length;
            _position += 2 + length;
        }

        return data;
    }

    /// <summary>Adds an extension element with these bytes.</summary>
    public void AddExtension(int id, ReadOnlySpan<byte> data) => data.CopyTo(AddExtension(id, data.Length));

    /// <summary>Closes the extension block, padded to 32 bits, and gives the length of the header.</summary>
    public int Complete()
    {
        if (_position == RtpPacketView.FixedHeaderLength) return _position;
        while ((_position & 3) != 0)
        {
            _destination[_position++] = 0;
        }

        var words = (_position - RtpPacketView.FixedHeaderLength - 4) / 4;
        var isOneByte = _form == HeaderExtensionForm.OneByte;
        var profile = isOneByte ? HeaderExtensionEnumerator.OneByteProfile : HeaderExtensionEnumerator.TwoByteProfile;
        BinaryPrimitives.WriteUInt16BigEndian(_destination[RtpPacketView.FixedHeaderLength..], profile);
        BinaryPrimitives.WriteUInt16BigEndian(_destination[(RtpPacketView.FixedHeaderLength + 2)..], (ushort)words);
        return _position;
    }

    /// <summary>
    /// Pads a packet: sets the padding bit of the header at its start and writes so many padding bytes behind
    /// <paramref name="length"/> (RFC 3550 §5.1). Gives the new length.
    /// </summary>
    /// <param name="packet">The buffer that holds the packet, header first, and has room for the padding.</param>
    /// <param name="length">Bytes of the packet so far, without padding.</param>
    /// <param name="padding">Bytes to add, 0 to 255; 0 changes nothing.</param>
    public static int Pad(Span<byte> packet, int length, int padding)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)padding, 255u, nameof(padding));
        if (padding == 0) return length;
        var room = packet.Slice(length, padding);
        room.Clear();
        room[^1] = (byte)padding;
        packet[0] |= 0x20;
        return length + padding;
    }
}
