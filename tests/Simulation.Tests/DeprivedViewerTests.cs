using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;
using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

/// <summary>Viewers that are there already when a stream begins that cannot be sent to them as it is.</summary>
public sealed class DeprivedViewerTests
{
    private static readonly TrackFormat Opus = new(Codec.Opus, 48_000, 2, "");
    private static readonly TrackFormat Aac = new(Codec.Aac, 48_000, 2, "");
    private static readonly TrackFormat H264 = new(Codec.H264, 90_000, 0, "packetization-mode=1;profile-level-id=42e01f;level-asymmetry-allowed=1");

    private readonly Slab _slab = TrackResources.MakeSlab(16 << 20);

    [Fact]
    public void Sound_whose_converter_has_given_up_is_waited_for_and_costs_nobody_the_picture()
    {
        var stays = Watch([Sent(Aac)], [Offered(Opus, "it died six times in a row")]);
        Assert.True(stays);
    }

    [Fact]
    public void Sound_that_nothing_makes_playable_sends_the_viewer_to_ask_again() => Assert.False(Watch([Sent(Aac)], []));

    [Fact]
    public void A_picture_that_can_be_made_is_waited_for() => Assert.True(Watch([Sent(H264, isReordered: true)], [Offered(H264, null)]));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_picture_that_cannot_be_made_sends_the_viewer_to_ask_again(bool isOffered) =>
        Assert.False(Watch([Sent(H264, isReordered: true)], isOffered ? [Offered(H264, "there is no processor time for it")] : []));

    // True where the viewer is still there after a while.
    private static bool Watch(Track[] sent, Track[] offered)
    {
        using var node = new SimulatedNode();
        var viewer = node.Watch();
        node.Connect(viewer);
        node.Live.Start(new LiveStream(SimulatedNode.Channel, sent, new Publication(), SimulatedNode.Epoch, offered));
        node.Run(5);
        return node.Node.Directory.Count == 1;
    }

    private Track Sent(TrackFormat format, bool isReordered = false)
    {
        var track = Make(format, "");
        track.HasReordering = isReordered;
        return track;
    }

    private Track Offered(TrackFormat format, string? obstacle)
    {
        var track = Make(format, "made");
        track.Obstacle = () => obstacle;
        return track;
    }

    private Track Make(TrackFormat format, string encodingId)
    {
        var track = new Track(new TrackId(format.Kind, 0, encodingId), _slab, PacketLogLimits.Audio) { Native = TrackFace.Frames };
        track.Describe(format);
        return track;
    }

    private sealed class Publication : IPublication
    {
        public string Protocol => "test";

        public string Vendor => "test";

        public TimeSpan RoundTrip => TimeSpan.Zero;

        public void Close(StreamEnd reason)
        {
            // Nothing was opened.
        }
    }
}
