using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Ice;

/// <summary>A path on which a valid check came: the lite agent's valid pair (RFC 8445 §7.3.1.4).</summary>
internal struct IcePath
{
    /// <summary>Where the checks come from and to.</summary>
    public NetworkPath Path;

    /// <summary>The last fresh check, or the last authenticated traffic.</summary>
    public Instant LastHeard;

    /// <summary>The last fresh check with USE-CANDIDATE; meaningful where <see cref="IsNominated"/>.</summary>
    public Instant LastNominated;

    /// <summary>PRIORITY of the last check: the peer's opinion of the path.</summary>
    public uint Priority;

    /// <summary>The highest NOMINATION seen; 0 where the peer sends none.</summary>
    public uint Nomination;

    /// <summary>The ICE session whose credentials the last check carried.</summary>
    public int Generation;

    /// <summary>A check with USE-CANDIDATE came.</summary>
    public bool IsNominated;

    /// <summary>
    /// Whether a check with USE-CANDIDATE on this path takes the selection away from another one. A newer ICE session wins, then a higher
    /// NOMINATION, then a PRIORITY at least as high (RFC 8445 §8.1.1 for peers that nominate everything). A lower one wins once the other
    /// was not nominated again for a while: the peer has changed its mind, as Chromium does when a phone leaves its Wi-Fi.
    /// </summary>
    public readonly bool Outranks(in IcePath other, Instant now, TimeSpan aggressiveWindow)
    {
        if (Generation != other.Generation) return Generation > other.Generation;
        if (Nomination != other.Nomination && Nomination != 0 && other.Nomination != 0) return Nomination > other.Nomination;
        return Priority >= other.Priority || !other.IsNominated || other.LastNominated + aggressiveWindow <= now;
    }
}
