using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;
using Sluice.Testing.Offers;
using static Sluice.Protocols.Tests.Signalling.TestSide;

namespace Sluice.Protocols.Tests.Signalling;

public sealed class AnswerPublisherTests
{
    private const string Vp8 = "a=sendonly\na=rtpmap:96 VP8/90000\n";
    private const string Opus = "a=sendonly\na=rtpmap:111 opus/48000/2\n";

    public static TheoryData<string> Offers => [.. RealOffers.OfPublishers];

    [Theory]
    [MemberData(nameof(Offers))]
    public void Every_real_offer_is_answered_section_by_section(string name)
    {
        var offer = RealOffers.Read(name);
        var (session, answer) = AnswerPublisher(offer);

        Assert.Equal(offer.Media.Select(media => (media.Type, media.Protocol, media.Attributes.Mid)), answer.Media.Select(media => (media.Type, media.Protocol, media.Attributes.Mid)));
        Assert.Equal(offer.Media.Count, session.Media.Count);
        Assert.Equal(offer.Bundle!.Mids, answer.Bundle!.Mids);
        Assert.True(answer.Attributes.IsIceLite);
        foreach (var media in answer.Media)
        {
            Assert.Equal(SdpDirection.RecvOnly, media.Attributes.Direction);
            Assert.True(media.Attributes.HasRtcpMux);
            Assert.Equal(("ourufrag", "ourpasswordourpassword12"), (media.Attributes.IceUfrag, media.Attributes.IcePwd));
            Assert.Equal(Local.Fingerprint, Assert.Single(media.Attributes.Fingerprints));
            Assert.Equal(7000, media.Port);
            Assert.Equal("IN IP4 192.0.2.1", media.Connection);
        }
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public void Payload_types_maps_feedback_and_extension_ids_are_the_offers_own(string name)
    {
        var offer = RealOffers.Read(name);
        var (session, answer) = AnswerPublisher(offer);
        foreach (var (offered, answered) in offer.Media.Zip(answer.Media))
        {
            Assert.Subset(offered.Attributes.RtpMaps.ToHashSet(), answered.Attributes.RtpMaps.ToHashSet());
            Assert.Subset(offered.Attributes.Feedback.ToHashSet(), answered.Attributes.Feedback.ToHashSet());
            Assert.Subset(offered.Attributes.ExtensionMaps.ToHashSet(), answered.Attributes.ExtensionMaps.ToHashSet());
            Assert.Equal(offered.Formats.Where(answered.Formats.Contains), answered.Formats);
            Assert.Equal(answered.Formats, answered.Attributes.RtpMaps.Select(map => $"{map.PayloadType}"));
        }

        foreach (var media in session.Media)
        {
            Assert.Equal(answer.Media[media.Index].Attributes.RtpMaps.Where(map => !map.IsRtx).Select(map => map.PayloadType), media.Payloads.Select(payload => payload.PayloadType));
        }
    }

    [Fact]
    public void Chromium_gets_every_h264_profile_back_under_its_own_number()
    {
        var (session, answer) = AnswerPublisher(RealOffers.Read("chromium-156/sendonly-h264"));
        var video = session.Media[1];
        Assert.Equal([102, 104, 108, 114, 116, 39], video.Payloads.Select(payload => (int)payload.PayloadType));
        Assert.Equal([103, 107, 109, 115, 117, 40], video.Payloads.Select(payload => (int)payload.RtxPayloadType!));
        Assert.Equal(
            ["42001f", "42001f", "42e01f", "42e01f", "4d001f", "4d001f"],
            video.Payloads.Select(payload => SdpFormatParameters.ValueOf(payload.Format.Parameters, "profile-level-id").ToString()));
        Assert.All(video.Payloads, payload => Assert.True(payload.Allows(
            PayloadFeedback.Nack | PayloadFeedback.Pli | PayloadFeedback.Fir | PayloadFeedback.Remb | PayloadFeedback.TransportCc)));
        Assert.Contains(answer.Media[1].Attributes, line => line.ToString() == "fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f");
        Assert.Contains(answer.Media[1].Attributes, line => line.ToString() == "fmtp:109 apt=108");
        Assert.Equal([new SsrcPair(1_918_241_057, 877_630_044)], video.RemoteSsrcs);
        Assert.Equal("im02ohXr6LPEse5j", video.Cname);
        Assert.Equal("90064f0a-7331-410e-a09a-ad069a403aa1", video.Msid!.TrackId);
        Assert.True(video.AllowMixedExtensions && answer.Attributes.AllowsMixedExtensions);
    }

    [Fact]
    public void Firefox_without_h264_gets_vp8_vp9_and_av1()
    {
        var (session, answer) = AnswerPublisher(RealOffers.Read("firefox-153/sendonly-default"));
        var video = session.Media[1];
        Assert.Equal([Codec.Vp8, Codec.Vp9, Codec.Av1], video.Payloads.Select(payload => payload.Format.Codec));
        Assert.Equal("120 124 121 125 99 100", string.Join(' ', answer.Media[1].Formats));
        Assert.Equal([new SsrcPair(3_555_147_923, 3_763_471_651)], video.RemoteSsrcs);
        Assert.Empty(session.Candidates);
        Assert.True(session.HasEndOfCandidates && session.SupportsTrickle);
        Assert.Equal("C7:C7:39", session.Fingerprints[0].Value[..8]);
        Assert.True(answer.Media[1].Attributes.AllowsMixedExtensions, "Firefox says extmap-allow-mixed in each section");
        Assert.False(answer.Attributes.AllowsMixedExtensions);
    }

    [Fact]
    public void Limits_a_publisher_puts_on_its_own_decoder_are_not_put_on_ours()
    {
        var (_, answer) = AnswerPublisher(RealOffers.Read("firefox-153/sendonly-default"));
        Assert.DoesNotContain(answer.Media[1].Attributes.FormatParameters, line => line.Parameters.Contains("max-f", StringComparison.Ordinal));
    }

    [Fact]
    public void An_extension_the_publisher_only_receives_is_not_taken()
    {
        var (session, _) = AnswerPublisher(RealOffers.Read("firefox-153/sendonly-default"));
        Assert.Equal(0, session.Media[1].ExtensionId(HeaderExtensionKind.PlayoutDelay));
        Assert.Equal(7, session.Media[1].ExtensionId(HeaderExtensionKind.TransportSequence));
        Assert.Equal(3, session.Media[0].ExtensionId(HeaderExtensionKind.Mid));
    }

    [Theory]
    [InlineData("ffmpeg-9.0.2/whip-offer-default-passive", true, SdpSetup.Active)]
    [InlineData("ffmpeg-9.0.2/whip-offer-dtls_active", false, SdpSetup.Passive)]
    [InlineData("chromium-156/sendonly-default", false, SdpSetup.Passive)]
    public void The_dtls_role_is_the_one_the_offer_leaves(string name, bool isClient, SdpSetup setup)
    {
        var (session, answer) = AnswerPublisher(RealOffers.Read(name));
        Assert.Equal(isClient, session.IsDtlsClient);
        Assert.All(answer.Media, media => Assert.Equal(setup, media.Attributes.Setup));
    }

    [Fact]
    public void Ffmpeg_gets_its_one_profile_back_and_needs_no_candidates()
    {
        var (session, answer) = AnswerPublisher(RealOffers.Read("ffmpeg-9.0.2/whip-offer-default-passive"));
        Assert.Empty(session.Candidates);
        Assert.False(session.SupportsTrickle);
        Assert.Equal([new SsrcPair(2_205_861_792, 2_205_861_793)], session.Media[1].RemoteSsrcs);
        Assert.Equal(PayloadFeedback.Nack, session.Media[1].Payloads[0].Feedback);
        Assert.Equal("106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42401e", answer.Media[1].Attributes.FormatParameters[0].ToString());
    }

    [Fact]
    public void Opus_may_come_in_stereo_even_where_the_publisher_does_not_ask()
    {
        var (session, answer) = AnswerPublisher(RealOffers.Read("chromium-156/sendonly-default"));
        Assert.Equal("111 minptime=10;useinbandfec=1;stereo=1", answer.Media[0].Attributes.FormatParameters[0].ToString());
        Assert.Equal("minptime=10;useinbandfec=1", session.Media[0].Payloads[0].Format.Parameters);
        (_, answer) = AnswerPublisher(RealOffers.Read("ffmpeg-9.0.2/whip-offer-default-passive"));
        Assert.Equal("111 stereo=1", answer.Media[0].Attributes.FormatParameters[0].ToString());
    }

    [Fact]
    public void Our_candidates_stand_in_the_first_section_with_udp_first()
    {
        var (_, answer) = AnswerPublisher(RealOffers.Read("chromium-156/sendonly-default"));
        Assert.Equal([TransportProtocol.Udp, TransportProtocol.Tcp], answer.Media[0].Attributes.Candidates.Select(candidate => candidate.Transport));
        Assert.True(answer.Media[0].Attributes.HasEndOfCandidates);
        Assert.Empty(answer.Media[1].Attributes.Candidates);
    }

    [Fact]
    public void The_publishers_candidates_are_kept_where_they_are_addresses()
    {
        var (session, _) = AnswerPublisher(RealOffers.Read("chromium-156/sendonly-default"));
        Assert.Equal(4, session.Candidates.Count);
        var (hidden, _) = AnswerPublisher(Change("chromium-156/sendonly-default", "192.0.2.2 38234 typ", "a34f.local 38234 typ"));
        Assert.Equal(3, hidden.Candidates.Count);
    }

    [Fact]
    public void Candidates_are_bounded()
    {
        var many = string.Concat(Enumerable.Range(1, 500).Select(i => $"a=candidate:{i} 1 udp {i} 192.0.2.1 {i} typ host\n"));
        var (session, _) = AnswerPublisher(Offer("", "m=video 9 UDP/TLS/RTP/SAVPF 96\n" + Vp8 + many));
        Assert.Equal(Negotiator.MaxCandidates, session.Candidates.Count);
    }

    [Fact]
    public void Sections_that_are_no_media_of_ours_are_rejected_in_place()
    {
        var offer = Offer(
            "a=group:BUNDLE d v x r a\n",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:d\na=sctp-port:5000\n",
            "m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:v\n" + Vp8,
            "m=video 9 UDP/TLS/RTP/SAVPF 97\na=mid:x\na=sendonly\na=rtpmap:97 theora/90000\n",
            "m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:r\na=recvonly\na=rtpmap:96 VP8/90000\n",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111\na=mid:a\n" + Opus);
        var (session, answer) = AnswerPublisher(offer);

        Assert.Equal([0, 7000, 0, 0, 7000], answer.Media.Select(media => media.Port));
        Assert.Equal(["d", "v", "x", "r", "a"], answer.Media.Select(media => media.Attributes.Mid!));
        Assert.Equal("webrtc-datachannel", Assert.Single(answer.Media[0].Formats));
        Assert.Equal(["v", "a"], answer.Bundle!.Mids);
        Assert.Equal([(1, 1), (4, 1)], session.Media.Select(media => (media.Index, media.BundleIndex)));
        Assert.NotEmpty(answer.Media[1].Attributes.Candidates);
        Assert.Null(answer.Media[0].Attributes.IceUfrag);
    }

    [Fact]
    public void A_bundle_only_section_with_port_zero_takes_part()
    {
        var offer = RealOffers.Parse(
            "v=0\na=group:BUNDLE 0 1\nm=audio 9 UDP/TLS/RTP/SAVPF 111\n" + Transport + "a=mid:0\n" + Opus
            + "m=video 0 UDP/TLS/RTP/SAVPF 96\na=bundle-only\na=mid:1\n" + Vp8);
        var (session, answer) = AnswerPublisher(offer);
        Assert.Equal(2, session.Media.Count);
        Assert.Equal(7000, answer.Media[1].Port);
        Assert.False(answer.Media[1].Attributes.IsBundleOnly);
    }

    [Fact]
    public void A_bundle_only_section_outside_the_group_is_rejected()
    {
        var (session, answer) = AnswerPublisher(Offer(
            "a=group:BUNDLE 0\n",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111\na=mid:0\n" + Opus,
            "m=video 0 UDP/TLS/RTP/SAVPF 96\na=bundle-only\na=mid:1\n" + Vp8));
        Assert.Single(session.Media);
        Assert.Equal(0, answer.Media[1].Port);
    }

    [Fact]
    public void The_transport_of_the_first_bundled_section_holds_even_where_that_section_is_rejected()
    {
        var offer = RealOffers.Parse(
            "v=0\na=group:BUNDLE d v\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\n" + Transport + "a=mid:d\n"
            + "m=video 0 UDP/TLS/RTP/SAVPF 96\na=bundle-only\na=mid:v\n" + Vp8);
        var (session, _) = AnswerPublisher(offer);
        Assert.Equal("theirs", session.IceUfrag);
    }

    [Fact]
    public void A_lone_section_needs_neither_group_nor_mid()
    {
        var (session, answer) = AnswerPublisher(Offer("", "m=video 9 UDP/TLS/RTP/SAVPF 96\n" + Vp8));
        Assert.Equal("", Assert.Single(session.Media).Mid);
        Assert.Null(answer.Bundle);
        Assert.Null(answer.Media[0].Attributes.Mid);
    }

    [Fact]
    public void An_id_that_names_two_extensions_in_one_transport_is_given_to_the_first()
    {
        var (session, _) = AnswerPublisher(Offer(
            "a=group:BUNDLE 0 1\n",
            $"m=audio 9 UDP/TLS/RTP/SAVPF 111\na=mid:0\na=extmap:1 {MidExtension.Uri}\n" + Opus,
            $"m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:1\na=extmap:1 {RidExtension.Uri}\na=extmap:2 {MidExtension.Uri}\na=extmap:4097 {AbsSendTimeExtension.Uri}\n" + Vp8));
        Assert.Equal([new NegotiatedExtension(1, HeaderExtensionKind.Mid)], session.Media[0].Extensions);
        Assert.Equal([new NegotiatedExtension(2, HeaderExtensionKind.Mid)], session.Media[1].Extensions);
    }

    [Fact]
    public void Feedback_for_all_payload_types_counts_for_each()
    {
        var (session, _) = AnswerPublisher(Offer("", "m=video 9 UDP/TLS/RTP/SAVPF 96\na=rtcp-fb:* nack\na=rtcp-fb:* nack pli\na=rtcp-fb:* transport-cc\na=rtcp-fb:96 ccm fir\n" + Vp8));
        Assert.Equal(PayloadFeedback.Nack | PayloadFeedback.Pli | PayloadFeedback.Fir, session.Media[0].Payloads[0].Feedback);
    }

    [Theory]
    [InlineData("a=rtpmap:96 VP9/48000\n")]
    [InlineData("a=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=2\n")]
    [InlineData("a=rtpmap:96 mpeg4-generic/90000\n")]
    [InlineData("a=rtpmap:96 opus/48000/2\n")]
    [InlineData("a=rtpmap:96 rtx/90000\na=fmtp:96 apt=96\n")]
    [InlineData("a=rtpmap:97 VP8/90000\n")]
    [InlineData("")]
    public void A_section_without_a_codec_of_ours_is_refused_with_the_codecs_named(string maps)
    {
        var refusal = RefusePublisher(Offer("", "m=video 9 UDP/TLS/RTP/SAVPF 96 x 300 96\na=sendonly\n" + maps));
        Assert.Equal(SessionError.NoCommonCodec, refusal.Error);
        Assert.Contains("this server carries H264, H265, VP8, VP9, AV1 and opus", refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a=rtcp-mux\n", "", "rtcp-mux")]
    [InlineData("a=ice-pwd:theirpasswordtheirpasswd\n", "", "ice-pwd")]
    [InlineData("a=ice-ufrag:theirs\n", "", "ice-ufrag")]
    [InlineData("a=fingerprint:sha-256 AA:BB\n", "", "fingerprint")]
    [InlineData("a=setup:actpass\n", "a=setup:holdconn\n", "holdconn")]
    [InlineData("a=sendonly\n", "a=recvonly\n", "sendonly")]
    [InlineData("a=sendonly\n", "a=inactive\n", "sendonly")]
    [InlineData("UDP/TLS/RTP/SAVPF", "RTP/AVP", "sendonly")]
    [InlineData("a=group:BUNDLE 0 1\n", "", "BUNDLE")]
    [InlineData("a=mid:1\n", "a=mid:0\n", "share the mid")]
    public void An_offer_no_session_can_come_from_is_refused_with_the_cause(string from, string to, string reason)
    {
        var offer = Offer(
            "a=group:BUNDLE 0 1\n",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111\na=mid:0\n" + Opus,
            "m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:1\n" + Vp8);
        AnswerPublisher(offer);
        var text = offer.ToSdp().Replace("\r\n", "\n", StringComparison.Ordinal);
        Assert.Contains(from, text, StringComparison.Ordinal);
        var refusal = RefusePublisher(RealOffers.Parse(text.Replace(from, to, StringComparison.Ordinal)));
        Assert.Equal(SessionError.BadSdp, refusal.Error);
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_offer_without_sections_is_refused() =>
        Assert.Equal(SessionError.BadSdp, RefusePublisher(RealOffers.Parse("v=0")).Error);

    [Fact]
    public void A_publisher_cannot_take_more_sections_than_the_bound()
    {
        var mids = Enumerable.Range(0, 12).ToArray();
        var (session, answer) = AnswerPublisher(Offer(
            $"a=group:BUNDLE {string.Join(' ', mids)}\n",
            [.. mids.Select(mid => $"m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:{mid}\n" + Vp8)]));
        Assert.Equal(Negotiator.MaxSectionsOfAKind, session.Media.Count);
        Assert.Equal(Enumerable.Range(0, Negotiator.MaxSectionsOfAKind), session.Media.Select(media => media.Ordinal));
        Assert.Equal(12, answer.Media.Count);
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public void An_offer_cut_anywhere_is_answered_or_refused_and_never_throws(string name)
    {
        var text = RealOffers.Text(name);
        for (var length = 0; length < text.Length; length += 7)
        {
            if (SessionDescription.TryParse(text.AsSpan(0, length), out var offer) is not null) continue;
            var refusal = Negotiator.AnswerPublisher(offer, Local, out _, out var answer);
            Assert.Equal(refusal is null, answer.Length > 0);
            if (refusal is not null) Assert.NotEqual(SessionError.None, refusal.Error);
        }
    }

    [Theory]
    [InlineData(true, true, "trickle renomination")]
    [InlineData(true, false, "trickle")]
    [InlineData(false, false, null)]
    public void Renomination_is_granted_to_those_who_ask(bool trickle, bool renomination, string? options)
    {
        var offer = Change("chromium-156/sendonly-default", "ice-options:trickle\n", "ice-options:trickle renomination\n");
        var (session, answer) = AnswerPublisher(offer, Local with { AcceptsTrickle = trickle, AcceptsRenomination = renomination });
        Assert.Equal(renomination, session.SupportsRenomination);
        Assert.Equal(options, answer.Media[0].Attributes.Find("ice-options"));
        var (other, _) = AnswerPublisher(RealOffers.Read("chromium-156/sendonly-default"), Local with { AcceptsRenomination = true });
        Assert.False(other.SupportsRenomination);
    }
}
