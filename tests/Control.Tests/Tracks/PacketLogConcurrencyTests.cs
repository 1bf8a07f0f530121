using Sluice.Control.Tracks;
using Sluice.Protocols.Wire;
using static Sluice.Control.Tests.Tracks.LogPackets;

namespace Sluice.Control.Tests.Tracks;

/// <summary>A writer that laps its readers on other threads. Nothing here waits for a clock: loops end by count.</summary>
public sealed class PacketLogConcurrencyTests
{
    private const int Packets = 300_000;

    [Fact]
    public async Task What_a_reader_holds_valid_is_what_was_written_however_often_it_is_lapped()
    {
        // Two pages of four packets each: the writer is on a reader's heels all the time.
        var log = new PacketLog(new Slab(4096, 8), new PacketLogLimits(16, 2, TimeSpan.Zero));
        var isWritten = 0;
        var readers = Enumerable.Range(0, 2).Select(reader => Task.Factory.StartNew(() => Read(reader), TaskCreationOptions.LongRunning)).ToArray();
        for (var i = 0; i < Packets; i++)
        {
            Append(log, i, 900, at: Instant.FromMilliseconds(i), isKeyframe: i % 10 == 0, extensions: i % 20);
            if (i % 64 == 0) Thread.Yield();
        }

        Volatile.Write(ref isWritten, 1);
        foreach (var reader in readers)
        {
            var (valid, lapped) = await reader;

            // The last packets stay, so some are always read; where the readers never ran beside the writer the test says nothing, and says so.
            Assert.True(valid > 0);
            Assert.True(lapped > 0, "the writer never lapped a reader");
        }

        (long Valid, long Lapped) Read(int reader)
        {
            long cursor = 0, valid = 0, lapped = 0;
            while (true)
            {
                var finished = Volatile.Read(ref isWritten) == 1;
                var head = log.Head;
                if (cursor >= head)
                {
                    if (finished) return (valid, lapped);
                    Thread.Yield();
                    continue;
                }

                PacketView view;
                var found = reader == 0 ? log.TryRead(cursor, out view) : log.TryFind(cursor, out view);
                if (!found)
                {
                    lapped++;
                    cursor = Math.Max(cursor + 1, head - 4);
                    continue;
                }

                var isWhole = IsWhole(view);
                if (view.IsStillValid)
                {
                    if (!isWhole || view.Header.Sequence != cursor) throw new InvalidOperationException($"Packet {cursor} was torn and called valid.");
                    valid++;
                }
                else
                {
                    lapped++;
                }

                cursor++;
            }
        }
    }

    [Fact]
    public async Task Pages_that_wander_between_logs_are_never_taken_for_each_other()
    {
        var slab = new Slab(4096, 4);
        var logs = new PacketLog[2];
        logs[0] = new PacketLog(slab, new PacketLogLimits(16, 2, TimeSpan.Zero));
        logs[1] = new PacketLog(slab, new PacketLogLimits(16, 2, TimeSpan.Zero));
        var isWritten = 0;
        var reader = Task.Factory.StartNew(() =>
        {
            long valid = 0;
            for (var turn = 0; Volatile.Read(ref isWritten) == 0 || turn < 1000; turn++)
            {
                var which = turn & 1;
                var log = Volatile.Read(ref logs[which]);
                if (!log.TryRead(log.Head - 1 - turn % 3, out var view)) continue;
                var isWhole = IsWhole(view);
                if (!view.IsStillValid) continue;
                if (!isWhole || view.Header.Sequence % 2 != which) throw new InvalidOperationException("A packet of the other log was read.");
                valid++;
            }

            return valid;
        }, TaskCreationOptions.LongRunning);
        for (var i = 0; i < Packets / 4; i++)
        {
            Append(logs[0], i * 2L, 900);
            Append(logs[1], i * 2L + 1, 900);
            if (i % 7 != 0) continue;

            // A track that ends and another that begins: its pages go round.
            var old = logs[i % 2];
            old.Release();
            Volatile.Write(ref logs[i % 2], new PacketLog(slab, new PacketLogLimits(16, 2, TimeSpan.Zero)));
            Append(logs[i % 2], (i + 1) * 2L + i % 2, 900);
        }

        Volatile.Write(ref isWritten, 1);
        Assert.True(await reader > 0);
        Assert.InRange(slab.Leased, 1, 4);
    }
}
