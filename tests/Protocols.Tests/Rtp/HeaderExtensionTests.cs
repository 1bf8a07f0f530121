using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtp;

public class HeaderExtensionTests
{
    [Fact]
    public void Every_kind_has_its_own_uri_and_the_uri_leads_back()
    {
        Assert.Equal(Enum.GetValues<HeaderExtensionKind>().Length, HeaderExtensions.KindCount);
        foreach (var kind in Enum.GetValues<HeaderExtensionKind>())
        {
            if (kind == HeaderExtensionKind.Unknown) continue;
            Assert.Equal(kind, HeaderExtensions.KindOf(HeaderExtensions.UriOf(kind)));
        }
    }

    [Theory]
    [InlineData("urn:ietf:params:rtp-hdrext:sdes:mid", HeaderExtensionKind.Mid)]
    [InlineData("urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", HeaderExtensionKind.Rid)]
    [InlineData("urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", HeaderExtensionKind.RepairedRid)]
    [InlineData("http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", HeaderExtensionKind.AbsSendTime)]
    [InlineData("http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", HeaderExtensionKind.TransportSequence)]
    [InlineData("urn:ietf:params:rtp-hdrext:ssrc-audio-level", HeaderExtensionKind.AudioLevel)]
    [InlineData("urn:ietf:params:rtp-hdrext:csrc-audio-level", HeaderExtensionKind.CsrcAudioLevel)]
    [InlineData("http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", HeaderExtensionKind.PlayoutDelay)]
    [InlineData("urn:3gpp:video-orientation", HeaderExtensionKind.VideoOrientation)]
    [InlineData("urn:ietf:params:rtp-hdrext:toffset", HeaderExtensionKind.TransmissionOffset)]
    [InlineData("http://www.webrtc.org/experiments/rtp-hdrext/video-timing", HeaderExtensionKind.VideoTiming)]
    [InlineData("http://www.webrtc.org/experiments/rtp-hdrext/video-content-type", HeaderExtensionKind.VideoContentType)]
    [InlineData("http://www.webrtc.org/experiments/rtp-hdrext/color-space", HeaderExtensionKind.ColorSpace)]
    [InlineData("http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00", HeaderExtensionKind.VideoLayersAllocation)]
    [InlineData(
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension", HeaderExtensionKind.DependencyDescriptor)]
    [InlineData("", HeaderExtensionKind.Unknown)]
    [InlineData("urn:ietf:params:rtp-hdrext:sdes:MID", HeaderExtensionKind.Unknown)]
    [InlineData("urn:example:nothing", HeaderExtensionKind.Unknown)]
    public void The_uris_browsers_offer_are_known(string uri, HeaderExtensionKind kind) => Assert.Equal(kind, HeaderExtensions.KindOf(uri));

    [Fact]
    public void What_names_streams_or_measures_the_path_does_not_describe_the_media()
    {
        HeaderExtensionKind[] media =
        [
            HeaderExtensionKind.AudioLevel,
            HeaderExtensionKind.AbsCaptureTime,
            HeaderExtensionKind.VideoOrientation,
            HeaderExtensionKind.VideoContentType,
            HeaderExtensionKind.ColorSpace,
        ];
        Assert.Equal(media, Enum.GetValues<HeaderExtensionKind>().Where(HeaderExtensions.DescribesMedia));
    }

    [Fact]
    public void Binding_an_id_again_forgets_what_it_was_bound_to()
    {
        var map = new HeaderExtensionMap();
        map.Add(3, HeaderExtensionKind.Mid);
        map.Add(3, HeaderExtensionKind.Rid);
        Assert.Equal(0, map.IdOf(HeaderExtensionKind.Mid));
        Assert.Equal(3, map.IdOf(HeaderExtensionKind.Rid));
        map.Add(20, HeaderExtensionKind.Rid);
        Assert.Equal(HeaderExtensionKind.Unknown, map.KindOf(3));
        Assert.Equal(HeaderExtensionKind.Rid, map.KindOf(20));
        Assert.True(map.NeedsTwoByteForm);
        Assert.Equal(HeaderExtensionKind.Unknown, map.KindOf(256));
        Assert.Equal(HeaderExtensionKind.Unknown, map.KindOf(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Add(0, HeaderExtensionKind.Mid));
    }

    [Fact]
    public void An_unknown_extension_has_no_id()
    {
        var map = new HeaderExtensionMap();
        map.Add(4, HeaderExtensionKind.Unknown);
        Assert.Equal(0, map.IdOf(HeaderExtensionKind.Unknown));
        Assert.False(map.NeedsTwoByteForm);
    }

    [Fact]
    public void The_map_finds_the_element_of_a_kind()
    {
        var map = new HeaderExtensionMap();
        map.Add(5, HeaderExtensionKind.Mid);
        var buffer = new byte[40];
        var writer = RtpHeaderWriter.Begin(buffer, new PayloadType(96), false, 1, 2, new Ssrc(3));
        writer.AddExtension(5, "v0"u8);
        var length = writer.Complete();
        Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, length), out var packet));
        Assert.True(map.TryGet(packet, HeaderExtensionKind.Mid, out var data));
        Assert.True(MidExtension.TryParse(data, out var mid));
        Assert.True(mid.SequenceEqual("v0"u8));
        Assert.False(map.TryGet(packet, HeaderExtensionKind.Rid, out _));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("00", false)]
    [InlineData("30", true)]
    [InlineData("766964656f00", true)] // padded with zero
    [InlineData("612062", false)] // space
    [InlineData("6100", true)]
    [InlineData("610062", false)] // zero inside
    [InlineData("c3a9", false)] // not ASCII
    [InlineData("6161616161616161616161616161616161616161616161616161616161616161", true)]
    [InlineData("616161616161616161616161616161616161616161616161616161616161616161", false)]
    public void Identifiers_are_printable_text_of_limited_length(string hex, bool valid)
    {
        var data = Convert.FromHexString(hex);
        Assert.Equal(valid, MidExtension.TryParse(data, out _));
        Assert.Equal(valid, RidExtension.TryParse(data, out _));
        Assert.Equal(valid, RepairedRidExtension.TryParse(data, out _));
    }

    [Fact]
    public void Abs_send_time_counts_in_fixed_point_and_wraps_each_64_seconds()
    {
        Assert.Equal(1u << 18, AbsSendTimeExtension.From(Instant.FromMilliseconds(1000)).Value);
        Assert.Equal(0u, AbsSendTimeExtension.From(Instant.FromMilliseconds(64_000)).Value);
        var late = AbsSendTimeExtension.From(Instant.FromMilliseconds(64_010));
        var early = AbsSendTimeExtension.From(Instant.FromMilliseconds(63_990));
        Assert.InRange(late.Since(early).TotalMilliseconds, 19.9, 20.1);
        Assert.InRange(early.Since(late).TotalMilliseconds, -20.1, -19.9);
        Assert.Equal(AbsSendTimeExtension.From(Instant.FromMilliseconds(5)), AbsSendTimeExtension.From(Instant.FromMilliseconds(6_400_005)));
    }

    [Theory]
    [InlineData("000000", 0, 0)]
    [InlineData("00a3ff", 10, 0x3ff)]
    [InlineData("ffffff", 4095, 4095)]
    public void Playout_delay_has_two_twelve_bit_fields(string hex, int minimum, int maximum)
    {
        Assert.True(PlayoutDelayExtension.TryParse(Convert.FromHexString(hex), out var delay));
        Assert.Equal((minimum, maximum), (delay.MinimumSteps, delay.MaximumSteps));
        var buffer = new byte[3];
        delay.Write(buffer);
        Assert.Equal(hex, Convert.ToHexString(buffer).ToLowerInvariant());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000")]
    [InlineData("00000000")]
    [InlineData("002001")] // smallest 2, largest 1
    public void Playout_delay_of_another_length_or_upside_down_is_refused(string hex) =>
        Assert.False(PlayoutDelayExtension.TryParse(Convert.FromHexString(hex), out _));

    [Fact]
    public void Playout_delay_is_cut_to_what_the_wire_can_carry()
    {
        var delay = PlayoutDelayExtension.From(TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(5));
        Assert.Equal((0, 4095), (delay.MinimumSteps, delay.MaximumSteps));
        delay = PlayoutDelayExtension.From(TimeSpan.FromMilliseconds(200), TimeSpan.Zero);
        Assert.Equal(delay.MinimumSteps, delay.MaximumSteps);
    }

    [Fact]
    public void The_second_version_of_the_transport_sequence_is_read_over()
    {
        Assert.True(TransportSequenceExtension.TryParse([0x12, 0x34], out var first));
        Assert.True(TransportSequenceExtension.TryParse([0x12, 0x34, 0x80, 0x01], out var second));
        Assert.Equal(first, second);
        Assert.False(TransportSequenceExtension.TryParse([0x12], out _));
        Assert.False(TransportSequenceExtension.TryParse([0x12, 0x34, 0x80], out _));
    }

    [Fact]
    public void Capture_time_is_read_with_and_without_its_clock_offset()
    {
        foreach (var offset in new long?[] { null, 0, -1, long.MinValue })
        {
            var value = new AbsCaptureTimeExtension(new NtpTime(0xe123456780000000), offset);
            var buffer = new byte[16];
            var length = value.Write(buffer);
            Assert.Equal(value.Length, length);
            Assert.True(AbsCaptureTimeExtension.TryParse(buffer.AsSpan(0, length), out var again));
            Assert.Equal(value, again);
        }

        Assert.False(AbsCaptureTimeExtension.TryParse(new byte[9], out _));
    }

    [Fact]
    public void Small_elements_survive_every_value()
    {
        var buffer = new byte[4];
        for (var value = 0; value < 256; value++)
        {
            byte[] data = [(byte)value];
            Assert.True(AudioLevelExtension.TryParse(data, out var level));
            Assert.Equal((value & 0x7f, value >= 128), (level.Level, level.Voice));
            Assert.Equal(1, level.Write(buffer));
            Assert.Equal(value, buffer[0]);

            Assert.True(VideoOrientationExtension.TryParse(data, out var orientation));
            orientation.Write(buffer);
            Assert.Equal(value & 0x0f, buffer[0]);
        }

        Assert.False(AudioLevelExtension.TryParse([], out _));
        Assert.False(AudioLevelExtension.TryParse([1, 0, 0], out _));
        Assert.False(VideoOrientationExtension.TryParse([], out _));
        Assert.False(AbsSendTimeExtension.TryParse([1, 2], out _));
    }
}
