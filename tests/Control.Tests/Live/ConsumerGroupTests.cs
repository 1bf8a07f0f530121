using Sluice.Control.Live;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Tests.Live;

public sealed class ConsumerGroupTests
{
    private readonly LiveChannel _channel = new("meadow");
    private readonly ConsumerGroup _group;
    private int _wakes;

    public ConsumerGroupTests() => _group = new ConsumerGroup(() => _wakes++);

    [Fact]
    public void A_new_consumer_is_called_without_waiting_for_news()
    {
        var consumer = new Consumer();
        _group.Add(_channel, consumer);
        Assert.Equal(1, _wakes);
        _group.Advance(Instant.Zero);
        Assert.Equal(1, consumer.Calls);
        _group.Advance(Instant.Zero);
        Assert.Equal(1, consumer.Calls);
    }

    [Fact]
    public void News_calls_every_consumer_of_the_channel_once()
    {
        Consumer[] consumers = [new(), new()];
        foreach (var consumer in consumers) _group.Add(_channel, consumer);
        _group.Advance(Instant.Zero);
        _channel.WakeReaders();
        _channel.WakeReaders();
        _group.Advance(Instant.Zero);
        Assert.All(consumers, c => Assert.Equal(2, c.Calls));
    }

    [Fact]
    public void A_deadline_is_kept_and_told()
    {
        var consumer = new Consumer { NextTimeout = Instant.Zero + TimeSpan.FromMilliseconds(20) };
        _group.Add(_channel, consumer);
        Assert.Equal(consumer.NextTimeout, _group.Advance(Instant.Zero));
        _group.Advance(Instant.Zero + TimeSpan.FromMilliseconds(20));
        Assert.Equal(2, consumer.Calls);
    }

    [Fact]
    public void A_consumer_that_throws_is_put_out_and_the_others_go_on()
    {
        var bad = new Consumer { Throws = true };
        var good = new Consumer();
        _group.Add(_channel, bad);
        _group.Add(_channel, good);
        _group.Advance(Instant.Zero);
        _channel.WakeReaders();
        _group.Advance(Instant.Zero);
        Assert.Equal(1, bad.Calls);
        Assert.Equal(1, bad.Abandonments);
        Assert.Equal(2, good.Calls);
    }

    [Fact]
    public void Who_was_removed_is_not_called_and_the_thread_not_woken_for_it()
    {
        var consumer = new Consumer();
        _group.Add(_channel, consumer);
        _group.Advance(Instant.Zero);
        _group.Remove(_channel, consumer);
        _group.Remove(_channel, consumer);
        _wakes = 0;
        _channel.WakeReaders();
        _group.Advance(Instant.Zero);
        Assert.Equal(1, consumer.Calls);
        Assert.Equal(0, _wakes);
    }

    private sealed class Consumer : IFrameConsumer
    {
        public int Calls { get; private set; }

        public int Abandonments { get; private set; }

        public bool Throws { get; init; }

        public Instant NextTimeout { get; init; } = Instant.Never;

        public void Advance(Instant now)
        {
            Calls++;
            if (Throws) throw new InvalidOperationException("a bug");
        }

        public void Abandon(Exception failure) => Abandonments++;
    }
}
