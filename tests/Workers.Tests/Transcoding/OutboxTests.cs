using Sluice.Workers.Transcoding;

namespace Sluice.Workers.Tests.Transcoding;

public sealed class OutboxTests
{
    [Fact]
    public async Task What_is_put_in_by_one_comes_out_to_another_in_order()
    {
        var outbox = new Outbox(1000);
        var taking = Task.Run(async () =>
        {
            var all = new MemoryStream();
            while (await outbox.TakeAsync() is { IsEmpty: false } bytes)
            {
                all.Write(bytes.Span);
            }

            return all.ToArray();
        });
        var expected = new MemoryStream();
        for (var i = 0; i < 20_000; i++)
        {
            byte[] head = [(byte)i, (byte)(i >> 8)], payload = new byte[i % 50];
            SpinWait.SpinUntil(() => outbox.HasRoom);
            outbox.Put(head, payload);
            expected.Write([.. head, .. payload]);
        }

        outbox.Complete();

        Assert.Equal(expected.ToArray(), await taking);
    }

    [Fact]
    public async Task It_has_no_room_above_its_limit_until_somebody_takes()
    {
        var outbox = new Outbox(100);
        Assert.True(outbox.HasRoom);
        outbox.Put(new byte[60], new byte[60]);
        Assert.False(outbox.HasRoom);
        Assert.Equal(120, (await outbox.TakeAsync()).Length);
        Assert.True(outbox.HasRoom);
    }

    [Fact]
    public async Task What_is_thrown_away_is_not_taken_and_nothing_can_be_added()
    {
        var outbox = new Outbox(100);
        outbox.Put([1], [2]);
        outbox.Abort();
        outbox.Put([3], [4]);
        Assert.True((await outbox.TakeAsync()).IsEmpty);
    }
}
