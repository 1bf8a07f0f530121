using System.Buffers.Binary;

namespace Sluice.Protocols.Wire;

/// <summary>
/// Datagrams over a byte stream: each behind its length in two bytes (RFC 4571 §2), as ICE-TCP carries STUN, DTLS and SRTP (RFC 6544 §10.1).
/// </summary>
public static class DatagramFraming
{
    /// <summary>Bytes before each datagram.</summary>
    public const int PrefixLength = 2;

    /// <summary>The longest datagram taken or written. No WebRTC datagram comes near it; a longer one is an error.</summary>
    public const int MaxDatagramLength = 2048;

    /// <summary>Writes a datagram with its prefix; false, and nothing written, where it is too long for the format or for the room.</summary>
    public static bool TryWrite(ReadOnlySpan<byte> datagram, Span<byte> destination, out int written)
    {
        written = 0;
        if (datagram.Length > MaxDatagramLength || destination.Length < PrefixLength + datagram.Length) return false;

        WritePrefix(datagram.Length, destination);
        datagram.CopyTo(destination[PrefixLength..]);
        written = PrefixLength + datagram.Length;
        return true;
    }

    /// <summary>Writes the prefix of a datagram that is written in place behind it.</summary>
    public static void WritePrefix(int length, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)MaxDatagramLength, nameof(length));
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)length);
    }
}

/// <summary>
/// Cuts a framed byte stream into datagrams, wherever it was split on the way. Receive into <see cref="Free"/>, say how much came by
/// <see cref="Advance"/>, then take datagrams by <see cref="TryRead"/> until there are no more. The buffer is bounded and holds at least
/// one whole frame, so that <see cref="Free"/> is never empty once everything was taken. One thread uses a reader.
/// </summary>
/// <param name="capacity">Bytes buffered; at least one longest frame.</param>
public sealed class DatagramFrameReader(int capacity = DatagramFrameReader.DefaultCapacity)
{
    /// <summary>Four longest frames, nearly: a receive call takes a whole burst of common datagrams.</summary>
    public const int DefaultCapacity = 8 * 1024;

    private readonly byte[] _buffer = new byte[Math.Max(capacity, DatagramFraming.PrefixLength + DatagramFraming.MaxDatagramLength)];
    private int _start;
    private int _end;
    private int _last; // bytes of the frame taken last, for Unread

    /// <summary>True once a frame was longer than <see cref="DatagramFraming.MaxDatagramLength"/>: the stream means nothing from there on; close it.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Bytes received that make no whole datagram yet, prefix included.</summary>
    public int Buffered => _end - _start;

    /// <summary>Where to receive into. Asking for it may move what is buffered: datagrams read before are gone.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start.._end).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }

            _last = 0;
            return _buffer.AsMemory(_end);
        }
    }

    /// <summary>Says that so many bytes were received into <see cref="Free"/>.</summary>
    public void Advance(int received)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)received, (uint)(_buffer.Length - _end), nameof(received));
        _end += received;
    }

    /// <summary>
    /// Takes the next datagram, writable and valid until <see cref="Free"/> is asked for. False where the rest makes none yet, or the stream
    /// is broken. Frames of no bytes are skipped: they say nothing.
    /// </summary>
    public bool TryRead(out Span<byte> datagram)
    {
        datagram = default;
        while (!IsBroken && Buffered >= DatagramFraming.PrefixLength)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
            if (length > DatagramFraming.MaxDatagramLength)
            {
                IsBroken = true;
                return false;
            }

            if (Buffered < DatagramFraming.PrefixLength + length) return false;

            datagram = _buffer.AsSpan(_start + DatagramFraming.PrefixLength, length);
            _last = DatagramFraming.PrefixLength + length;
            _start += _last;
            if (length > 0) return true;
        }

        return false;
    }

    /// <summary>
    /// Puts the datagram taken last back, to be taken again: for a connection that moves to another owner. Nothing where <see cref="Free"/> was asked for since.
    /// </summary>
    public void Unread()
    {
        _start -= _last;
        _last = 0;
    }
}
