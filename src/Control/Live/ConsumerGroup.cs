using System.Collections.Concurrent;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Live;

/// <summary>
/// The consumers one thread serves. Whoever drives it calls <see cref="Advance"/> when woken, and again at the time it gives back. A consumer that throws is put
/// out, and costs the others nothing.
/// </summary>
public sealed class ConsumerGroup
{
    // Bounds the wait where deadlines were set from another thread.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<LiveChannel, IFrameConsumer[]> _consumers = new();
    private readonly Lock _gate = new();
    private readonly ReaderThread _thread;

    /// <param name="wake">Wakes the thread; any thread calls it, and it returns at once.</param>
    public ConsumerGroup(Action wake) => _thread = new ReaderThread(wake);

    /// <summary>Serves a consumer from now on. Any thread.</summary>
    public void Add(LiveChannel channel, IFrameConsumer consumer)
    {
        lock (_gate)
        {
            _consumers[channel] = [.. _consumers.GetValueOrDefault(channel, []), consumer];
        }

        channel.AddReader(_thread);
        channel.WakeReaders();
    }

    /// <summary>Serves it no longer. Any thread; a call that is on its way may still come.</summary>
    public void Remove(LiveChannel channel, IFrameConsumer consumer)
    {
        lock (_gate)
        {
            var before = _consumers.GetValueOrDefault(channel, []);
            var after = Array.FindAll(before, c => !ReferenceEquals(c, consumer));
            if (after.Length == before.Length) return;
            if (after.Length > 0) _consumers[channel] = after;
            else _consumers.TryRemove(channel, out _);
        }

        channel.RemoveReader(_thread);
    }

    /// <summary>Calls the consumers of channels with news, and those whose deadline has come. Only the thread itself calls it.</summary>
    /// <returns>When to call again though nothing is new.</returns>
    public Instant Advance(Instant now)
    {
        while (_thread.TryTake(out var reader))
        {
            if (!_consumers.TryGetValue(reader.Channel, out var consumers)) continue;
            foreach (var consumer in consumers)
            {
                Call(reader.Channel, consumer, now);
            }
        }

        var next = now + LongestSleep;
        foreach (var (channel, consumers) in _consumers)
        {
            foreach (var consumer in consumers)
            {
                if (consumer.NextTimeout <= now) Call(channel, consumer, now);
                next = Instant.Min(next, consumer.NextTimeout);
            }
        }

        return next;
    }

    private void Call(LiveChannel channel, IFrameConsumer consumer, Instant now)
    {
        try
        {
            consumer.Advance(now);
        }
        catch (Exception failure)
        {
            Remove(channel, consumer);
            consumer.Abandon(failure);
        }
    }
}
