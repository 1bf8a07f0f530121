using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtp.Payloads.Packetizers;

/// <summary>RFC 7741 with a picture id of 15 bits. Frames are cut anywhere: every piece counts to partition 0.</summary>
internal sealed class Vp8Packetizer(int maxPayload) : Packetizer(Codec.Vp8, maxPayload)
{
    private const int DescriptorLength = 4;
    private const byte Extended = 0x80, NonReference = 0x20, Start = 0x10, HasPictureId = 0x80;

    private ushort _pictureId;
    private int _at;
    private int _end;
    private int _piece;

    private protected override bool Plan(in Frame frame)
    {
        _at = 0;
        _end = frame.Payload.Length;
        _piece = EvenPiece(_end, MaxPayload - DescriptorLength);
        if (_end > 0) _pictureId = (ushort)(_pictureId + 1 & 0x7fff);
        return _end > 0;
    }

    private protected override int Write(in Frame frame, Span<byte> destination, out bool isLast)
    {
        var length = Math.Min(_piece, _end - _at);
        isLast = _at + length == _end;
        if (length == 0) return 0;
        var disposable = (frame.Flags & FrameFlags.Disposable) != 0 ? NonReference : (byte)0;
        destination[0] = (byte)(Extended | disposable | (_at == 0 ? Start : 0));
        destination[1] = HasPictureId;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(0x8000 | _pictureId));
        frame.Payload.Slice(_at, length).CopyTo(destination[DescriptorLength..]);
        _at += length;
        return DescriptorLength + length;
    }
}
