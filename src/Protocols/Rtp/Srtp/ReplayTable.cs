namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// The replay windows of the SSRCs a peer sends with. Bounded: a peer that has used up the table keeps its old streams and gets no new
/// one, since dropping a window would open its stream to replay.
/// </summary>
internal sealed class ReplayTable(int capacity)
{
    private uint[] _ssrcs = new uint[4];
    private ReplayWindow[] _windows = new ReplayWindow[4];

    public int Count { get; private set; }

    public bool IsFull => Count == capacity;

    public ReplayWindow? Find(uint ssrc)
    {
        var at = _ssrcs.AsSpan(0, Count).IndexOf(ssrc);
        return at < 0 ? null : _windows[at];
    }

    public void Add(uint ssrc, ReplayWindow window)
    {
        if (IsFull) throw new InvalidOperationException("The table is full.");
        if (Count == _ssrcs.Length)
        {
            Array.Resize(ref _ssrcs, Math.Min(capacity, Count * 2));
            Array.Resize(ref _windows, Math.Min(capacity, Count * 2));
        }

        _ssrcs[Count] = ssrc;
        _windows[Count++] = window;
    }
}
