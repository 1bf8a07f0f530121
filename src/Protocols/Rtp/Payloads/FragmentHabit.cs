namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>
/// How a sender cuts units: whether the last fragment is as long as the others, as those of browsers are, or what was left, as those of many encoders. The last of a picture
/// may be short: nothing follows that it would keep apart.
/// </summary>
public struct FragmentHabit
{
    // Shorter by less than this, a packet is made as long as the others by RTP padding.
    private const int WorthEvening = byte.MaxValue;

    // After so many even units the sender has changed its ways.
    private const int Patience = 64;

    private int _first;
    private int _patience;

    /// <summary>Units of this sender are worth cutting anew.</summary>
    public readonly bool IsUneven => _patience > 0;

    /// <summary>Notes a fragment as it came.</summary>
    /// <param name="header">What stands before it.</param>
    /// <param name="length">Bytes of its payload.</param>
    /// <param name="endsPicture">Nothing of its picture follows.</param>
    public void Note(in FragmentHeader header, int length, bool endsPicture)
    {
        if (header.Starts) _first = length;
        if (header.Ends) _patience = !endsPicture && _first - length > WorthEvening ? Patience : Math.Max(0, _patience - 1);
    }
}
