using Sluice.Protocols.Rtp.Sdp;
using Sluice.Testing.Offers;

namespace Sluice.Protocols.Tests.Sdp;

public sealed class SdpAttributesTests
{
    private static SdpAttributes Of(params string[] lines) =>
        RealOffers.Parse("v=0\nm=video 9 UDP/TLS/RTP/SAVPF 96\n" + string.Concat(lines.Select(line => $"a={line}\n"))).Media[0].Attributes;

    [Fact]
    public void Flags_are_told_from_values()
    {
        var attributes = Of("rtcp-mux", "rtcp-rsize", "bundle-only", "extmap-allow-mixed", "end-of-candidates", "ice-lite", "sendonly");
        Assert.True(attributes.HasRtcpMux && attributes.HasReducedSizeRtcp && attributes.IsBundleOnly && attributes.AllowsMixedExtensions);
        Assert.True(attributes.HasEndOfCandidates && attributes.IsIceLite);
        Assert.Equal(SdpDirection.SendOnly, attributes.Direction);
        Assert.Null(Of("sendonly:yes").Direction);
        Assert.Null(Of("rtcp-mux").Mid);
    }

    [Fact]
    public void Ice_options_are_words()
    {
        Assert.Equal(["trickle", "ice2", "renomination"], Of("ice-options: trickle ice2  renomination").IceOptions);
        Assert.Empty(Of("mid:0").IceOptions);
    }

    [Fact]
    public void Feedback_may_be_for_every_payload_type()
    {
        Assert.Equal(
            [new SdpFeedback(null, "nack", "pli"), new SdpFeedback(96, "ccm", "fir"), new SdpFeedback(97, "transport-cc", "")],
            Of("rtcp-fb:* nack pli", "rtcp-fb:96 ccm fir", "rtcp-fb:97 transport-cc", "rtcp-fb:200 nack", "rtcp-fb:x nack", "rtcp-fb:96").Feedback);
    }

    [Fact]
    public void Header_extensions_have_ids_directions_and_options()
    {
        Assert.Equal(
            [
                new SdpExtensionMap(1, null, "urn:a"),
                new SdpExtensionMap(255, SdpDirection.RecvOnly, "urn:b"),
                new SdpExtensionMap(4096, SdpDirection.Inactive, "urn:c", "with options"),
            ],
            Of("extmap:1 urn:a", "extmap:255/recvonly urn:b", "extmap:4096/inactive urn:c with options").ExtensionMaps);
    }

    [Fact]
    public void Payload_types_have_clocks_and_channels()
    {
        Assert.Equal(
            [new SdpRtpMap(96, "H264", 90_000, 1), new SdpRtpMap(111, "opus", 48_000, 2)],
            Of("rtpmap:96 H264/90000", "rtpmap:111 opus/48000/2").RtpMaps);
        Assert.True(new SdpRtpMap(1, "RTX", 90_000, 1).IsRtx);
    }

    [Fact]
    public void Sources_have_facts_and_groups()
    {
        var attributes = Of("ssrc:1 cname:a:b", "ssrc:4294967295 msid:s t", "ssrc:7", "ssrc:4294967296 cname:x", "ssrc-group:FID 1 2", "ssrc-group:SIM 3 4 5", "ssrc-group:FID", "ssrc-group:FID 1 x");
        Assert.Equal([new SdpSsrc(1, "cname", "a:b"), new SdpSsrc(uint.MaxValue, "msid", "s t"), new SdpSsrc(7, "", "")], attributes.Ssrcs);
        Assert.Equal(["FID 1 2", "SIM 3 4 5"], attributes.SsrcGroups.Select(group => group.ToString()));
    }

    [Fact]
    public void Streams_and_tracks_are_told_apart()
    {
        Assert.Equal([new SdpMsid("stream", "track"), new SdpMsid("-", "")], Of("msid:stream track", "msid:-").Msids);
    }

    [Fact]
    public void Layers_have_alternatives_and_may_be_paused()
    {
        var simulcast = Of("simulcast:send 1,~4;2;~3 recv x").Simulcast;
        Assert.NotNull(simulcast);
        Assert.Equal([[new("1", false), new("4", true)], [new("2", false)], [new("3", true)]], simulcast.Send);
        Assert.Equal([[new SdpSimulcastForm("x", false)]], simulcast.Receive);
        Assert.Equal("send 1,~4;2;~3 recv x", simulcast.ToString());
    }

    [Theory]
    [InlineData("simulcast: send rid=h;l", "send h;l")]
    [InlineData("simulcast:recv h;l send m", "send m recv h;l")]
    [InlineData("simulcast: send rid=1,4;2;3 paused=4 recv rid=c", "send 1,4;2;3 recv c")]
    public void Other_spellings_of_simulcast_are_understood(string line, string meaning) =>
        Assert.Equal(meaning, Of(line).Simulcast?.ToString());

    [Fact]
    public void Restricted_streams_keep_their_restrictions()
    {
        Assert.Equal(
            [new SdpRid("hi", true, "pt=96,97;max-width=1280"), new SdpRid("l_-0", false)],
            Of("rid:hi send pt=96,97;max-width=1280", "rid:l_-0 recv").Rids);
    }

    [Fact]
    public void A_fingerprint_gives_its_bytes_back()
    {
        byte[] digest = [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 37))];
        var fingerprint = SdpFingerprint.Sha256(digest);
        Assert.StartsWith("sha-256 00:25:4A:", fingerprint.ToString(), StringComparison.Ordinal);
        Assert.Equal(digest, fingerprint.ToBytes());
        Assert.Equal([fingerprint], Of($"fingerprint:{fingerprint.ToString().Replace("sha", "SHA", StringComparison.Ordinal).ToLowerInvariant()}").Fingerprints);
    }

    [Theory]
    [InlineData("a=1;b=2", "b", "2")]
    [InlineData(" A = 1 ; b=2", "a", "1")]
    [InlineData("profile-level-id=42e01f", "PROFILE-LEVEL-ID", "42e01f")]
    [InlineData("ab=1", "a", "")]
    [InlineData("a;b=2", "a", "")]
    [InlineData("x=a=1;a=", "a", "")]
    [InlineData("sprop=Z0==,aM4=;a=3", "sprop", "Z0==,aM4=")]
    [InlineData("", "a", "")]
    [InlineData(";;;", "a", "")]
    public void A_format_parameter_is_found_by_its_key(string parameters, string key, string value) =>
        Assert.Equal(value, SdpFormatParameters.ValueOf(parameters, key).ToString());

    [Theory]
    [InlineData("apt=96", 96)]
    [InlineData("apt=-1", -5)]
    [InlineData("apt=x", -5)]
    [InlineData("apt=99999999999", -5)]
    public void A_format_parameter_that_is_no_number_counts_as_missing(string parameters, int value) =>
        Assert.Equal(value, SdpFormatParameters.NumberOf(parameters, "apt", -5));
}
