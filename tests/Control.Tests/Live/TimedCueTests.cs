using Sluice.Control.Live;

namespace Sluice.Control.Tests.Live;

public sealed class TimedCueTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(60, 4)]
    [InlineData(TimedCue.MaxText, 8)]
    public void A_text_is_seen_as_long_as_it_takes_to_read(int characters, double seconds) =>
        Assert.Equal(seconds, TimedCue.Of(default, new string('x', characters), "en")!.Duration.TotalSeconds, 0.01);

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(-3, 0.5)]
    [InlineData(3.25, 3.25)]
    [InlineData(1e300, 30)]
    [InlineData(double.PositiveInfinity, 30)]
    [InlineData(double.NegativeInfinity, 0.5)]
    public void A_length_that_cannot_be_meant_is_bounded(double said, double seconds) =>
        Assert.Equal(seconds, TimedCue.Of(default, "x", "", said)!.Duration.TotalSeconds);

    [Fact]
    public void Nothing_and_too_much_are_no_cue()
    {
        Assert.Null(TimedCue.Of(default, "", ""));
        Assert.Null(TimedCue.Of(default, " \n", ""));
        Assert.Null(TimedCue.Of(default, new string('x', TimedCue.MaxText + 1), ""));
    }
}
