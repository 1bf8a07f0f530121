using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Vp9;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtp.Payloads.Packetizers;

/// <summary>
/// RFC 9628 in non-flexible mode for streams of one layer: a picture id of 15 bits, no layer indices, and with every keyframe a scalability
/// structure that says so: one layer of the keyframe's size, each picture referring to the one before.
/// </summary>
internal sealed class Vp9Packetizer(int maxPayload) : Packetizer(Codec.Vp9, maxPayload)
{
    private const int DescriptorLength = 3, StructureLength = 8;
    private const byte HasPictureId = 0x80, Predicted = 0x40, Start = 0x08, End = 0x04, HasStructure = 0x02, NotReferencedAbove = 0x01;
    private const byte HasSizes = 0x10, HasGroup = 0x08;

    private ushort _pictureId;
    private Resolution _resolution;
    private int _at;
    private int _end;
    private int _piece;
    private int _structure; // bytes of it within the first payload

    private protected override bool Plan(in Frame frame)
    {
        _at = 0;
        _end = frame.Payload.Length;
        if (_end == 0) return false;
        _structure = 0;
        if (frame.IsKeyframe)
        {
            _resolution = Vp9FrameHeader.TryParse(frame.Payload, out var header) ? header.Resolution : frame.Format.Resolution;
            _structure = StructureLength;
        }

        _piece = EvenPiece(_end + _structure, MaxPayload - DescriptorLength);
        _pictureId = (ushort)(_pictureId + 1 & 0x7fff);
        return true;
    }

    private protected override int Write(in Frame frame, Span<byte> destination, out bool isLast)
    {
        isLast = false;
        if (_at == _end) return 0;
        var structure = _at == 0 ? _structure : 0;
        var length = Math.Min(_piece - structure, _end - _at);
        isLast = _at + length == _end;
        destination[0] = (byte)(HasPictureId
            | (frame.IsKeyframe ? 0 : Predicted)
            | (_at == 0 ? Start : 0)
            | (isLast ? End : 0)
            | (structure > 0 ? HasStructure : 0)
            | NotReferencedAbove);
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)(0x8000 | _pictureId));
        if (structure > 0) WriteStructure(destination.Slice(DescriptorLength, StructureLength));
        var head = DescriptorLength + structure;
        frame.Payload.Slice(_at, length).CopyTo(destination[head..]);
        _at += length;
        return head + length;
    }

    private void WriteStructure(Span<byte> destination)
    {
        destination[0] = HasSizes | HasGroup; // one spatial layer
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)_resolution.Width);
        BinaryPrimitives.WriteUInt16BigEndian(destination[3..], (ushort)_resolution.Height);
        destination[5] = 1; // a group of one picture
        destination[6] = 0x04; // temporal layer 0 with one reference
        destination[7] = 1; // to the picture before
    }
}
