using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtp;

public class TrackClockTests
{
    private static readonly WallClock Wall = new(Instant.Zero, new NtpTime(0xe900_0000_0000_0000));
    private static readonly NtpTime Theirs = new(0xe8ff_ff00_4000_0000); // the publisher's clock at our zero: 255.75 s behind

    private readonly PublisherClock _publisher = new(Wall);

    [Fact]
    public void Without_a_packet_there_is_no_map()
    {
        var clock = new TrackClock(_publisher, 90_000);
        Assert.False(clock.IsStarted);
        Assert.Throws<InvalidOperationException>(() => clock.ToNtp(0));
        Assert.Throws<InvalidOperationException>(() => clock.ToRtp(Wall.Ntp));
    }

    [Fact]
    public void Before_the_first_report_the_arrival_counts()
    {
        var clock = new TrackClock(_publisher, 90_000);
        clock.OnPacket(At(100), 0xffff_0000);
        Assert.False(clock.IsSynchronised);
        AssertClose(Wall.ToNtp(At(1100)), clock.ToNtp(unchecked(0xffff_0000 + 90_000)));
        AssertClose(Wall.ToNtp(At(0)), clock.ToNtp(0xffff_0000 - 9000));
    }

    [Fact]
    public void A_first_packet_that_was_late_is_made_up_for_without_going_back()
    {
        var clock = new TrackClock(_publisher, 90_000);
        clock.OnPacket(At(150), 0); // fifty milliseconds late
        var last = clock.ToNtp(0);
        for (uint ms = 20; ms < 3000; ms += 20)
        {
            clock.OnPacket(At(100 + ms), ms * 90);
            var next = clock.ToNtp(ms * 90);
            Assert.True(next - last > TimeSpan.Zero);
            last = next;
        }

        AssertClose(Wall.ToNtp(At(100 + 2980)), last);
        Assert.Equal(0, clock.Jumps);
    }

    [Fact]
    public void Sound_and_picture_of_one_moment_get_one_time()
    {
        // The encoder holds pictures back by 80 ms, so that arrival alone would set them apart.
        var audio = new TrackClock(_publisher, 48_000);
        var video = new TrackClock(_publisher, 90_000);
        for (uint ms = 0; ms < 10_000; ms += 20)
        {
            audio.OnPacket(At(30 + ms), Audio(ms));
            video.OnPacket(At(110 + ms), Video(ms));
            if (ms % 1000 == 500)
            {
                audio.OnSenderReport(At(30 + ms), Theirs + TimeSpan.FromMilliseconds(ms), Audio(ms));
                video.OnSenderReport(At(33 + ms), Theirs + TimeSpan.FromMilliseconds(ms), Video(ms));
            }
        }

        Assert.True(audio.IsSynchronised && video.IsSynchronised);
        AssertClose(audio.ToNtp(Audio(9_900)), video.ToNtp(Video(9_900)));
        Assert.InRange((audio.ToNtp(Audio(9_900)) - Wall.ToNtp(At(9_900))).TotalMilliseconds, 29, 34);
        Assert.Equal(0, audio.Jumps + video.Jumps);
    }

    [Fact]
    public void A_report_may_come_before_the_first_packet()
    {
        var clock = new TrackClock(_publisher, 90_000);
        clock.OnSenderReport(At(100), Theirs, 4_294_900_000);
        AssertClose(Wall.ToNtp(At(1100)), clock.ToNtp(unchecked(4_294_900_000 + 90_000)));
    }

    [Fact]
    public void A_report_without_wall_clock_says_nothing()
    {
        var clock = new TrackClock(_publisher, 90_000);
        clock.OnPacket(At(100), 0);
        clock.OnSenderReport(At(100), new NtpTime(0), 77);
        Assert.False(clock.IsSynchronised);
        Assert.False(_publisher.IsKnown);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Time_never_goes_back_whatever_the_jitter_of_packets_and_reports(int seed)
    {
        var random = new Random(seed);
        var clock = new TrackClock(_publisher, 90_000);
        NtpTime? last = null;
        const uint start = 4_294_000_000; // wraps on the way
        for (uint ms = 0; ms < 60_000; ms += 33)
        {
            var timestamp = unchecked(start + ms * 90);
            clock.OnPacket(At(50 + ms + random.Next(40)), timestamp);
            if (random.Next(30) == 0)
            {
                var wrong = random.Next(-20, 21); // a publisher that samples its two clocks carelessly
                clock.OnSenderReport(At(50 + ms + random.Next(100)), Theirs + TimeSpan.FromMilliseconds(ms + wrong), timestamp);
            }

            var ntp = clock.ToNtp(timestamp);
            if (last is { } before) Assert.True(ntp - before > TimeSpan.Zero, $"back by {before - ntp} at {ms} ms");
            last = ntp;
            var back = unchecked((int)(clock.ToRtp(ntp) - timestamp));
            Assert.InRange(back, -2, 2);
        }

        Assert.Equal(0, clock.Jumps);
        Assert.InRange((last!.Value - Wall.ToNtp(At(60_000))).TotalMilliseconds, -50, 150);
    }

    [Fact]
    public void Timestamps_that_begin_anew_jump_once()
    {
        var clock = new TrackClock(_publisher, 90_000);
        clock.OnSenderReport(At(0), Theirs, 0);
        clock.OnPacket(At(0), 0);
        clock.OnPacket(At(1000), 2_000_000_000);
        clock.OnSenderReport(At(1000), Theirs + TimeSpan.FromSeconds(1), 2_000_000_000);
        Assert.Equal(1, clock.Jumps);
        AssertClose(Wall.ToNtp(At(1000)), clock.ToNtp(2_000_000_000));
    }

    [Theory]
    [InlineData(2_000_000_000u)]
    [InlineData(3_000_000_000u)]
    public void Timestamps_that_begin_anew_before_any_report_are_followed(uint jump)
    {
        var clock = new TrackClock(_publisher, 90_000);
        clock.OnPacket(At(0), 100);
        clock.OnPacket(At(1000), jump);
        AssertClose(Wall.ToNtp(At(1000)), clock.ToNtp(jump));
        clock.OnPacket(At(2000), jump + 90_000);
        AssertClose(Wall.ToNtp(At(2000)), clock.ToNtp(jump + 90_000));
        Assert.Equal(1, clock.Jumps);
    }

    [Fact]
    public void A_publisher_whose_clock_is_set_is_followed_at_once()
    {
        var clock = new TrackClock(_publisher, 90_000);
        clock.OnSenderReport(At(0), Theirs, 0);
        clock.OnPacket(At(0), 0);
        clock.OnPacket(At(2000), 180_000);
        clock.OnSenderReport(At(2000), Theirs + TimeSpan.FromHours(1), 180_000);
        Assert.Equal(1, _publisher.TimesSet);
        AssertClose(Wall.ToNtp(At(2000)), clock.ToNtp(180_000));
    }

    [Fact]
    public void One_slow_report_moves_the_shared_offset_little()
    {
        var clock = new TrackClock(_publisher, 90_000);
        clock.OnSenderReport(At(20), Theirs, 0);
        var before = _publisher.Offset;
        clock.OnSenderReport(At(20 + 1000 + 400), Theirs + TimeSpan.FromSeconds(1), 90_000);
        Assert.InRange(_publisher.Offset - before, TimeSpan.Zero, PublisherClock.LargestStep);
        clock.OnSenderReport(At(15 + 2000), Theirs + TimeSpan.FromSeconds(2), 180_000); // five milliseconds faster than the first
        Assert.InRange((_publisher.Offset - before).TotalMilliseconds, -5.01, 0.01);
    }

    [Fact]
    public void The_map_can_be_turned_round()
    {
        var random = new Random(11);
        var clock = new TrackClock(_publisher, 48_000);
        clock.OnPacket(At(100), 0);
        clock.OnSenderReport(At(300), Theirs + TimeSpan.FromMilliseconds(260), 9600); // leaves a difference to work off
        for (var i = 0; i < 1000; i++)
        {
            var timestamp = (uint)random.Next(48_000 * 60);
            Assert.InRange(unchecked((int)(clock.ToRtp(clock.ToNtp(timestamp)) - timestamp)), -2, 2);
        }
    }

    private static uint Audio(uint ms) => unchecked(4_294_000_000 + ms * 48);

    private static uint Video(uint ms) => 1234 + ms * 90;

    private static Instant At(long milliseconds) => Instant.FromMilliseconds(milliseconds);

    private static void AssertClose(NtpTime expected, NtpTime actual) =>
        Assert.InRange((actual - expected).TotalMilliseconds, -0.1, 0.1);
}
