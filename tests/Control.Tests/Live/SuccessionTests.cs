using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Tests.Live;

/// <summary>Encoders that come, are replaced and come again.</summary>
public sealed class SuccessionTests
{
    private readonly LiveChannel _channel = new("meadow");
    private readonly Slab _slab = new(4096, 1 << 20);
    private Instant _now = Instant.FromMilliseconds(60_000);

    [Fact]
    public void Whoever_comes_first_may_publish()
    {
        Assert.Null(WhyNot(Encoder(1)));
        Assert.Null(WhyNot(Encoder(1), refusesTakeover: true));
    }

    [Fact]
    public void Two_encoders_that_connect_again_by_themselves_change_places_once()
    {
        var (first, second) = (Encoder(1), Encoder(2));
        var exchanges = 0;
        Start(first);
        for (var i = 0; i < 100; i++)
        {
            // Whoever is not on tries again, as long as the other sends.
            var next = ReferenceEquals(_channel.Stream!.Publication.Identity, first) ? second : first;
            Pass(seconds: i);
            if (WhyNot(next) is not null) continue;
            Start(next);
            exchanges++;
        }

        Assert.Equal(1, exchanges);
        Assert.Same(second, _channel.Stream!.Publication.Identity);
        Assert.Contains("stop that one first", WhyNot(first), StringComparison.Ordinal);
    }

    [Fact]
    public void Twins_at_one_address_change_places_once()
    {
        Start(Encoder(1));
        Assert.Null(WhyNot(Encoder(1)));
        Start(Encoder(1));
        Pass(seconds: 2);
        Assert.NotNull(WhyNot(Encoder(1)));
        Assert.Equal(TimeSpan.FromSeconds(1), _channel.TimeToTell(Encoder(1)));
        Assert.Equal(TimeSpan.Zero, _channel.TimeToTell(Encoder(2)));
    }

    [Fact]
    public void Three_encoders_come_to_rest_at_the_newest()
    {
        Start(Encoder(1));
        Start(Encoder(2));
        Start(Encoder(3));
        Pass(seconds: 5);
        Assert.NotNull(WhyNot(Encoder(1)));
        Assert.NotNull(WhyNot(Encoder(2)));
        Assert.Null(WhyNot(Encoder(4)));
    }

    [Fact]
    public void An_encoder_whose_connection_died_comes_back_at_once_again_and_again()
    {
        for (var i = 0; i < 20; i++)
        {
            Assert.Null(WhyNot(Encoder(1)));
            Start(Encoder(1));
            _now += TimeSpan.FromMilliseconds(1100);
        }
    }

    [Theory]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    public void Who_is_silent_holds_nothing(int milliseconds, bool isLetIn)
    {
        Start(Encoder(1));
        Start(Encoder(2));
        _now += TimeSpan.FromMilliseconds(milliseconds);
        Assert.Equal(isLetIn, WhyNot(Encoder(1)) is null);
    }

    [Fact]
    public void A_channel_that_refuses_takeovers_takes_back_the_same_encoder_when_it_is_silent()
    {
        Start(Encoder(1));
        Assert.Contains("refuse a second publisher", WhyNot(Encoder(2), refusesTakeover: true), StringComparison.Ordinal);
        Assert.NotNull(WhyNot(Encoder(1), refusesTakeover: true));
        _now += TimeSpan.FromSeconds(2);
        Assert.NotNull(WhyNot(Encoder(2), refusesTakeover: true));
        Assert.Null(WhyNot(Encoder(1), refusesTakeover: true));
    }

    [Fact]
    public void When_the_winner_stops_the_other_may_come_back()
    {
        Start(Encoder(1));
        Start(Encoder(2));
        Assert.NotNull(WhyNot(Encoder(1)));
        _channel.End(_channel.Stream!, StreamEnd.Stopped);
        Assert.Null(WhyNot(Encoder(1)));
        Start(Encoder(1));
        Assert.Null(WhyNot(Encoder(2)));
    }

    [Fact]
    public void A_publisher_whose_tracks_change_has_replaced_nobody()
    {
        var who = Encoder(1);
        Start(who);
        Start(who);
        Pass(seconds: 1);
        Assert.Null(_channel.LastRefusal);
        Assert.Null(WhyNot(Encoder(1)));
    }

    [Fact]
    public void A_stream_that_has_just_begun_is_not_taken_for_a_dead_one()
    {
        Start(Encoder(1));
        Start(Encoder(2), hasSent: false);
        Assert.NotNull(WhyNot(Encoder(1)));
    }

    [Fact]
    public void The_owner_reads_who_was_replaced_and_why()
    {
        Start(Encoder(1));
        Start(Encoder(2));
        var refusal = _channel.LastRefusal!;
        Assert.Equal("test", refusal.Protocol);
        Assert.Equal(DateTimeOffset.UnixEpoch, refusal.At);
        Assert.Contains("took the stream over", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_very_many_replaced_the_longest_replaced_is_forgotten()
    {
        for (var i = 1; i <= 40; i++) Start(Encoder(i));
        Assert.Null(WhyNot(Encoder(1)));
        Assert.NotNull(WhyNot(Encoder(39)));
        Assert.Equal(16, Enumerable.Range(1, 40).Count(i => WhyNot(Encoder(i)) is not null));
    }

    private static PublisherIdentity Encoder(int number) => PublisherIdentity.Of(NetworkAddress.FromIPv4(0x0a000000 + (uint)number, 40_000), "OBS");

    private string? WhyNot(PublisherIdentity who, bool refusesTakeover = false) => _channel.WhyNot(who, refusesTakeover, _now);

    private void Start(PublisherIdentity who, bool hasSent = true)
    {
        var track = new Track(new TrackId(MediaKind.Video, 0, ""), _slab, PacketLogLimits.Video);
        _channel.Start(new LiveStream("meadow", [track], new Publication(who), DateTimeOffset.UnixEpoch));
        if (hasSent) Send();
    }

    private void Pass(int seconds)
    {
        _now += TimeSpan.FromSeconds(seconds);
        Send();
    }

    private void Send() => _channel.Stream!.Tracks[0].Statistics.Count(new PacketHeader { ArrivedAt = _now }, 100);

    private sealed class Publication(PublisherIdentity identity) : IPublication
    {
        public string Protocol => "test";

        public string Vendor => identity.Software;

        public TimeSpan RoundTrip => TimeSpan.Zero;

        public PublisherIdentity Identity => identity;

        public void Close(StreamEnd reason)
        {
            // Nothing was opened.
        }
    }
}
