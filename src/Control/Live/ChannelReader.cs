namespace Sluice.Control.Live;

/// <summary>One thread's reading of one channel: whether there is news it has not looked at.</summary>
public sealed class ChannelReader
{
    private int _hasNews;

    internal ChannelReader(LiveChannel channel, ReaderThread thread)
    {
        Channel = channel;
        Thread = thread;
    }

    public LiveChannel Channel { get; }

    public ReaderThread Thread { get; }

    /// <summary>Viewers it reads for; changed under the channel's lock.</summary>
    internal int Count { get; set; }

    /// <summary>
    /// Says that there is news. True for the first to say so since the thread looked: that one wakes it. To read the flag and leave it would not do, since the
    /// reading may overtake the append it speaks of; the exchange does not.
    /// </summary>
    internal bool Tell()
    {
        if (Interlocked.Exchange(ref _hasNews, 1) != 0) return false;
        Thread.LineUp(this);
        return true;
    }

    internal void Settle() => Interlocked.Exchange(ref _hasNews, 0);
}
