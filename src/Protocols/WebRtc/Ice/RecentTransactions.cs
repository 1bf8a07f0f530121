using Sluice.Protocols.WebRtc.Stun;

namespace Sluice.Protocols.WebRtc.Ice;

/// <summary>
/// The last so many transactions of one session, so that a check that was overheard and sent again, from wherever, changes nothing. Bounded:
/// the oldest is forgotten, minutes later with a browser's pace.
/// </summary>
internal sealed class RecentTransactions
{
    public const int Capacity = 256;

    // 64 bits stand for 96: only the peer itself, which signs them, could make two collide.
    private readonly ulong[] _seen = new ulong[Capacity];
    private int _next;

    /// <summary>Remembers a transaction; false where it was here before.</summary>
    public bool TryAdd(in StunTransactionId transaction)
    {
        var key = transaction.Low + transaction.High * 0x9e37_79b9_7f4a_7c15;
        if (key == 0) key = 1;
        if (_seen.AsSpan().Contains(key)) return false;

        _seen[_next] = key;
        _next = (_next + 1) % Capacity;
        return true;
    }
}
