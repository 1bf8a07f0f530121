using System.Runtime.CompilerServices;

namespace Sluice.Bench.Load;

/// <summary>What one RTP stream of one viewer brought: packets, gaps and the best transit time so far.</summary>
internal struct StreamCounter
{
    private const long ForgetAfterNanoseconds = 30_000_000_000;

    private long _first;
    private long _highest;
    private long _bestTransit;
    private long _timestamp;
    private bool _hasTransit;

    public uint Ssrc { get; private set; }

    public byte PayloadType { get; private set; }

    /// <summary>Packets that came, repeated ones too.</summary>
    public long Received { get; private set; }

    /// <summary>Packets that should have come by their numbers.</summary>
    public readonly long Expected => Received == 0 ? 0 : _highest - _first + 1;

    /// <summary>The highest sequence number, its rounds in the upper bits.</summary>
    public readonly long Highest => _highest;

    public void Begin(uint ssrc, byte payloadType)
    {
        this = default;
        Ssrc = ssrc;
        PayloadType = payloadType;
    }

    /// <summary>Takes a packet's number; how far it lies ahead of the highest before it, 1 where nothing is missing, at most 0 where it is late.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Count(ushort sequence)
    {
        if (Received++ == 0)
        {
            // Rounds begin above zero, so that a packet from before the first one has a place too.
            _first = _highest = 65_536 + sequence;
            return 1;
        }

        var ahead = (short)(sequence - (ushort)_highest);
        if (ahead > 0) _highest += ahead;
        else if (_highest + ahead < _first) _first = _highest + ahead;
        return ahead;
    }

    /// <summary>
    /// How late a packet is, in nanoseconds: arrival against its timestamp, relative to the best packet so far. A stream that starts anew after half
    /// a minute of nothing is measured anew.
    /// </summary>
    public long Lateness(long arrivalNanoseconds, uint timestamp, int clock)
    {
        _timestamp = _hasTransit ? _timestamp + (int)(timestamp - (uint)_timestamp) : timestamp;
        var transit = arrivalNanoseconds - (long)(_timestamp * (1e9 / clock));
        if (!_hasTransit || transit < _bestTransit || transit - _bestTransit > ForgetAfterNanoseconds)
        {
            _hasTransit = true;
            _bestTransit = transit;
        }

        return transit - _bestTransit;
    }
}
