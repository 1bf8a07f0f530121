using Sluice.Protocols.Media.Codecs.Opus;

namespace Sluice.Protocols.Tests.Media;

public sealed class OpusPacketTests
{
    // RFC 6716 table 2: frame sizes of the 32 configurations in tenths of a millisecond.
    private static ReadOnlySpan<int> TenthsOfMilliseconds =>
    [
        100, 200, 400, 600, 100, 200, 400, 600, 100, 200, 400, 600, 100, 200, 100, 200,
        25, 50, 100, 200, 25, 50, 100, 200, 25, 50, 100, 200, 25, 50, 100, 200,
    ];

    [Fact]
    public void Duration_of_every_configuration_is_that_of_the_table()
    {
        for (var configuration = 0; configuration < 32; configuration++)
        {
            Assert.True(OpusPacket.TryParse([(byte)(configuration << 3), 1, 2], out var packet));
            Assert.Equal(TenthsOfMilliseconds[configuration] * 48 / 10, packet.Samples);
            Assert.Equal(configuration < 12 ? OpusMode.Silk : configuration < 16 ? OpusMode.Hybrid : OpusMode.Celt, packet.Mode);
        }
    }

    [Theory]
    [InlineData("fc010203", 2, 1, 960)]     // 20 ms CELT stereo, one frame
    [InlineData("f8010203", 1, 1, 960)]
    [InlineData("fd01020304", 2, 2, 1920)]  // two of one size
    [InlineData("fe010203", 2, 2, 1920)]    // two of two sizes
    [InlineData("ff06aabb", 2, 6, 5760)]    // six, 120 ms
    [InlineData("e730aabb", 2, 48, 5760)]   // 48 of 2.5 ms
    [InlineData("ff83aabb", 2, 3, 2880)]    // padded and of many sizes: the flags do not count
    public void Frames_channels_and_duration_are_read(string hex, int channels, int frames, int samples)
    {
        Assert.True(OpusPacket.TryParse(Convert.FromHexString(hex), out var packet));
        Assert.Equal((channels, frames, samples), (packet.Channels, packet.Frames, packet.Samples));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fd01")]        // two of one size in an odd number of bytes
    [InlineData("fe")]          // no size for the first
    [InlineData("ff")]          // no count
    [InlineData("ff00")]        // no frames
    [InlineData("ff07aabb")]    // 140 ms
    [InlineData("1f03aabb")]    // 180 ms of SILK
    [InlineData("e731aabb")]    // 49 of 2.5 ms
    public void Packets_against_the_rules_are_refused(string hex) => Assert.False(OpusPacket.TryParse(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("f8", true)]
    [InlineData("f800", true)]
    [InlineData("f80000", false)]
    public void Packets_of_at_most_two_bytes_announce_a_pause(string hex, bool pauses)
    {
        Assert.True(OpusPacket.TryParse(Convert.FromHexString(hex), out var packet));
        Assert.Equal(pauses, packet.IsDiscontinuous);
    }
}
