using Sluice.Control.Live;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Server.Media;

/// <summary>The threads that serve the consumers of frames; a channel's consumers all live on one of them.</summary>
public sealed class ConsumerThreads : IHostedService, IDisposable
{
    private readonly Lane[] _lanes;

    public ConsumerThreads() => _lanes = [.. Enumerable.Range(0, Math.Max(1, Environment.ProcessorCount / 2)).Select(i => new Lane(i))];

    /// <summary>The group a channel's consumers belong to.</summary>
    public ConsumerGroup GroupOf(LiveChannel channel) => _lanes[(uint)StringComparer.Ordinal.GetHashCode(channel.ChannelId) % _lanes.Length].Group;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var lane in _lanes)
        {
            lane.Start();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var lane in _lanes)
        {
            lane.Stop();
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        foreach (var lane in _lanes)
        {
            lane.Dispose();
        }
    }

    private sealed class Lane : IDisposable
    {
        // Of many streams one has a new frame at any time: what came within this is looked at in one go, since waking costs more than a frame does. A single
        // stream's frames are further apart and do not wait.
        private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(4);

        // Without a maximum: told between the end of a wait and the clearing of the flag it holds two, and the one who tells is a publisher's thread.
        private readonly SemaphoreSlim _news = new(0);
        private readonly Thread _thread;
        private int _isTold;
        private volatile bool _stops;
        private bool _isDisposed;

        public Lane(int number)
        {
            Group = new ConsumerGroup(Wake);
            _thread = new Thread(Run) { Name = $"frames {number}", IsBackground = true };
        }

        public ConsumerGroup Group { get; }

        public void Start() => _thread.Start();

        public void Stop()
        {
            _stops = true;
            if (!_thread.IsAlive) return; // the container disposes of what it made by two names twice
            Wake();
            _thread.Join();
        }

        // A host whose start failed is disposed of without having been stopped; and its container disposes of what two registrations name twice.
        public void Dispose()
        {
            if (_isDisposed) return;
            _isDisposed = true;
            Stop();
            _news.Dispose();
        }

        private void Wake()
        {
            if (Interlocked.Exchange(ref _isTold, 1) == 0) _news.Release();
        }

        private void Run()
        {
            while (!_stops)
            {
                var now = MonotonicClock.Now;
                var next = Group.Advance(now);
                var wait = next - MonotonicClock.Now;

                // Taken even where there is no time to wait: what was told before must not fill the semaphore for good.
                _news.Wait(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
                var early = Gathering - (MonotonicClock.Now - now);
                if (early > TimeSpan.Zero) Thread.Sleep(early);
                Interlocked.Exchange(ref _isTold, 0);
            }
        }
    }
}
