using System.Text;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Outputs.Whep;

/// <summary>
/// The header extensions of packets to one viewer: the mid while the viewer may not know our SSRC yet, and those the publisher sent that the
/// viewer has agreed to, under the viewer's ids.
/// </summary>
/// <remarks>
/// What a packet carries depends on nothing but its own sequence number and its record in the log: a packet sent again is the same packet,
/// bit for bit. SRTP's AES-GCM is broken by two different packets under one sequence number.
/// </remarks>
internal sealed class OutgoingHeaders
{
    // Long enough to outlast the first round trips, whatever the loss.
    private const int PacketsWithMid = 100;
    private const int ElementHeader = 1;

    private readonly byte[] _idByKind = new byte[HeaderExtensions.KindCount];
    private readonly byte[] _mid;
    private readonly int _midId;
    private readonly bool _forwardsAny;

    public OutgoingHeaders(NegotiatedMedia media)
    {
        _mid = Encoding.ASCII.GetBytes(media.Mid);
        foreach (var (id, kind) in media.Extensions)
        {
            if (id is < 1 or > 14) continue; // the one-byte form has room for these
            if (kind == HeaderExtensionKind.Mid) _midId = id;
            if (!HeaderExtensions.DescribesMedia(kind)) continue;
            _idByKind[(int)kind] = (byte)id;
            _forwardsAny = true;
        }

        if (_mid.Length is 0 or > 16) _midId = 0;
    }

    /// <summary>Bytes of the extension block of a packet, its four-byte head included; 0 where it has none.</summary>
    public int LengthOf(long packetsBefore, ReadOnlySpan<byte> extensions)
    {
        var length = 0;
        if (_midId != 0 && packetsBefore < PacketsWithMid) length += ElementHeader + _mid.Length;
        if (_forwardsAny && extensions.Length > 0) length += Forwarded(extensions, default);
        return length == 0 ? 0 : 4 + ((length + 3) & ~3);
    }

    /// <summary>Writes the block whose length <see cref="LengthOf"/> has said; the destination is exactly that long.</summary>
    public void Write(Span<byte> block, long packetsBefore, ReadOnlySpan<byte> extensions)
    {
        block[0] = 0xBE;
        block[1] = 0xDE;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(block[2..], (ushort)((block.Length - 4) / 4));
        var at = 4;
        if (_midId != 0 && packetsBefore < PacketsWithMid)
        {
            block[at++] = (byte)(_midId << 4 | (_mid.Length - 1));
            _mid.CopyTo(block[at..]);
            at += _mid.Length;
        }

        if (_forwardsAny && extensions.Length > 0) at += Forwarded(extensions, block[at..]);
        block[at..].Clear();
    }

    // Walks the log's normalised list (kind, length, bytes); with an empty destination it only counts.
    private int Forwarded(ReadOnlySpan<byte> extensions, Span<byte> destination)
    {
        var written = 0;
        while (extensions.Length >= 2)
        {
            var kind = extensions[0];
            int length = extensions[1];
            if (length + 2 > extensions.Length) break;
            var id = kind < _idByKind.Length ? _idByKind[kind] : 0;
            if (id != 0 && length is > 0 and <= 16)
            {
                if (!destination.IsEmpty)
                {
                    destination[written] = (byte)(id << 4 | (length - 1));
                    extensions.Slice(2, length).CopyTo(destination[(written + 1)..]);
                }

                written += ElementHeader + length;
            }

            extensions = extensions[(2 + length)..];
        }

        return written;
    }
}
