using Sluice.Control.Live;

namespace Sluice.Control.Tests.Live;

public sealed class ReaderThreadTests
{
    private int _wakes;

    private ReaderThread NewThread() => new(() => Interlocked.Increment(ref _wakes));

    private static List<string> TakeAll(ReaderThread thread)
    {
        var taken = new List<string>();
        while (thread.TryTake(out var reader)) taken.Add(reader.Channel.ChannelId);
        return taken;
    }

    [Fact]
    public void Channels_with_news_line_up_in_order_and_each_once()
    {
        var thread = NewThread();
        var channels = Enumerable.Range(0, 4).Select(i => new LiveChannel($"c{i}")).ToArray();
        foreach (var channel in channels) channel.AddReader(thread);
        foreach (var i in (int[])[2, 0, 2, 2, 0]) channels[i].WakeReaders();

        Assert.Equal(["c2", "c0"], TakeAll(thread));
        Assert.Empty(TakeAll(thread));
        Assert.Equal(2, _wakes);
    }

    [Fact]
    public void A_channel_that_was_taken_lines_up_again()
    {
        var thread = NewThread();
        var channel = new LiveChannel("meadow");
        channel.AddReader(thread);
        for (var i = 1; i <= 3; i++)
        {
            channel.WakeReaders();
            Assert.Equal(["meadow"], TakeAll(thread));
            Assert.Equal(i, _wakes);
        }
    }

    [Fact]
    public void The_thread_that_appends_finds_its_own_channel_in_line_and_is_not_woken()
    {
        var own = NewThread();
        var wakesOfOther = 0;
        var other = new ReaderThread(() => wakesOfOther++);
        var channel = new LiveChannel("meadow");
        channel.AddReader(own);
        channel.AddReader(other);
        channel.WakeReaders(except: own);
        Assert.Equal((0, 1), (_wakes, wakesOfOther));
        Assert.Equal(["meadow"], TakeAll(own));
        Assert.Equal(["meadow"], TakeAll(other));
    }

    [Fact]
    public void News_before_the_first_reader_are_told_to_nobody()
    {
        var thread = NewThread();
        var channel = new LiveChannel("meadow");
        channel.WakeReaders();
        channel.AddReader(thread);
        Assert.Empty(TakeAll(thread));
    }

    [Fact]
    public void A_reader_that_left_with_news_in_line_and_came_back_hears_of_later_news()
    {
        var thread = NewThread();
        var channel = new LiveChannel("meadow");
        channel.AddReader(thread);
        channel.WakeReaders();
        channel.RemoveReader(thread);
        channel.AddReader(thread);
        channel.WakeReaders();
        Assert.Equal(["meadow", "meadow"], TakeAll(thread));
        Assert.Equal(2, _wakes);
        channel.WakeReaders();
        Assert.Equal(["meadow"], TakeAll(thread));
    }

    [Fact]
    public async Task Whatever_the_interleaving_the_last_append_is_seen()
    {
        const int Appends = 30_000;
        using var bell = new SemaphoreSlim(0);
        var thread = new ReaderThread(() => bell.Release());
        var channels = Enumerable.Range(0, 3).Select(i => new LiveChannel($"{i}")).ToArray();
        var heads = new long[channels.Length];
        var seen = new long[channels.Length];
        foreach (var channel in channels) channel.AddReader(thread);

        // A writer goes on only when its append was seen: one that nobody hears of stops it.
        var writers = channels.Select((channel, i) => Task.Factory.StartNew(
            () =>
            {
                for (var n = 1; n <= Appends; n++)
                {
                    Volatile.Write(ref heads[i], n);
                    channel.WakeReaders();
                    if (n % 3 == 0) SpinWait.SpinUntil(() => Volatile.Read(ref seen[i]) is var s && (s >= n || s < 0));
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();

        var hung = false;
        while (!hung && seen.Any(s => s < Appends))
        {
            hung = !await bell.WaitAsync(TimeSpan.FromSeconds(20));
            while (thread.TryTake(out var reader))
            {
                var i = Array.IndexOf(channels, reader.Channel);
                Volatile.Write(ref seen[i], Volatile.Read(ref heads[i]));
            }

            if (hung) Array.Fill(seen, long.MinValue);
        }

        await Task.WhenAll(writers);
        Assert.False(hung);
    }
}
