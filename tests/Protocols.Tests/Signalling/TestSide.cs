using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;
using Sluice.Testing.Offers;

namespace Sluice.Protocols.Tests.Signalling;

/// <summary>Our side of the transport, tracks, and offers changed by hand.</summary>
internal static class TestSide
{
    public static readonly TrackFormat Opus = new(Codec.Opus, 48_000, 2, "minptime=10;useinbandfec=1");

    public static readonly LocalTransport Local = new(
        "ourufrag",
        "ourpasswordourpassword12",
        SdpFingerprint.Sha256([.. Enumerable.Range(0, 32).Select(i => (byte)i)]),
        [
            IceCandidateLine.Host(NetworkAddress.FromIPv4(0xc0000201, 7000), TransportProtocol.Tcp),
            IceCandidateLine.Host(NetworkAddress.FromIPv4(0xc0000201, 7000), TransportProtocol.Udp),
        ])
    {
        SessionId = 42,
        StreamId = "channel",
        AssignSsrcs = static (kind, ordinal) =>
            kind == MediaKind.Video ? new SsrcPair(1000 + (uint)ordinal, 2000 + (uint)ordinal) : new SsrcPair(3000 + (uint)ordinal, 4000),
    };

    public static TrackFormat H264(string profileLevelId, int mode = 1) =>
        new(Codec.H264, 90_000, 0, $"level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={profileLevelId}");

    public static TrackFormat Video(Codec codec, string parameters = "") => new(codec, 90_000, 0, parameters);

    public static StreamTrackDescription[] Live(params TrackFormat[] formats) => [.. formats.Select(format => new StreamTrackDescription(format))];

    /// <summary>A publisher's offer with these sections; every line of a section but <c>m=</c> goes after what all have in common.</summary>
    public static SessionDescription Offer(string session, params string[] sections)
    {
        var text = "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\n" + session;
        foreach (var section in sections)
        {
            var end = section.IndexOf('\n', StringComparison.Ordinal) + 1;
            text += section[..end] + Transport + section[end..];
        }

        return RealOffers.Parse(text);
    }

    public const string Transport =
        "a=ice-ufrag:theirs\na=ice-pwd:theirpasswordtheirpasswd\na=fingerprint:sha-256 AA:BB\na=setup:actpass\na=rtcp-mux\n";

    public static SessionDescription Change(string name, string from, string to)
    {
        var text = RealOffers.Text(name).Replace("\r\n", "\n", StringComparison.Ordinal);
        Assert.Contains(from, text, StringComparison.Ordinal);
        return RealOffers.Parse(text.Replace(from, to, StringComparison.Ordinal));
    }

    public static (NegotiatedSession Session, SessionDescription Answer) AnswerPublisher(SessionDescription offer, LocalTransport? local = null)
    {
        var refusal = Negotiator.AnswerPublisher(offer, local ?? Local, out var session, out var text);
        Assert.True(refusal is null, refusal?.Reason);
        return (session, RealOffers.Parse(text));
    }

    public static SessionOutcome RefusePublisher(SessionDescription offer)
    {
        var refusal = Negotiator.AnswerPublisher(offer, Local, out var session, out var answer);
        Assert.NotNull(refusal);
        Assert.Same(NegotiatedSession.None, session);
        Assert.Equal("", answer);
        return refusal;
    }

    public static (NegotiatedSession Session, SessionDescription Answer) AnswerViewer(SessionDescription offer, params TrackFormat[] live)
    {
        var refusal = Negotiator.AnswerViewer(offer, Local, Live(live), out var session, out var text);
        Assert.True(refusal is null, refusal?.Reason);
        return (session, RealOffers.Parse(text));
    }

    public static SessionOutcome RefuseViewer(SessionDescription offer, params TrackFormat[] live)
    {
        var refusal = Negotiator.AnswerViewer(offer, Local, Live(live), out var session, out var answer);
        Assert.NotNull(refusal);
        Assert.Same(NegotiatedSession.None, session);
        Assert.Equal("", answer);
        return refusal;
    }
}
