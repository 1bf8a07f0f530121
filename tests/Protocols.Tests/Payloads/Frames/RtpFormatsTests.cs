using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Testing.Clips;

namespace Sluice.Protocols.Tests.Payloads.Frames;

public sealed class RtpFormatsTests
{
    [Theory]
    [InlineData("h264", 90_000, 0, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64000c")]
    [InlineData("h264-reordered", 90_000, 0, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d400c")]
    [InlineData("h265", 90_000, 0, "level-id=60;profile-id=1;profile-space=0;tier-flag=0;tx-mode=SRST")]
    [InlineData("vp8", 90_000, 0, "")]
    [InlineData("vp9", 90_000, 0, "profile-id=0")]
    [InlineData("av1", 90_000, 0, "level-idx=0;profile=0;tier=0")]
    [InlineData("opus", 48_000, 2, "minptime=10;sprop-stereo=1;stereo=1;useinbandfec=1")]
    public void A_clip_is_called_what_sdp_calls_it(string name, int clockRate, int channels, string parameters)
    {
        var clip = Clip.Load(name);
        Assert.True(RtpFormats.TryDescribe(clip.Format, out var format));
        Assert.Equal(new TrackFormat(clip.Format.Codec, clockRate, channels, parameters), format);
    }

    [Theory]
    [InlineData("h264")]
    [InlineData("h265")]
    [InlineData("vp8")]
    [InlineData("vp9")]
    [InlineData("av1")]
    [InlineData("opus")]
    public void A_viewer_that_takes_all_we_offer_is_sent_each(string name)
    {
        Assert.True(RtpFormats.TryDescribe(Clip.Load(name).Format, out var format));
        NegotiatedPayload[] payloads = [.. CodecCapability.All.Select(c => new NegotiatedPayload(c.PayloadType, c.Format, c.RtxPayloadType, default))];
        Assert.True(PayloadMatch.TryMatch(format, payloads, out var payload));
        Assert.Equal(format.Codec, payload.Format.Codec);
    }

    [Fact]
    public void Sound_of_one_channel_is_not_called_stereo()
    {
        Assert.True(RtpFormats.TryDescribe(new FrameFormat(Codec.Opus, 48_000, 1, default, []), out var format));
        Assert.Equal(new TrackFormat(Codec.Opus, 48_000, 2, "minptime=10;useinbandfec=1"), format);
    }

    [Theory]
    [InlineData(Codec.Aac, 44_100)]
    [InlineData(Codec.Unknown, 90_000)]
    [InlineData(Codec.H264, 90_000)] // no record
    [InlineData(Codec.H265, 90_000)]
    [InlineData(Codec.Vp8, 1000)] // not RTP's clock
    [InlineData(Codec.Opus, 44_100)]
    public void What_has_no_payload_format_is_not_described(Codec codec, int clockRate) =>
        Assert.False(RtpFormats.TryDescribe(new FrameFormat(codec, clockRate, 0, default, []), out _));

    [Theory]
    [InlineData(Codec.H264, "01640000")]
    [InlineData(Codec.H265, "0101")]
    [InlineData(Codec.Vp9, "0900")]
    [InlineData(Codec.Av1, "00000000")]
    public void A_record_that_is_none_is_refused(Codec codec, string hex) =>
        Assert.False(RtpFormats.TryDescribe(new FrameFormat(codec, 90_000, 0, default, Convert.FromHexString(hex)), out _));
}
