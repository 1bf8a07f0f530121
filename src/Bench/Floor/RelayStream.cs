using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Bench.Floor;

/// <summary>One publisher's stream in a relay: its last packets, decrypted, in a ring that one thread writes and its readers follow.</summary>
internal sealed class RelayStream : IDisposable
{
    private const int SlotBytes = 1536;

    private readonly SrtpReceiver _receiver;
    private readonly byte[] _slots;
    private readonly int[] _lengths;
    private readonly int _mask;
    private long _head;
    private long _whole;

    /// <param name="keys">The publisher's; disposed of.</param>
    /// <param name="capacity">Packets kept, a power of two; a reader must not fall that far behind.</param>
    public RelayStream(SrtpKeys keys, int capacity)
    {
        _receiver = new SrtpReceiver(keys);
        keys.Dispose();
        _slots = new byte[capacity * SlotBytes];
        _lengths = new int[capacity];
        _mask = capacity - 1;
    }

    /// <summary>Packets that may be sent: up to the last end of a picture, or sound.</summary>
    public long Whole => Volatile.Read(ref _whole);

    /// <summary>Takes a datagram; true where there is something to send now.</summary>
    public bool TryAppend(Span<byte> datagram)
    {
        if (datagram.Length > SlotBytes || datagram.Length < 12 || datagram[1] is >= 192 and <= 223) return false; // RTCP ends here
        if (_receiver.UnprotectRtp(datagram, out var length) != SrtpError.None) return false;
        var slot = (int)_head & _mask;
        datagram[..length].CopyTo(_slots.AsSpan(slot * SlotBytes));
        _lengths[slot] = length;
        _head++;
        if ((datagram[1] & 0x80) == 0 && IsVideo(datagram)) return false;
        Volatile.Write(ref _whole, _head);
        return true;
    }

    /// <summary>A packet that was appended.</summary>
    public ReadOnlySpan<byte> Packet(long index)
    {
        if (_head - index > _mask) throw new InvalidOperationException("The relay fell behind by a whole ring.");
        var slot = (int)index & _mask;
        return _slots.AsSpan(slot * SlotBytes, _lengths[slot]);
    }

    public static bool IsVideo(ReadOnlySpan<byte> packet) => (packet[1] & 0x7f) != Load.PeerOffer.AudioPayloadType;

    public void Dispose() => _receiver.Dispose();
}
