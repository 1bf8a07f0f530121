using System.Text;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Testing.Offers;

namespace Sluice.Protocols.Tests.Sdp;

public sealed class SessionDescriptionTests
{
    private const string Head = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

    [Fact]
    public void A_section_overrules_the_session_and_the_session_fills_its_gaps()
    {
        var description = RealOffers.Parse(
            Head + "a=recvonly\r\na=setup:active\r\na=ice-ufrag:abcd\r\na=fingerprint:sha-256 AA:BB\r\n"
            + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=sendonly\r\na=setup:passive\r\na=ice-ufrag:efgh\r\na=fingerprint:SHA-1 0c:0d\r\n"
            + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
        var (audio, video) = (description.Media[0], description.Media[1]);

        Assert.Equal(SdpDirection.SendOnly, description.DirectionOf(audio));
        Assert.Equal(SdpSetup.Passive, description.SetupOf(audio));
        Assert.Equal("efgh", description.Inherited(audio, "ice-ufrag"));
        Assert.Equal(new SdpFingerprint("sha-1", "0C:0D"), Assert.Single(description.FingerprintsOf(audio)));

        Assert.Equal(SdpDirection.RecvOnly, description.DirectionOf(video));
        Assert.Equal(SdpSetup.Active, description.SetupOf(video));
        Assert.Equal("abcd", description.Inherited(video, "ice-ufrag"));
        Assert.Equal("AA:BB", Assert.Single(description.FingerprintsOf(video)).Value);
    }

    [Fact]
    public void Lines_in_odd_orders_and_unknown_lines_are_taken()
    {
        var description = RealOffers.Parse(
            "v=0\na=ice-lite\nt=0 0\ny=whatever\ns=name\no=me 1 2 IN IP6 ::1\nb=AS:100\n"
            + "m=video 9/2 RTP/AVP 96 97\na=mid:v\nc=IN IP4 192.0.2.1\nb=TIAS:5\ni=title\nX=7\n");
        Assert.Equal(
            "v=0\r\no=me 1 2 IN IP6 ::1\r\ns=name\r\nb=AS:100\r\nt=0 0\r\na=ice-lite\r\n"
            + "m=video 9/2 RTP/AVP 96 97\r\ni=title\r\nc=IN IP4 192.0.2.1\r\nb=TIAS:5\r\na=mid:v\r\n",
            description.ToSdp());
    }

    [Fact]
    public void A_description_may_lack_all_but_its_version()
    {
        var description = RealOffers.Parse("v=0");
        Assert.Equal("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", description.ToSdp());
        Assert.Empty(description.Media);
    }

    [Fact]
    public void Port_zero_rejects_a_section_unless_it_is_bundle_only()
    {
        var description = RealOffers.Parse(
            Head + "m=video 0 UDP/TLS/RTP/SAVPF 96\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=bundle-only\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
        Assert.Equal([true, false, false], description.Media.Select(media => media.IsRejected));
    }

    [Theory]
    [InlineData("", 0, "empty")]
    [InlineData("\r\n\n", 0, "empty")]
    [InlineData("{\"sdp\":1}", 1, "letter=value")]
    [InlineData("v=1\r\n", 1, "begins with 'v=0'")]
    [InlineData("o=- 1 2 IN IP4 1.1.1.1\r\nv=0\r\n", 1, "begins with 'v=0'")]
    [InlineData("v=0\r\nv=0\r\n", 2, "second")]
    [InlineData("v=0\r\no=- 1 2\r\n", 2, "origin")]
    [InlineData("v=0\r\n\r\nnonsense\r\n", 3, "letter=value")]
    [InlineData("v=0\r\n=x\r\n", 2, "letter=value")]
    [InlineData("v=0\r\na=\r\n", 2, "without a name")]
    [InlineData("v=0\r\na=:x\r\n", 2, "without a name")]
    [InlineData("v=0\r\na=x\0y\r\n", 2, "NUL")]
    [InlineData("v=0\r\nm=audio\r\n", 2, "needs a type, a port and a protocol")]
    [InlineData("v=0\r\nm=audio 65536 RTP/AVP 0\r\n", 2, "no port")]
    [InlineData("v=0\r\nm=audio -1 RTP/AVP 0\r\n", 2, "no port")]
    [InlineData("v=0\r\nm=audio 9/0 RTP/AVP 0\r\n", 2, "port count")]
    [InlineData("v=0\r\na=mid:\r\n", 2, "a=mid")]
    [InlineData("v=0\r\na=mid\r\n", 2, "a=mid")]
    [InlineData("v=0\r\na=mid:a b\r\n", 2, "a=mid")]
    [InlineData("v=0\r\na=ice-ufrag:abc\r\n", 2, "a=ice-ufrag")]
    [InlineData("v=0\r\na=ice-ufrag:ab:c\r\n", 2, "a=ice-ufrag")]
    [InlineData("v=0\r\na=ice-pwd:tooshort\r\n", 2, "a=ice-pwd")]
    [InlineData("v=0\r\na=fingerprint:sha-256\r\n", 2, "a=fingerprint")]
    [InlineData("v=0\r\na=fingerprint:sha-256 AA:B\r\n", 2, "a=fingerprint")]
    [InlineData("v=0\r\na=fingerprint:sha-256 AA-BB\r\n", 2, "a=fingerprint")]
    [InlineData("v=0\r\na=fingerprint:sha-256 AG:BB\r\n", 2, "a=fingerprint")]
    [InlineData("v=0\r\na=setup:maybe\r\n", 2, "a=setup")]
    [InlineData("v=0\r\na=rtpmap:128 VP8/90000\r\n", 2, "a=rtpmap")]
    [InlineData("v=0\r\na=rtpmap:96 VP8\r\n", 2, "a=rtpmap")]
    [InlineData("v=0\r\na=rtpmap:96 VP8/0\r\n", 2, "a=rtpmap")]
    [InlineData("v=0\r\na=rtpmap:96 opus/48000/0\r\n", 2, "a=rtpmap")]
    [InlineData("v=0\r\na=rtpmap:96 opus/48000/two\r\n", 2, "a=rtpmap")]
    [InlineData("v=0\r\na=extmap:0 urn:x\r\n", 2, "a=extmap")]
    [InlineData("v=0\r\na=extmap:256 urn:x\r\n", 2, "a=extmap")]
    [InlineData("v=0\r\na=extmap:1/up urn:x\r\n", 2, "a=extmap")]
    [InlineData("v=0\r\na=extmap:1\r\n", 2, "a=extmap")]
    [InlineData("v=0\r\na=rid:a/b send\r\n", 2, "a=rid")]
    [InlineData("v=0\r\na=rid:a sideways\r\n", 2, "a=rid")]
    [InlineData("v=0\r\na=simulcast:send\r\n", 2, "a=simulcast")]
    [InlineData("v=0\r\na=simulcast:send a;;b\r\n", 2, "a=simulcast")]
    [InlineData("v=0\r\na=simulcast:send a send b\r\n", 2, "a=simulcast")]
    public void A_malformed_line_is_named_with_what_is_wrong(string text, int line, string reason)
    {
        var error = SessionDescription.TryParse(text, out var description);
        Assert.NotNull(error);
        Assert.Equal(line, error.Line);
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
        Assert.Same(SessionDescription.Empty, description);
    }

    [Fact]
    public void An_error_quotes_a_short_and_printable_piece_only()
    {
        var error = SessionDescription.TryParse("v=0\r\n\u0007" + new string('x', 3000), out _);
        Assert.NotNull(error);
        Assert.True(error.Reason.Length < 100);
        Assert.All(error.Reason, c => Assert.InRange(c, ' ', '~'));
    }

    public static TheoryData<string, string, string> Bombs => new()
    {
        { "length", Head + Repeat("a=x:" + new string('y', 1000) + "\n", 70), "at most 65536" },
        { "blank lines", new string('\n', SdpLimits.MaxLength + 1), "at most 65536" },
        { "lines", Head + Repeat("i=\n", SdpLimits.MaxLines), "more than 2048 lines" },
        { "line length", Head + "a=x:" + new string('y', SdpLimits.MaxLineLength), "longer than 4096" },
        { "media", Head + Repeat("m=a 0 b c\n", SdpLimits.MaxMediaSections + 1), "more than 64 media" },
        { "attributes", Head + "m=a 0 b c\n" + Repeat("a=x\n", SdpLimits.MaxAttributes + 1), "more than 1024 attributes" },
        { "session attributes", Head + Repeat("a=x\n", SdpLimits.MaxAttributes + 1), "more than 1024 attributes" },
        { "formats", Head + "m=a 0 b" + Repeat(" 1", SdpLimits.MaxFormats + 1), "more than 256 formats" },
        { "layers", Head + "a=simulcast:send " + string.Join(';', Enumerable.Range(0, 17)), "a=simulcast" },
        { "alternatives", Head + "a=simulcast:send " + string.Join(',', Enumerable.Range(0, 17)), "a=simulcast" },
        { "digest", Head + "a=fingerprint:sha-256 " + string.Join(':', Enumerable.Repeat("AA", 65)), "a=fingerprint" },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_description_beyond_a_bound_is_refused_with_the_bound(string what, string text, string reason)
    {
        var error = SessionDescription.TryParse(text, out _);
        Assert.True(error is not null, what);
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SdpLimits.MaxMediaSections, "m=a 0 b c\n")]
    [InlineData(SdpLimits.MaxAttributes, "a=x\n")]
    [InlineData(SdpLimits.MaxLines - 4, "i=\n")]
    public void A_description_at_a_bound_is_taken(int count, string line) =>
        Assert.Null(SessionDescription.TryParse(Head + Repeat(line, count), out _));

    [Fact]
    public void Random_descriptions_survive_writing_and_reading()
    {
        var random = new Random(20);
        for (var round = 0; round < 500; round++)
        {
            var description = Any(random);
            var text = description.ToSdp();
            var again = RealOffers.Parse(text);
            Assert.Equal(text, again.ToSdp());
            Assert.Equal(description.Origin, again.Origin);
            Assert.Equal(description.Attributes, again.Attributes.AsEnumerable());
            Assert.Equal(description.Media.Count, again.Media.Count);
            foreach (var (one, other) in description.Media.Zip(again.Media))
            {
                Assert.Equal((one.Type, one.Port, one.PortCount, one.Protocol, one.Connection), (other.Type, other.Port, other.PortCount, other.Protocol, other.Connection));
                Assert.Equal(one.Formats, other.Formats);
                Assert.Equal(one.Attributes, other.Attributes.AsEnumerable());
            }
        }
    }

    private static SessionDescription Any(Random random)
    {
        var media = new MediaDescription[random.Next(5)];
        for (var i = 0; i < media.Length; i++)
        {
            media[i] = new MediaDescription
            {
                Type = Word(random),
                Port = random.Next(65_536),
                PortCount = random.Next(1, 3),
                Protocol = Word(random),
                Formats = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Word(random))],
                Connection = random.Next(2) == 0 ? null : Word(random),
                Attributes = AnyAttributes(random),
            };
        }

        return new SessionDescription
        {
            Origin = new SdpOrigin(Word(random), Word(random), Word(random), Word(random) + " " + Word(random)),
            Name = Word(random),
            Attributes = AnyAttributes(random),
            Media = media,
        };
    }

    private static SdpAttributes AnyAttributes(Random random) => new(
        [.. Enumerable.Range(0, random.Next(6)).Select(_ => new SdpAttributeLine("x-" + Word(random), random.Next(2) == 0 ? null : Any(random, 40)))]);

    private static string Word(Random random)
    {
        const string Letters = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-_.+*%";
        return new string([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => Letters[random.Next(Letters.Length)])]);
    }

    private static string Any(Random random, int most) =>
        new([.. Enumerable.Range(0, random.Next(most)).Select(_ => (char)random.Next(' ', 0x2000))]);

    private static string Repeat(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();
}
