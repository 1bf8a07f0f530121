using System.Net;
using Sluice.Control.Channels;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;
using Sluice.Server.Media;

namespace Sluice.Server.Tests.Media;

/// <summary>The one place where inputs ask whether a live channel may be had; what is decided there is told by Control's tests.</summary>
public sealed class TakeoversTests
{
    private static readonly Channel Open = new("meadow", 1, "Meadow", "", DateTimeOffset.UnixEpoch, ChannelSettings.Default);
    private static readonly Instant Now = Instant.FromMilliseconds(60_000);
    private static readonly Instant LongAgo = Instant.FromMilliseconds(1);

    private readonly LiveChannels _channels = new();
    private readonly JumpingTime _time = new();

    [Fact]
    public async Task Nobody_waits_where_nobody_is_live()
    {
        Assert.Null(await AskAsync(Encoder(1)));
        Assert.Null(_channels.Find("meadow"));
        Assert.Equal(0, _time.Waits);
    }

    [Fact]
    public async Task A_replaced_encoder_is_refused_at_once_and_its_owner_reads_why()
    {
        Start(Encoder(1), Now);
        Start(Encoder(2), Now);
        var reason = await AskAsync(Encoder(1));
        Assert.NotNull(reason);
        Assert.Equal(reason, _channels.Open("meadow").LastRefusal!.Reason);
        Assert.Equal("rtmp", _channels.Open("meadow").LastRefusal!.Protocol);
        Assert.Equal(0, _time.Waits);
    }

    [Fact]
    public async Task One_that_may_be_the_live_one_is_refused_if_that_one_sends_on()
    {
        Start(Encoder(1), Now);
        Start(Encoder(1), Now);
        Assert.NotNull(await AskAsync(Encoder(1)));
        Assert.Equal(1, _time.Waits);
    }

    [Fact]
    public async Task One_that_may_be_the_live_one_is_let_in_if_that_one_is_silent_then()
    {
        Start(Encoder(1), Now);
        var track = Start(Encoder(1), Now);
        _time.Waiting = () => track.Statistics.Count(new PacketHeader { ArrivedAt = LongAgo }, 1);
        Assert.Null(await AskAsync(Encoder(1)));
        Assert.Equal(1, _time.Waits);
    }

    [Fact]
    public async Task The_channels_own_choice_is_asked()
    {
        Start(Encoder(1), Now);
        Assert.Null(await AskAsync(Encoder(2)));
        Assert.Contains("refuse a second publisher", await AskAsync(Encoder(2), refusesTakeover: true), StringComparison.Ordinal);
    }

    private static PublisherIdentity Encoder(byte number) => PublisherIdentity.Of(NetworkAddress.From(new IPAddress([10, 0, 0, number]), 0), "OBS");

    private async Task<string?> AskAsync(PublisherIdentity who, bool refusesTakeover = false) => await new Takeovers(_channels, _time, () => Now)
        .RefusalAsync(Open with { Settings = Open.Settings with { RefusesTakeover = refusesTakeover } }, who, "rtmp", CancellationToken.None);

    private Track Start(PublisherIdentity who, Instant lastSent)
    {
        var track = new Track(new TrackId(MediaKind.Video, 0, ""), new Slab(4096, 4), PacketLogLimits.Video);
        track.Statistics.Count(new PacketHeader { ArrivedAt = lastSent }, 1);
        _channels.Open("meadow").Start(new LiveStream("meadow", [track], new Publication(who), DateTimeOffset.UnixEpoch));
        return track;
    }

    private sealed class Publication(PublisherIdentity identity) : IPublication
    {
        public string Protocol => "rtmp";

        public string Vendor => identity.Software;

        public TimeSpan RoundTrip => TimeSpan.Zero;

        public PublisherIdentity Identity => identity;

        public void Close(StreamEnd reason)
        {
            // Nothing was opened.
        }
    }

    /// <summary>Time in which every wait is over at once.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        public int Waits { get; private set; }

        public Action? Waiting { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits++;
            Waiting?.Invoke();
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
