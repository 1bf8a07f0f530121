using Sluice.Protocols.Media;
using Sluice.Protocols.WebRtc.Signalling;
using static Sluice.Protocols.Tests.Signalling.TestSide;

namespace Sluice.Protocols.Tests.Signalling;

public sealed class PayloadMatchTests
{
    /// <summary>H.264 receivers written as <c>profile/mode</c>, numbered from 0 in their order.</summary>
    private static NegotiatedPayload[] Receivers(string receivers) =>
    [
        .. receivers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static (receiver, i) =>
            new NegotiatedPayload((byte)i, H264(receiver[..6], receiver[7] - '0'), null, PayloadFeedback.None)),
    ];

    private static int Match(TrackFormat live, params NegotiatedPayload[] receivers) =>
        PayloadMatch.TryMatch(live, receivers, out var payload) ? payload.PayloadType : -1;

    private static NegotiatedPayload Receiver(byte type, Codec codec, string parameters) => new(type, Video(codec, parameters), null, PayloadFeedback.None);

    [Theory]
    // Exact profile, whatever the level and the spelling.
    [InlineData("42e01f/1", "42001f/1 42e01f/1 4d001f/1 64001f/1", 1)]
    [InlineData("42e034/1", "64001f/1 42e00a/1", 1)]
    [InlineData("42c01f/1", "42001f/1 42e01f/1", 1)]
    [InlineData("42401e/1", "42001f/1 42e01f/1", 1)]
    [InlineData("4d4028/1", "42e01f/1 4d001f/1", 1)]
    [InlineData("64000c/1", "4d001f/1 64001f/1", 1)]
    [InlineData("42001f/1", "42e01f/1 42001f/1", 1)]
    // A profile whose decoder decodes the stream, the smallest first.
    [InlineData("42e01f/1", "64001f/1 4d001f/1", 1)]
    [InlineData("42e01f/1", "4d001f/1 42001f/1", 1)]
    [InlineData("4d001f/1", "42e01f/1 64001f/1", 1)]
    [InlineData("640028/1", "42e01f/1 4d001f/1 f4001f/1", 2)]
    [InlineData("640c1f/1", "42e01f/1 64001f/1", 1)]
    [InlineData("42001f/1", "64001f/1 42e01f/1", 1)]
    // As a last resort any profile that takes fragments.
    [InlineData("640028/1", "42e01f/0 42e01f/1 4d001f/0", 1)]
    [InlineData("f4001f/1", "42e01f/1", 0)]
    [InlineData("ff001f/1", "64001f/1 42e01f/1", 1)]
    // Packetization modes: a receiver of mode 1 takes single units, one of mode 0 takes nothing else.
    [InlineData("42e01f/0", "42e01f/1 42e01f/0", 1)]
    [InlineData("42e01f/0", "42e01f/1", 0)]
    [InlineData("42e01f/1", "42e01f/0 42e01f/1", 1)]
    [InlineData("42e01f/1", "42e01f/0", -1)]
    [InlineData("640028/0", "42e01f/0", -1)]
    [InlineData("42e01f/1", "", -1)]
    public void H264_goes_to_the_nearest_receiver(string live, string receivers, int expected) =>
        Assert.Equal(expected, Match(H264(live[..6], live[7] - '0'), Receivers(receivers)));

    [Fact]
    public void A_stream_that_says_nothing_of_itself_counts_as_fragmented_and_of_the_plainest_profile()
    {
        Assert.Equal(1, Match(Video(Codec.H264), Receivers("64001f/1 42e01f/1 42e01f/0")));
        Assert.Equal(-1, Match(Video(Codec.H264), Receivers("42e01f/0")));
    }

    [Fact]
    public void A_receiver_that_says_nothing_takes_baseline_in_single_units()
    {
        var receiver = Receiver(5, Codec.H264, "");
        Assert.Equal(5, Match(H264("42001f", 0), receiver));
        Assert.Equal(5, Match(H264("42e01f", 0), receiver));
        Assert.Equal(-1, Match(H264("42e01f"), receiver));
        Assert.Equal(-1, Match(H264("640028", 0), receiver));
    }

    [Theory]
    [InlineData(Codec.Vp8, "", "max-fs=12288", true)]
    [InlineData(Codec.Vp9, "", "profile-id=0", true)]
    [InlineData(Codec.Vp9, "profile-id=0", "", true)]
    [InlineData(Codec.Vp9, "profile-id=2", "profile-id=0", false)]
    [InlineData(Codec.Vp9, "profile-id=0", "profile-id=2", false)]
    [InlineData(Codec.Av1, "", "level-idx=5;profile=0;tier=0", true)]
    [InlineData(Codec.Av1, "profile=0", "profile=1", true)]
    [InlineData(Codec.Av1, "profile=1", "profile=0", false)]
    [InlineData(Codec.H265, "", "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST", true)]
    [InlineData(Codec.H265, "profile-id=1", "profile-id=2", true)]
    [InlineData(Codec.H265, "profile-id=2", "profile-id=1", false)]
    [InlineData(Codec.H265, "profile-id=1;tier-flag=1", "profile-id=1", false)]
    [InlineData(Codec.H265, "profile-id=1", "profile-id=1;tier-flag=1", true)]
    [InlineData(Codec.H265, "profile-id=4", "profile-id=1", false)]
    public void Other_codecs_go_by_their_profiles(Codec codec, string live, string receiver, bool matches) =>
        Assert.Equal(matches ? 7 : -1, Match(Video(codec, live), Receiver(7, codec, receiver)));

    [Fact]
    public void The_nearest_profile_wins_over_the_first()
    {
        Assert.Equal(2, Match(Video(Codec.Av1), Receiver(1, Codec.Av1, "profile=1"), Receiver(2, Codec.Av1, "profile=0")));
        Assert.Equal(2, Match(Video(Codec.H265), Receiver(1, Codec.H265, "profile-id=2"), Receiver(2, Codec.H265, "")));
        Assert.Equal(1, Match(Video(Codec.Vp8), Receiver(1, Codec.Vp8, ""), Receiver(2, Codec.Vp8, "")));
    }

    [Fact]
    public void Another_codec_never_matches()
    {
        Assert.Equal(-1, Match(Video(Codec.Vp8), Receiver(1, Codec.Vp9, "")));
        Assert.Equal(-1, Match(TestSide.Opus, Receiver(1, Codec.Vp8, "")));
        Assert.Equal(-1, Match(new TrackFormat(Codec.Aac, 44_100, 2, ""), new NegotiatedPayload(1, new TrackFormat(Codec.Aac, 44_100, 2, ""), null, PayloadFeedback.None)));
        Assert.Equal(111, Match(TestSide.Opus, new NegotiatedPayload(111, TestSide.Opus with { Parameters = "stereo=1" }, null, PayloadFeedback.None)));
    }
}
