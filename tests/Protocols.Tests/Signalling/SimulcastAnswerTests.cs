using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Testing.Offers;
using static Sluice.Protocols.Tests.Signalling.TestSide;

namespace Sluice.Protocols.Tests.Signalling;

public sealed class SimulcastAnswerTests
{
    private static (string[] Rids, string[] Lines) Answer(string lines, bool hasRid = true)
    {
        var (session, answer) = AnswerPublisher(Offer(
            "",
            "m=video 9 UDP/TLS/RTP/SAVPF 96 97\na=sendonly\na=rtpmap:96 VP8/90000\na=rtpmap:97 theora/90000\n"
            + (hasRid ? $"a=extmap:1 {RidExtension.Uri}\n" : "") + lines));
        var written = answer.Media[0].Attributes.Where(line => line.Name is "rid" or "simulcast").Select(line => line.ToString());
        return ([.. session.Media[0].Rids], [.. written]);
    }

    [Fact]
    public void Chromiums_three_layers_are_received_in_its_order()
    {
        var (session, answer) = AnswerPublisher(RealOffers.Read("chromium-156/sendonly-simulcast3-vp8"));
        Assert.Equal(["h", "m", "l"], session.Media[1].Rids);
        Assert.Equal(10, session.Media[1].ExtensionId(HeaderExtensionKind.Rid));
        Assert.Equal(11, session.Media[1].ExtensionId(HeaderExtensionKind.RepairedRid));
        Assert.Equal(["h recv", "m recv", "l recv"], answer.Media[1].Attributes.Rids.Select(rid => rid.ToString()));
        Assert.Equal("recv h;m;l", answer.Media[1].Attributes.Simulcast?.ToString());
        Assert.Empty(session.Media[1].RemoteSsrcs);
        Assert.Empty(session.Media[0].Rids);
    }

    [Fact]
    public void Of_alternatives_the_first_usable_is_taken_and_pauses_are_lifted()
    {
        var (rids, lines) = Answer("a=rid:1 send pt=97\na=rid:2 send pt=97,96;max-width=640\na=rid:3 send\na=simulcast:send 1,2;~3\n");
        Assert.Equal(["2", "3"], rids);
        Assert.Equal(["rid:2 recv pt=96;max-width=640", "rid:3 recv", "simulcast:recv 2;3"], lines);
    }

    [Theory]
    [InlineData("a=rid:1 send\na=simulcast:send 1;2\n", "1")]
    [InlineData("a=rid:1 recv\na=rid:2 recv\na=simulcast:recv 1;2\n", "")]
    [InlineData("a=rid:1 send\na=rid:2 send\na=simulcast:send 1;1;2;2\n", "1 2")]
    [InlineData("a=rid:1 send\na=rid:2 send\n", "")]
    [InlineData("a=rid:1 send\n", "1")]
    [InlineData("a=simulcast:send 1;2\n", "")]
    public void Layers_need_a_rid_line_each_and_count_once(string lines, string layers)
    {
        var (rids, written) = Answer(lines);
        Assert.Equal(layers, string.Join(' ', rids));
        Assert.Equal(rids.Length > 1, written.Any(line => line.StartsWith("simulcast", StringComparison.Ordinal)));
    }

    [Fact]
    public void Without_the_header_extension_that_tells_layers_apart_none_is_received()
    {
        var (rids, lines) = Answer("a=rid:1 send\na=rid:2 send\na=simulcast:send 1;2\n", hasRid: false);
        Assert.Empty(rids);
        Assert.Empty(lines);
    }

    [Fact]
    public void Layers_are_bounded_and_the_first_ones_stay()
    {
        var names = Enumerable.Range(0, 12).ToArray();
        var (rids, _) = Answer(string.Concat(names.Select(i => $"a=rid:{i} send\n")) + $"a=simulcast:send {string.Join(';', names)}\n");
        Assert.Equal(names.Take(Negotiator.MaxRids).Select(i => $"{i}"), rids);
    }

    [Fact]
    public void Layers_announced_by_source_come_in_the_order_of_their_group()
    {
        var (session, _) = AnswerPublisher(Offer(
            "",
            "m=video 9 UDP/TLS/RTP/SAVPF 96\na=sendonly\na=rtpmap:96 VP8/90000\n"
            + "a=ssrc-group:FID 3 30\na=ssrc-group:FID 1 10\na=ssrc-group:SIM 1 2 3\n"
            + string.Concat(new[] { 3, 30, 2, 1, 10 }.Select(ssrc => $"a=ssrc:{ssrc} cname:c\n"))));
        Assert.Equal([new SsrcPair(1, 10), new SsrcPair(2, 0), new SsrcPair(3, 30)], session.Media[0].RemoteSsrcs);
    }
}
