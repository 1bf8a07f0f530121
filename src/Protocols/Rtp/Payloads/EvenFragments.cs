using System.Diagnostics;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>
/// Gathers the fragments of one NAL unit, and gives the unit back cut into as many pieces of one length. Many encoders fill each packet and let the last have what is left;
/// packets of one length leave as one system call, and those of two slices often too. One thread; free for another unit of any track when all was taken.
/// </summary>
/// <remarks>
/// <para>Only units that came whole and in order are cut anew: each packet keeps its sequence number, timestamp and marker, so nobody can tell but by the lengths. Anything else is given
/// back byte for byte as it came. <see cref="FragmentHabit"/> tells whose units are worth it.</para>
/// <para>Holds <see cref="MaxCount"/> fragments and 64 KiB at most; what goes beyond is not taken. Memory grows with the largest unit gathered.</para>
/// </remarks>
public sealed class EvenFragments
{
    /// <summary>Fragments of one unit at most; where there are more, one short packet among them costs little.</summary>
    public const int MaxCount = 48;

    private const int MaxBytes = 64 << 10;
    private const int FirstBytes = 8 << 10;

    private readonly ushort[] _lengths = new ushort[MaxCount]; // of the bodies, as they came
    private byte[] _bytes = []; // room for a header, then the bodies
    private FragmentHeader _header;
    private long _sequence;
    private long _timestamp;
    private int _total;
    private int _count;
    private int _taken;
    private int _at;

    /// <summary>Fragments held and not taken yet.</summary>
    public int Count => _count - _taken;

    /// <summary>True where the unit's last fragment has come: the unit is to be taken.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>True where the fragment of this sequence number is held.</summary>
    public bool Contains(long sequence) => Count > 0 && sequence >= _sequence - _count && sequence < _sequence;

    /// <summary>
    /// Gathers one fragment. False where it is not to be held: then what is held must be taken before it goes its way.
    /// </summary>
    /// <param name="header">What stands before it.</param>
    /// <param name="sequence">Its packet's sequence number, without wrap-around.</param>
    /// <param name="timestamp">Its packet's timestamp.</param>
    /// <param name="payload">The RTP payload, header included; copied.</param>
    public bool TryAdd(in FragmentHeader header, long sequence, long timestamp, ReadOnlySpan<byte> payload)
    {
        if (_count == 0)
        {
            if (!header.Starts) return false;
            _header = header;
            _sequence = sequence;
            _timestamp = timestamp;
        }
        else if (!Continues(header, sequence, timestamp))
        {
            return false;
        }

        var body = payload[header.Length..];
        if (_count == MaxCount || !MakeRoom(FragmentHeader.MaxLength + _total + body.Length)) return false;
        body.CopyTo(_bytes.AsSpan(FragmentHeader.MaxLength + _total));
        _total += body.Length;
        _lengths[_count++] = (ushort)body.Length;
        _sequence++;
        IsWhole = header.Ends;
        return true;
    }

    /// <summary>
    /// Takes the next payload, as many in all as were added; what was held is forgotten with the last. Add nothing while some are left.
    /// </summary>
    /// <param name="payload">Valid until the next call.</param>
    public bool TryTake(out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (_taken == _count) return false;
        var length = LengthOf(_taken);

        // Before the body lies the end of the one before, which has been taken.
        var from = FragmentHeader.MaxLength + _at - _header.Length;
        var taken = _bytes.AsSpan(from, _header.Length + length);
        (_header with { Starts = _taken == 0, Ends = IsWhole && _taken == _count - 1 }).Write(taken);
        payload = taken;
        _at += length;
        if (++_taken == _count) Forget();
        return true;
    }

    private int LengthOf(int index)
    {
        var piece = (_total + _count - 1) / _count;
        var isCutAnew = IsWhole && piece * (_count - 1) < _total; // no piece is empty
        return isCutAnew ? Math.Min(piece, _total - piece * index) : _lengths[index];
    }

    private bool Continues(in FragmentHeader header, long sequence, long timestamp)
    {
        Debug.Assert(_taken == 0);
        return !IsWhole && !header.Starts && header.Unit == _header.Unit && header.Length == _header.Length && sequence == _sequence && timestamp == _timestamp;
    }

    private bool MakeRoom(int size)
    {
        if (size <= _bytes.Length) return true;
        if (size > MaxBytes) return false;
        var larger = new byte[Math.Max(FirstBytes, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size))];
        _bytes.AsSpan().CopyTo(larger);
        _bytes = larger;
        return true;
    }

    private void Forget()
    {
        _count = _taken = _at = _total = 0;
        IsWhole = false;
    }
}
