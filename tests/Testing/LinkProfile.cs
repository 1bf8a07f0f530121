namespace Sluice.Testing;

/// <summary>
/// Loss in bursts: a line is good or bad, changes its mind before every datagram, and loses at a different rate in each state
/// (Gilbert 1960, Elliott 1963).
/// </summary>
public sealed record GilbertElliott(double GoodToBad, double BadToGood, double LossInBad = 1, double LossInGood = 0)
{
    /// <summary>The share of datagrams lost in the long run.</summary>
    public double MeanLoss => (BadToGood * LossInGood + GoodToBad * LossInBad) / (BadToGood + GoodToBad);
}

/// <summary>What one direction of a host's access line does to datagrams.</summary>
public sealed record LinkProfile
{
    /// <summary>Five milliseconds and nothing bad.</summary>
    public static LinkProfile Default { get; } = new();

    /// <summary>How long every datagram takes at least.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Added to the latency, evenly from nothing to this. Order is kept: a late datagram holds up those behind it.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>The probability that a datagram is lost, each for itself.</summary>
    public double Loss { get; init; }

    /// <summary>Loss in bursts, besides <see cref="Loss"/>; null for none.</summary>
    public GilbertElliott? Bursts { get; init; }

    /// <summary>The probability that a datagram is held back by <see cref="ReorderDelay"/> while others overtake it.</summary>
    public double Reorder { get; init; }

    /// <summary>How far a reordered datagram falls behind.</summary>
    public TimeSpan ReorderDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The probability that a datagram arrives twice.</summary>
    public double Duplicate { get; init; }

    /// <summary>Bits a second the line carries, IP and UDP headers included; 0 for no limit.</summary>
    public long BitsPerSecond { get; init; }

    /// <summary>Bytes that wait before a limited line; what comes on top is dropped.</summary>
    public int QueueBytes { get; init; } = 64 * 1024;

    /// <summary>The longest UDP payload. To send a longer one is the machine's bug: the network throws.</summary>
    public int MaxDatagram { get; init; } = 1472;
}
