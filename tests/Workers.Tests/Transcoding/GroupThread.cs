using Sluice.Control.Live;
using Sluice.Protocols.Sockets;

namespace Sluice.Workers.Tests.Transcoding;

/// <summary>A thread that serves consumers, as the server has.</summary>
internal sealed class GroupThread : IDisposable
{
    private readonly AutoResetEvent _news = new(false);
    private readonly Thread _thread;
    private volatile bool _stops;

    public GroupThread()
    {
        Group = new ConsumerGroup(() => _news.Set());
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public ConsumerGroup Group { get; }

    public void Dispose()
    {
        _stops = true;
        _news.Set();
        _thread.Join();
        _news.Dispose();
    }

    private void Run()
    {
        while (!_stops)
        {
            var wait = Group.Advance(MonotonicClock.Now) - MonotonicClock.Now;
            if (wait > TimeSpan.Zero) _news.WaitOne(wait);
        }
    }
}
