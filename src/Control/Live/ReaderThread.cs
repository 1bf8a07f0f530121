using System.Collections.Concurrent;

namespace Sluice.Control.Live;

/// <summary>
/// A thread that reads tracks: channels with news line up for it, each once however often it is told, so that it looks at those and at no others.
/// Bounded by the channels it reads.
/// </summary>
/// <param name="wake">Wakes the thread; any thread calls it, and it returns at once.</param>
public sealed class ReaderThread(Action wake)
{
    private readonly ConcurrentQueue<ChannelReader> _news = new();

    /// <summary>Wakes the thread.</summary>
    public void Wake() => wake();

    /// <summary>
    /// Takes one channel that has news. What is appended from now on lines it up again: look at its logs after this and nothing is missed. Only the
    /// thread itself calls it.
    /// </summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ChannelReader? reader)
    {
        if (!_news.TryDequeue(out reader)) return false;
        reader.Settle();
        return true;
    }

    internal void LineUp(ChannelReader reader) => _news.Enqueue(reader);
}
