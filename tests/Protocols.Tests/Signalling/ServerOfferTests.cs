using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Testing.Offers;
using static Sluice.Protocols.Tests.Signalling.TestSide;

namespace Sluice.Protocols.Tests.Signalling;

public sealed class ServerOfferTests
{
    private static SessionDescription Offered(params TrackFormat[] live) => RealOffers.Parse(Negotiator.OfferToViewer(Local, Live(live)).ToSdp());

    /// <summary>What a viewer might answer: some of the offer's lines, its own transport.</summary>
    private static SessionDescription ViewerAnswer(SessionDescription offer, string setup = "active", params string[] formats)
    {
        var sections = offer.Media.Select(media => media with
        {
            Formats = formats.Length == 0 ? media.Formats : [.. media.Formats.Where(formats.Contains)],
            Attributes = new SdpAttributes(
            [
                .. media.Attributes.Where(line => line.Name is "mid" or "extmap" or "rtpmap" or "fmtp" or "rtcp-fb" or "rtcp-mux"),
                new("recvonly"), new("setup", setup), new("ice-ufrag", "theirs"), new("ice-pwd", "theirpasswordtheirpasswd"), new("fingerprint", "sha-256 AA:BB"),
            ]),
        });
        return offer with { Attributes = new SdpAttributes([new("group", offer.Bundle!.ToString())]), Media = [.. sections] };
    }

    private static SessionOutcome? Accept(SessionDescription offer, SessionDescription answer, out NegotiatedSession session, params TrackFormat[] live) =>
        Negotiator.AcceptViewerAnswer(offer, RealOffers.Parse(answer.ToSdp()), Local, Live(live), out session);

    [Fact]
    public void An_offer_has_video_and_audio_even_before_the_stream_starts()
    {
        var offer = Offered();
        Assert.Equal(["video", "audio"], offer.Media.Select(media => media.Type));
        Assert.Equal(["0", "1"], offer.Bundle!.Mids);
        Assert.True(offer.Attributes.IsIceLite && offer.Attributes.AllowsMixedExtensions);
        Assert.All(offer.Media, media =>
        {
            Assert.Equal(SdpSetup.ActPass, media.Attributes.Setup);
            Assert.Equal(SdpDirection.SendOnly, media.Attributes.Direction);
        });
        Assert.Equal(
            ["H264", "H264", "H264", "VP8", "VP9", "VP9", "AV1", "H265"],
            offer.Media[0].Attributes.RtpMaps.Where(map => !map.IsRtx).Select(map => map.Encoding));
        Assert.Equal(
            ["42e01f", "4d001f", "64001f"],
            offer.Media[0].Attributes.FormatParameters.Select(line => SdpFormatParameters.ValueOf(line.Parameters, "profile-level-id").ToString()).Where(id => id.Length > 0));
    }

    [Fact]
    public void What_is_sent_comes_from_the_sources_the_offer_names()
    {
        var next = 7000u;
        var local = Local with { AssignSsrcs = (_, _) => new SsrcPair(next++, next++) };
        var offer = RealOffers.Parse(Negotiator.OfferToViewer(local, []).ToSdp());
        Assert.Null(Negotiator.AcceptViewerAnswer(offer, RealOffers.Parse(ViewerAnswer(offer).ToSdp()), local, [], out var session));
        Assert.All(session.Media, media =>
        {
            var named = offer.Media[media.Index].Attributes.Ssrcs.Select(line => line.Ssrc).ToArray();
            Assert.Contains(media.LocalSsrcs.Ssrc, named);
            if (media.Kind == MediaKind.Video) Assert.Contains(media.LocalSsrcs.RtxSsrc, named);
        });
    }

    [Fact]
    public void The_sources_are_those_the_offer_named_although_the_transport_would_choose_others_now()
    {
        var next = 0u;
        var local = Local with { AssignSsrcs = (_, _) => new SsrcPair(++next, ++next) };
        var offer = RealOffers.Parse(Negotiator.OfferToViewer(local, Live()).ToSdp());
        var answer = RealOffers.Parse(ViewerAnswer(offer).ToSdp());
        Assert.Null(Negotiator.AcceptViewerAnswer(offer, answer, local, Live(), out var session));
        Assert.Equal([new SsrcPair(1, 2), new SsrcPair(3, 0)], session.Media.Select(media => media.LocalSsrcs));
    }

    [Fact]
    public void Every_payload_type_is_used_once_and_every_extension_has_one_id()
    {
        var offer = Offered();
        var types = offer.Media.SelectMany(media => media.Formats).ToArray();
        Assert.Equal(types.Length, types.Distinct().Count());
        Assert.All(types, type => Assert.InRange(int.Parse(type, System.Globalization.CultureInfo.InvariantCulture), 96, 127));
        var maps = offer.Media.SelectMany(media => media.Attributes.ExtensionMaps).Distinct().ToArray();
        Assert.Equal(maps.Length, maps.Select(map => map.Id).Distinct().Count());
        Assert.Equal(maps.Length, maps.Select(map => map.Uri).Distinct().Count());
        Assert.All(maps, map => Assert.InRange(map.Id, 1, 14));
    }

    [Theory]
    [InlineData(Codec.Vp9, "profile-id=0", "104")]
    [InlineData(Codec.H264, "packetization-mode=1;profile-level-id=64002a", "100")]
    [InlineData(Codec.H264, "", "96")]
    public void The_live_codec_is_offered_first(Codec codec, string parameters, string payloadType) =>
        Assert.Equal(payloadType, Offered(Video(codec, parameters)).Media[0].Formats[0]);

    [Fact]
    public void Each_live_track_has_a_section()
    {
        var offer = Offered(Video(Codec.Vp8), Video(Codec.Vp9), TestSide.Opus);
        Assert.Equal(["video", "video", "audio"], offer.Media.Select(media => media.Type));
        Assert.Equal(["102", "104"], offer.Media.Take(2).Select(media => media.Formats[0]));
        Assert.Equal(["channel video0", "channel video1", "channel audio0"], offer.Media.Select(media => media.Attributes.Msids[0].ToString()));
        Assert.Equal(Negotiator.MaxSectionsOfAKind + 1, Offered([.. Enumerable.Repeat(Video(Codec.Vp8), 20)]).Media.Count);
    }

    [Theory]
    [InlineData("active", false)]
    [InlineData("passive", true)]
    public void An_answer_settles_the_session(string setup, bool isClient)
    {
        var offer = Offered(H264("42e01f"), TestSide.Opus);
        Assert.Null(Accept(offer, ViewerAnswer(offer, setup, "98", "99", "102", "111"), out var session, H264("4d0028"), TestSide.Opus));
        Assert.Equal(isClient, session.IsDtlsClient);
        Assert.Equal("theirs", session.IceUfrag);
        Assert.Equal([98, 102], session.Media[0].Payloads.Select(payload => (int)payload.PayloadType));
        Assert.Equal([99, null], session.Media[0].Payloads.Select(payload => (int?)payload.RtxPayloadType));
        Assert.Equal(new SsrcPair(1000, 2000), session.Media[0].LocalSsrcs);
        Assert.Equal("video0", session.Media[0].Msid!.TrackId);
        Assert.Equal(1, session.Media[0].ExtensionId(HeaderExtensionKind.Mid));
    }

    [Fact]
    public void A_section_the_viewer_rejects_is_left_out()
    {
        var offer = Offered();
        var answer = ViewerAnswer(offer);
        answer = answer with { Media = [answer.Media[0] with { Port = 0 }, answer.Media[1]], Attributes = new SdpAttributes([new("group", "BUNDLE 1")]) };
        Assert.Null(Accept(offer, answer, out var session));
        Assert.Equal(1, Assert.Single(session.Media).BundleIndex);
    }

    [Fact]
    public void An_answer_cannot_add_extensions()
    {
        var offer = Offered();
        var answer = ViewerAnswer(offer);
        var video = answer.Media[0];
        var lines = video.Attributes.Where(line => line.Name != "extmap").Append(new("extmap", $"1 {AbsSendTimeExtension.Uri}"));
        answer = answer with { Media = [video with { Attributes = new SdpAttributes([.. lines]) }, answer.Media[1]] };
        Assert.Null(Accept(offer, answer, out var session));
        Assert.Empty(session.Media[0].Extensions);
        Assert.All(session.Media[0].Payloads, payload => Assert.False(payload.Allows(PayloadFeedback.TransportCc)));
    }

    [Fact]
    public void A_wrong_answer_is_refused_with_the_cause()
    {
        var offer = Offered();
        var answer = ViewerAnswer(offer);
        Refused(answer with { Media = [answer.Media[0]] }, SessionError.BadSdp, "media sections");
        Refused(answer with { Media = [answer.Media[1], answer.Media[0]] }, SessionError.BadSdp, "not the one");
        Refused(answer with { Attributes = SdpAttributes.None }, SessionError.BadSdp, "BUNDLE");
        Refused(ViewerAnswer(offer, "actpass"), SessionError.BadSdp, "actpass");
        Refused(ViewerAnswer(offer, "active", "0"), SessionError.NoCommonCodec, "codec");
        Refused(answer with { Media = [.. answer.Media.Select(media => media with { Port = 0 })] }, SessionError.NoCommonCodec, "codec");

        void Refused(SessionDescription wrong, SessionError error, string reason)
        {
            var refusal = Accept(offer, wrong, out var session);
            Assert.NotNull(refusal);
            Assert.Equal(error, refusal.Error);
            Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
            Assert.Same(NegotiatedSession.None, session);
        }
    }

    [Fact]
    public void A_viewer_that_took_other_codecs_than_the_live_one_is_told()
    {
        var offer = Offered();
        var refusal = Accept(offer, ViewerAnswer(offer, "active", "102"), out _, Video(Codec.Av1));
        Assert.Equal(SessionError.NoCommonCodec, refusal?.Error);
        Assert.Contains("AV1", refusal!.Reason, StringComparison.Ordinal);
    }
}
