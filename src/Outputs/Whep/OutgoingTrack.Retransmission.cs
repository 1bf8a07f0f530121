using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Peers;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Whep;

/// <summary>What a viewer asks for again, taken from the log: as RTX where it has agreed to it (RFC 4588), else as the same packet.</summary>
internal sealed partial class OutgoingTrack
{
    private const int MaxPending = 256;

    private long[] _pending = []; // most viewers never ask
    private int _pendingHead;
    private int _pendingCount;
    private uint _rtxSequence;

    public long PacketsRetransmitted { get; private set; }

    public long NacksReceived { get; private set; }

    public bool HasRetransmissions => _pendingCount > 0;

    /// <summary>
    /// Notes one packet the viewer misses. At the limit further ones are dropped: a viewer that misses that many needs a key picture.
    /// </summary>
    public void HandleNack(ushort sequence)
    {
        NacksReceived++;
        var wanted = SerialNumber.Extend(_highestOut, sequence);
        if (wanted > _highestOut || wanted < _firstOut || _pendingCount == MaxPending) return;
        if (_pending.Length == 0) _pending = new long[MaxPending];
        _pending[(_pendingHead + _pendingCount++) % MaxPending] = wanted;
    }

    /// <summary>Writes the next retransmission; 0 where there is none.</summary>
    public int WriteRetransmission(Peer peer, Span<byte> destination, SrtpBatch? batch)
    {
        while (_pendingCount > 0)
        {
            var sequence = _pending[_pendingHead];
            _pendingHead = (_pendingHead + 1) % MaxPending;
            _pendingCount--;
            var source = _source is { } current && sequence >= current.FirstOut ? current : _previous;
            if (source is null || !source.Track.Packets.TryFind(sequence - source.SequenceShift, out var view)) continue;
            var payload = _payloads.For(source.Track, view.Header.FormatIndex);
            if (!payload.IsDecodable) continue;
            var waiting = batch?.Count ?? 0;
            var length = _rtxSsrc != 0 && payload.HasRtx
                ? WriteRtx(peer, destination, source, view, sequence, payload, batch)
                : Write(peer, destination, source, view, payload, 0, batch);
            if (length == NotForThisViewer || !view.IsStillValid)
            {
                batch?.Withdraw(waiting);
                continue;
            }

            PacketsRetransmitted++;
            return length;
        }

        return 0;
    }

    private int WriteRtx(Peer peer, Span<byte> destination, OutgoingSource source, in Control.Tracks.PacketView view, long sequence,
        OutgoingPayloads.Entry payload, SrtpBatch? batch)
    {
        var headerLength = WriteHeader(destination, source, view, sequence, payload.RtxPayloadType, _rtxSsrc);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)_rtxSequence);
        var copy = destination.Slice(headerLength, 2 + view.Payload.Length);
        BinaryPrimitives.WriteUInt16BigEndian(copy, (ushort)sequence);
        view.Payload.CopyTo(copy[2..]);
        if (!_pictureIds.Rewrite(payload.Codec, copy[2..], source.PictureRun)) return NotForThisViewer;
        return peer.ProtectRtp(destination, headerLength, copy, _rtxSequence++ >> 16, batch);
    }
}
