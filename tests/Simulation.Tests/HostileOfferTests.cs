using System.Text;
using Sluice.Control.Live;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Testing;

namespace Sluice.Simulation.Tests;

/// <summary>Offers nobody means well. Each gets a refusal with a sentence, or a session that costs no more than another.</summary>
public sealed class HostileOfferTests : IDisposable
{
    private readonly SimulatedNode _node = new(seed: 61);

    public void Dispose()
    {
        // Whatever was taken is given up when nobody comes.
        _node.Run(35);
        Assert.Equal(0, _node.Node.Directory.Count);
        Assert.Equal(0, _node.Node.Whip.SessionCount + _node.Node.Whep.SessionCount);
        _node.Dispose();
    }

    public static TheoryData<string> Texts => ["", "v=0", "\r\n\r\n", "v=0\r\no=- 1 1 IN IP4 0\r\ns=-\r\nt=0 0\r\n", new string('v', 70_000), "v=0\r\n" + new string('\n', 300_000)];

    [Theory]
    [MemberData(nameof(Texts))]
    public void What_is_no_offer_is_refused(string text)
    {
        foreach (var outcome in (ReadOnlySpan<SessionOutcome>)[_node.Node.Whip.Publish("den", text, PublisherIdentity.Unknown), _node.Node.Whep.Watch("den", text)])
        {
            Assert.Equal(SessionError.BadSdp, outcome.Error);
            Assert.NotEmpty(outcome.Reason);
        }
    }

    [Theory]
    [InlineData("a=rtpmap:{0} H264/90000\r\n", 5000)]
    [InlineData("a=fmtp:96 profile-level-id=42e01f;x{0}=1\r\n", 5000)]
    [InlineData("a=ssrc:{0} cname:x\r\n", 5000)]
    [InlineData("a=ssrc-group:FID {0} {0}1\r\n", 5000)]
    [InlineData("a=extmap:{0} urn:ietf:params:rtp-hdrext:sdes:mid\r\n", 5000)]
    [InlineData("a=rid:r{0} send\r\n", 5000)]
    [InlineData("a=candidate:1 1 udp {0} 192.0.2.1 5000 typ host\r\n", 5000)]
    [InlineData("a=rtcp-fb:* x{0}\r\n", 5000)]
    [InlineData("m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:m{0}\r\na=sendonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n", 2000)]
    public void An_offer_with_thousands_of_lines_is_refused_or_cut_down(string line, int count)
    {
        var publisher = new Testing.Peers.TestPublisher(_node.Random.Fork(), _node.NewAddress(), _node.Clock, new());
        var text = new StringBuilder(publisher.Offer());
        for (var i = 0; i < count; i++) text.AppendFormat(System.Globalization.CultureInfo.InvariantCulture, line, i + 1);
        var outcome = _node.Node.Whip.Publish("den", text.ToString(), new PublisherIdentity(default, new string('v', 10_000)));
        if (!outcome.Succeeded)
        {
            Assert.Equal(SessionError.BadSdp, outcome.Error);
            return;
        }

        Assert.InRange(outcome.Body.Length, 100, 100_000);
        Assert.Equal(1, _node.Node.Directory.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Offers_bent_at_random_never_throw(ulong seed)
    {
        var random = new SeededRandom(seed);
        string[] offers =
        [
            new Testing.Peers.TestPublisher(_node.Random.Fork(), _node.NewAddress(), _node.Clock, new() { Layers = ["h", "l"] }).Offer(),
            _node.NewViewer(_node.NewAddress()).Offer(),
        ];
        var taken = 0;
        for (var i = 0; i < 2000; i++)
        {
            var bent = new StringBuilder(offers[i % 2]);
            for (var change = 1 + random.Next(6); change > 0; change--)
            {
                var at = random.Next(bent.Length);
                switch (random.Next(4))
                {
                    case 0: bent[at] = (char)random.Next(256); break;
                    case 1: bent.Remove(at, Math.Min(random.Next(30), bent.Length - at)); break;
                    case 2: bent.Insert(at, bent.ToString(at, Math.Min(random.Next(60), bent.Length - at))); break;
                    default: bent.Insert(at, random.Next(2) == 0 ? "\r\n" : "-1"); break;
                }
            }

            var outcome = i % 2 == 0 ? _node.Node.Whip.Publish("den", bent.ToString(), PublisherIdentity.Unknown) : _node.Node.Whep.Watch("den", bent.ToString());
            if (outcome.Succeeded) taken++;
            else Assert.NotEmpty(outcome.Reason);
        }

        Assert.InRange(taken, 100, 1900);
        Assert.Equal(taken, _node.Node.Directory.Count);
    }
}
