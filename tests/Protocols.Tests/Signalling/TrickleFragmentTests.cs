using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Testing.Fuzzing;
using Sluice.Testing.Offers;
using static Sluice.Protocols.Tests.Signalling.TestSide;

namespace Sluice.Protocols.Tests.Signalling;

public sealed class TrickleFragmentTests
{
    private const string Credentials = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n";

    private const string Trickle =
        Credentials + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
        + "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\n"
        + "a=candidate:3471623853 1 udp 2122194687 a34f0997.local 61765 typ host generation 0 ufrag EsAw network-id 2\r\n"
        + "a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0 ufrag EsAw network-id 1\r\n"
        + "a=candidate:473322822 2 udp 1518280446 192.0.2.1 61766 typ host\r\n"
        + "a=end-of-candidates\r\n";

    private static TrickleFragment Read(string text)
    {
        Assert.Null(TrickleFragment.TryParse(text, out var fragment));
        return fragment;
    }

    [Fact]
    public void Candidates_that_can_be_used_are_read_with_their_session()
    {
        var fragment = Read(Trickle);
        Assert.Equal(("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1", "0"), (fragment.IceUfrag, fragment.IcePwd, fragment.Mid));
        Assert.Equal([61_764, 9], fragment.Candidates.Select(candidate => (int)candidate.Port));
        Assert.True(fragment.HasEndOfCandidates);
    }

    [Fact]
    public void Candidates_of_another_ice_session_and_repeated_ones_are_left_out()
    {
        var fragment = Read(Credentials
            + "a=candidate:1 1 udp 1 192.0.2.1 1 typ host ufrag old1\n"
            + "a=candidate:2 1 udp 2 192.0.2.1 2 typ host\na=candidate:2 1 udp 2 192.0.2.1 2 typ host\nx\u003dy\n");
        Assert.Equal(2, Assert.Single(fragment.Candidates).Port);
    }

    [Theory]
    [InlineData("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1", false)]
    [InlineData("abcd", "P2uYro0UCOQ4zxjKXaWCBui1", true)]
    [InlineData("EsAw", "another0UCOQ4zxjKXaWCBui", true)]
    public void New_credentials_are_a_restart(string ufrag, string pwd, bool isRestart)
    {
        Assert.Equal(isRestart, Read(Trickle).IsRestartOf(ufrag, pwd));
        Assert.False(Read("a=end-of-candidates").IsRestartOf(ufrag, pwd));
    }

    [Fact]
    public void Credentials_may_stand_in_the_sections()
    {
        var fragment = Read("m=audio 9 RTP/AVP 0\na=mid:a\n" + Credentials + "m=video 9 RTP/AVP 0\na=mid:b\n" + Credentials);
        Assert.Equal(("EsAw", "a"), (fragment.IceUfrag, fragment.Mid));
    }

    [Fact]
    public void An_empty_candidate_written_as_an_empty_attribute_is_passed_over()
    {
        var fragment = Read(Credentials + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=\r\na=end-of-candidates\r\n");
        Assert.Empty(fragment.Candidates);
        Assert.True(fragment.HasEndOfCandidates);
    }

    [Theory]
    [InlineData("", 0, "empty")]
    [InlineData("a=:x\n", 1, "without a name")]
    [InlineData("\n\n", 0, "empty")]
    [InlineData("nonsense", 1, "letter=value")]
    [InlineData("a=ice-ufrag:EsAw\n", 0, "together")]
    [InlineData("a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\n", 0, "together")]
    [InlineData("a=ice-ufrag:E\n", 1, "a=ice-ufrag")]
    [InlineData(Credentials + "m=audio 9 RTP/AVP 0\na=ice-ufrag:other\n", 0, "several")]
    [InlineData(Credentials + "m=audio\n", 3, "needs a type")]
    public void A_malformed_fragment_is_refused_with_the_cause(string text, int line, string reason)
    {
        var error = TrickleFragment.TryParse(text, out var fragment);
        Assert.NotNull(error);
        Assert.Equal(line, error.Line);
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
        Assert.Same(TrickleFragment.Empty, fragment);
    }

    [Fact]
    public void Fragments_are_bounded()
    {
        var many = string.Concat(Enumerable.Range(1, 900).Select(i => $"a=candidate:{i} 1 udp {i} 192.0.2.1 {i} typ host\n"));
        Assert.Equal(Negotiator.MaxCandidates, Read(many).Candidates.Count);
        Assert.NotNull(TrickleFragment.TryParse(many + many, out _));
        Assert.NotNull(TrickleFragment.TryParse(string.Concat(Enumerable.Repeat("m=a 9 b\n", 65)), out _));
        Assert.NotNull(TrickleFragment.TryParse(new string('\n', SdpLimits.MaxLength + 1), out _));
    }

    [Fact]
    public void A_fragment_cut_anywhere_breaks_no_promise()
    {
        for (var length = 0; length <= Trickle.Length; length++) SdpFragmentTarget.Run(System.Text.Encoding.UTF8.GetBytes(Trickle[..length]));
    }

    [Fact]
    public void The_answer_to_a_restart_has_our_new_credentials_and_candidates()
    {
        var (session, _) = AnswerPublisher(RealOffers.Read("chromium-156/sendonly-default"));
        var text = TrickleFragment.AnswerRestart(session, Local with { IceUfrag = "newufrag", IcePwd = "newpasswordnewpassword12" });
        Assert.StartsWith("a=ice-lite\r\na=ice-options:trickle\r\na=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:newufrag\r\n", text, StringComparison.Ordinal);
        var fragment = Read(text);
        Assert.True(fragment.IsRestartOf("ourufrag", Local.IcePwd));
        Assert.Equal(2, fragment.Candidates.Count);
        Assert.True(fragment.HasEndOfCandidates);
    }
}
