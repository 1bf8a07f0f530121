using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Testing.Offers;
using static Sluice.Protocols.Tests.Signalling.TestSide;

namespace Sluice.Protocols.Tests.Signalling;

public sealed class AnswerViewerTests
{
    private const string Vp8 = "a=recvonly\na=rtpmap:96 VP8/90000\n";

    public static TheoryData<string> Offers => [.. RealOffers.OfViewers];

    [Theory]
    [MemberData(nameof(Offers))]
    public void Every_real_offer_is_answered_before_and_after_the_stream_starts(string name)
    {
        var offer = RealOffers.Read(name);
        foreach (var live in new TrackFormat[][] { [], [Video(Codec.Vp8), TestSide.Opus] })
        {
            var (session, answer) = AnswerViewer(offer, live);
            Assert.Equal(offer.Media.Select(media => (media.Type, media.Attributes.Mid)), answer.Media.Select(media => (media.Type, media.Attributes.Mid)));
            foreach (var media in session.Media)
            {
                var section = answer.Media[media.Index];
                Assert.Equal(SdpDirection.SendOnly, section.Attributes.Direction);
                Assert.Equal(SdpSetup.Passive, section.Attributes.Setup);
                Assert.Subset(offer.Media[media.Index].Formats.ToHashSet(), section.Formats.ToHashSet());
                Assert.Subset(offer.Media[media.Index].Attributes.ExtensionMaps.Select(map => map.Uri).ToHashSet(), media.Extensions.Select(extension => HeaderExtensions.UriOf(extension.Kind)).ToHashSet());
            }

            Assert.Equal(answer.Media.Where(media => media.Port != 0).Select(media => media.Attributes.Mid), answer.Bundle!.Mids);
        }
    }

    [Fact]
    public void Our_sources_and_track_names_stand_in_the_answer()
    {
        var (session, answer) = AnswerViewer(RealOffers.Read("chromium-156/recvonly-default"), Video(Codec.Vp8));
        var video = answer.Media[0].Attributes;
        Assert.Equal(new SsrcPair(1000, 2000), session.Media[0].LocalSsrcs);
        Assert.Equal("FID 1000 2000", Assert.Single(video.SsrcGroups).ToString());
        Assert.Equal(["1000 cname:channel", "1000 msid:channel video0", "2000 cname:channel", "2000 msid:channel video0"], video.Ssrcs.Select(line => line.ToString()));
        Assert.Equal("channel video0", Assert.Single(video.Msids).ToString());

        var audio = answer.Media[1].Attributes;
        Assert.Equal(new SsrcPair(3000, 0), session.Media[1].LocalSsrcs);
        Assert.Empty(audio.SsrcGroups);
        Assert.Equal("channel audio0", Assert.Single(audio.Msids).ToString());
    }

    [Fact]
    public void The_data_channel_section_is_rejected_and_mdns_candidates_are_passed_over()
    {
        var (session, answer) = AnswerViewer(RealOffers.Read("chromium-156/recvonly-mdns-host-candidates"));
        Assert.Equal([7000, 0], answer.Media.Select(media => media.Port));
        Assert.Equal(["0"], answer.Bundle!.Mids);
        Assert.Empty(session.Candidates);
    }

    [Theory]
    [InlineData(Codec.Vp8, "", 96)]
    [InlineData(Codec.Vp9, "profile-id=2", 100)]
    [InlineData(Codec.H264, "packetization-mode=1;profile-level-id=42e034", 108)]
    [InlineData(Codec.H264, "packetization-mode=1;profile-level-id=4d0028", 116)]
    [InlineData(Codec.H264, "packetization-mode=1;profile-level-id=640028", 41)]
    [InlineData(Codec.Av1, "", 45)]
    public void The_live_codec_comes_first_and_all_others_stay(Codec codec, string parameters, int payloadType)
    {
        var (session, answer) = AnswerViewer(RealOffers.Read("chromium-156/recvonly-default"), Video(codec, parameters));
        Assert.Equal(payloadType, session.Media[0].Payloads[0].PayloadType);
        Assert.Equal($"{payloadType}", answer.Media[0].Formats[0]);
        Assert.Equal(15, session.Media[0].Payloads.Count);
        Assert.Equal(30, answer.Media[0].Formats.Count);
        var others = session.Media[0].Payloads.Skip(1).Select(payload => $"{payload.PayloadType}").ToArray();
        Assert.Equal(RealOffers.Read("chromium-156/recvonly-default").Media[0].Formats.Where(others.Contains), others);
    }

    [Fact]
    public void A_viewer_survives_a_publisher_that_returns_with_another_codec()
    {
        var (session, _) = AnswerViewer(RealOffers.Read("chromium-156/recvonly-default"), H264("42e01f"), TestSide.Opus);
        foreach (var codec in new[] { Codec.Vp8, Codec.Vp9, Codec.Av1, Codec.H264 })
        {
            Assert.True(PayloadMatch.TryMatch(Video(codec), session.Media[0].Payloads, out var payload));
            Assert.Equal(codec, payload.Format.Codec);
        }

        Assert.False(PayloadMatch.TryMatch(Video(Codec.H265), session.Media[0].Payloads, out _));
    }

    [Fact]
    public void The_nth_section_of_a_kind_carries_the_nth_track_of_it()
    {
        var sections = Enumerable.Range(0, 3).Select(mid => $"m=video 9 UDP/TLS/RTP/SAVPF 96 97\na=mid:{mid}\na=rtpmap:97 VP9/90000\n" + Vp8).ToArray();
        var (session, _) = AnswerViewer(Offer("a=group:BUNDLE 0 1 2\n", sections), Video(Codec.Vp9), TestSide.Opus, Video(Codec.Vp8));
        Assert.Equal([97, 96, 96], session.Media.Select(media => (int)media.Payloads[0].PayloadType));
        Assert.Equal([0, 1, 2], session.Media.Select(media => media.Ordinal));
        Assert.Equal([1000u, 1001u, 1002u], session.Media.Select(media => media.LocalSsrcs.Ssrc));
    }

    [Fact]
    public void A_picture_that_cannot_be_decoded_is_named_and_not_left_black_beside_sound_that_plays()
    {
        var refusal = RefuseViewer(RealOffers.Read("firefox-153/recvonly-default"), H264("42e01f"), TestSide.Opus);
        Assert.Equal(SessionError.NoCommonCodec, refusal.Error);
        Assert.StartsWith("The stream's video is H264 (profile-level-id 42e01f); this viewer decodes VP8, ", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_pictures_one_that_plays_is_enough()
    {
        var (session, _) = AnswerViewer(
            Offer("a=group:BUNDLE 0 1\n", "m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:0\n" + Vp8, "m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:1\n" + Vp8),
            Video(Codec.H265, ""), Video(Codec.Vp8, ""));
        Assert.Equal(2, session.Media.Count);
    }

    [Fact]
    public void What_a_picture_is_converted_to_is_as_good_as_the_picture()
    {
        var offer = RealOffers.Read("chromium-156/recvonly-default");
        var track = new StreamTrackDescription(Video(Codec.H265, "")) { Alternatives = [H264("42e01f")] };
        Assert.Null(Negotiator.AnswerViewer(offer, Local, [track], out var session, out _));
        Assert.Equal(Codec.H264, session.Media[0].Payloads[0].Format.Codec);
    }

    [Theory]
    [InlineData(null, "The video has B-frames.")]
    [InlineData("No room for it.", "The video has B-frames. No room for it.")]
    public void What_is_sent_to_nobody_is_refused_in_its_own_words(string? note, string reason)
    {
        var track = new StreamTrackDescription(H264("42e01f")) { Obstacle = "The video has B-frames.", Note = note };
        var refusal = Negotiator.AnswerViewer(RealOffers.Read("chromium-156/recvonly-default"), Local, [track], out _, out _);
        Assert.Equal((SessionError.NoCommonCodec, reason), (refusal?.Error, refusal?.Reason));
    }

    [Theory]
    [InlineData(Codec.H264, "packetization-mode=1;profile-level-id=640028", "H264 (profile-level-id 640028)")]
    [InlineData(Codec.H265, "", "H265;")]
    [InlineData(Codec.Vp9, "profile-id=1", "VP9 (profile-id 1)")]
    public void A_viewer_that_decodes_nothing_of_the_stream_is_told_the_codec(Codec codec, string parameters, string name)
    {
        var refusal = RefuseViewer(RealOffers.Read("firefox-153/recvonly-default"), Video(codec, parameters));
        Assert.Equal(SessionError.NoCommonCodec, refusal.Error);
        Assert.Contains("The stream's video is " + name, refusal.Reason, StringComparison.Ordinal);
        Assert.Contains("VP8, VP9, AV1", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_viewer_without_retransmission_gets_no_retransmission_source()
    {
        var (session, answer) = AnswerViewer(Offer("", "m=video 9 UDP/TLS/RTP/SAVPF 96\n" + Vp8));
        Assert.Equal(new SsrcPair(1000, 0), session.Media[0].LocalSsrcs);
        Assert.Empty(answer.Media[0].Attributes.SsrcGroups);
        Assert.Equal("", session.Media[0].Mid);
    }

    [Fact]
    public void A_viewer_names_no_layers()
    {
        var (session, _) = AnswerViewer(RealOffers.Read("chromium-156/recvonly-default"));
        Assert.Equal(0, session.Media[0].ExtensionId(HeaderExtensionKind.Rid));
        Assert.Equal(9, session.Media[0].ExtensionId(HeaderExtensionKind.Mid));
        Assert.Equal(0, session.Media[0].ExtensionId(HeaderExtensionKind.PlayoutDelay));
        Assert.Equal(3, session.Media[0].ExtensionId(HeaderExtensionKind.VideoOrientation));
        var (firefox, _) = AnswerViewer(RealOffers.Read("firefox-153/recvonly-default"));
        Assert.Equal(0, firefox.Media[0].ExtensionId(HeaderExtensionKind.PlayoutDelay));
    }

    [Theory]
    [InlineData("a=sendonly\na=rtpmap:96 VP8/90000\n", SessionError.BadSdp)]
    [InlineData("a=recvonly\na=rtpmap:96 theora/90000\n", SessionError.NoCommonCodec)]
    public void An_offer_that_nothing_can_be_sent_to_is_refused(string lines, SessionError error) =>
        Assert.Equal(error, RefuseViewer(Offer("", "m=video 9 UDP/TLS/RTP/SAVPF 96\n" + lines)).Error);

    [Fact]
    public void A_two_way_section_is_answered_one_way()
    {
        var (_, answer) = AnswerViewer(Offer("", "m=video 9 UDP/TLS/RTP/SAVPF 96\na=rtpmap:96 VP8/90000\n"));
        Assert.Equal(SdpDirection.SendOnly, answer.Media[0].Attributes.Direction);
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public void An_offer_cut_anywhere_is_answered_or_refused_and_never_throws(string name)
    {
        var text = RealOffers.Text(name);
        for (var length = 0; length < text.Length; length += 7)
        {
            if (SessionDescription.TryParse(text.AsSpan(0, length), out var offer) is not null) continue;
            var refusal = Negotiator.AnswerViewer(offer, Local, Live(H264("42e01f"), TestSide.Opus), out _, out var answer);
            Assert.Equal(refusal is null, answer.Length > 0);
        }
    }
}
