using System.Buffers.Binary;

namespace Sluice.Protocols.Sockets.Tcp;

/// <summary>
/// Cuts a byte stream into datagrams, each after its length in two bytes (RFC 4571 §2). The buffer grows to the longest frame seen, at most to the limit.
/// </summary>
internal sealed class FrameReader(int maxFrameBytes)
{
    private const int PrefixBytes = 2;
    private const int FirstBytes = 4096;

    private byte[] _buffer = new byte[FirstBytes];
    private int _start;
    private int _end;
    private int _taken; // length of the frame taken last, prefix included, for Rewind

    /// <summary>True once a frame longer than the limit was announced: the stream cannot be followed any further.</summary>
    public bool Broken { get; private set; }

    /// <summary>Room for the next bytes of the stream, never empty. Frames taken earlier become invalid.</summary>
    public Span<byte> FreeSpace()
    {
        _taken = 0;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, maxFrameBytes + PrefixBytes + FirstBytes));
        return _buffer.AsSpan(_end);
    }

    /// <summary>Counts bytes written to <see cref="FreeSpace"/>.</summary>
    public void Advance(int count) => _end += count;

    /// <summary>Takes the next whole frame that is not empty; it stays valid until <see cref="FreeSpace"/>.</summary>
    public bool TryTake(out Span<byte> frame)
    {
        while (_end - _start >= PrefixBytes)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
            if (length > maxFrameBytes)
            {
                Broken = true;
                break;
            }

            if (_end - _start < PrefixBytes + length) break;
            frame = _buffer.AsSpan(_start + PrefixBytes, length);
            _taken = PrefixBytes + length;
            _start += _taken;
            if (length > 0) return true;
        }

        frame = default;
        return false;
    }

    /// <summary>Puts the frame taken last back, so that it is taken again.</summary>
    public void Rewind()
    {
        _start -= _taken;
        _taken = 0;
    }
}
