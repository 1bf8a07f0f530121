using Sluice.Protocols.Rtp.Payloads.Depacketizers;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Payloads.Frames;

public sealed class DecodeClockTests
{
    [Fact]
    public void Without_reordering_decoding_and_presentation_are_one()
    {
        var clock = new DecodeClock();
        clock.Restart(0);
        for (var i = 0; i < 100; i++) Assert.Equal(i * 3600, clock.Next(i * 3600));
    }

    [Theory]
    [InlineData(1, new[] { 0, 2, 1, 4, 3, 6, 5 })]
    [InlineData(2, new[] { 0, 4, 2, 1, 3, 8, 6, 5, 7 })]
    [InlineData(2, new[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData(16, new[] { 0, 2, 1, 4, 3 })]
    public void Where_the_depth_is_known_decoding_never_passes_presentation(int depth, int[] order)
    {
        var clock = new DecodeClock();
        clock.Restart(depth);
        var last = long.MinValue;
        foreach (var picture in order)
        {
            var time = clock.Next(picture * 3000L);
            Assert.True(time > last && time <= picture * 3000L);
            last = time;
        }
    }

    [Fact]
    public void A_steady_stream_is_decoded_at_a_steady_pace()
    {
        var clock = new DecodeClock();
        clock.Restart(2);
        int[] group = [4, 2, 1, 3];
        Assert.Equal(-6000, clock.Next(0));
        for (var i = 0; i < 400; i++)
        {
            var presentation = (i / 4 * 4 + group[i % 4]) * 3000L;
            Assert.Equal((i - 1) * 3000L, clock.Next(presentation));
        }
    }

    [Fact]
    public void A_depth_nobody_told_is_learnt_and_then_kept_to()
    {
        var clock = new DecodeClock();
        clock.Restart(-1);
        int[] group = [4, 2, 1, 3];
        var last = clock.Next(0);
        for (var i = 0; i < 100; i++)
        {
            var presentation = (i / 4 * 4 + group[i % 4]) * 3000L;
            var time = clock.Next(presentation);
            Assert.True(time > last);
            if (i >= 12) Assert.Equal((i - 1) * 3000L, time);
            last = time;
        }
    }

    [Fact]
    public void Whatever_comes_times_grow()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            var random = new SeededRandom(seed);
            var clock = new DecodeClock();
            clock.Restart(random.Next(20) - 1);
            var last = long.MinValue;
            for (var i = 0; i < 300; i++)
            {
                var time = clock.Next(random.Next(1_000_000));
                Assert.True(time > last);
                last = time;
            }
        }
    }
}
