using Sluice.Workers.Transcoding;

namespace Sluice.Workers.Tests.Transcoding;

public sealed class PipeClockTests
{
    [Theory]
    [InlineData(90_000, 90_000)]
    [InlineData(44_100, 48_000)]
    [InlineData(48_000, 48_000)]
    public void A_time_that_goes_through_the_pipe_comes_out_as_it_went_in(int from, int to)
    {
        var random = new Random(7);
        for (var i = 0; i < 10_000; i++)
        {
            var clock = new PipeClock(random.NextInt64(-1L << 40, 1L << 40), from, to);
            var time = clock.Base + random.NextInt64(0, 1L << 34);
            var onPipe = clock.ToPipe(time);

            // As a child would: the nearest tick of its own time base.
            var ticks = (long)Math.Round((double)onPipe * to / 1_000_000);
            Assert.InRange(clock.FromPipe(ticks, new TimeBase(1, to)) - clock.ToTarget(time), from == to ? 0 : -1, from == to ? 0 : 1);
        }
    }
}
