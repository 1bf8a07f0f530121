using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Sdp;

public sealed class IceCandidateLineTests
{
    [Theory]
    [InlineData("1 1 udp 2130706431 203.0.113.141 8998 typ host")]
    [InlineData("2 1 udp 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998")]
    [InlineData("3 2 tcp 1518214911 2001:db8::1 9 typ host tcptype active generation 0 network-id 1")]
    [InlineData("4 1 tcp 1 192.0.2.3 7000 typ relay raddr 0.0.0.0 rport 0 tcptype so ufrag abcd")]
    [InlineData("a/+ 256 udp 4294967295 0a11.local 1 typ prflx")]
    public void A_candidate_is_written_as_it_was_read(string text)
    {
        Assert.True(IceCandidateLine.TryParse(text, out var candidate));
        Assert.Equal(text, candidate.ToString());
        Assert.True(IceCandidateLine.TryParse("candidate:" + text, out var bare));
        Assert.True(IceCandidateLine.TryParse("a=candidate:" + text, out var whole));
        Assert.Equal((candidate, candidate), (bare, whole));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1 1 udp 2130706431 203.0.113.141 8998")]
    [InlineData("1 1 udp 2130706431 203.0.113.141 8998 typ")]
    [InlineData("1 1 udp 2130706431 203.0.113.141 8998 kind host")]
    [InlineData("1 1 udp 2130706431 203.0.113.141 8998 typ guest")]
    [InlineData("1 0 udp 2130706431 203.0.113.141 8998 typ host")]
    [InlineData("1 257 udp 2130706431 203.0.113.141 8998 typ host")]
    [InlineData("1 1 ssltcp 2130706431 203.0.113.141 443 typ host")]
    [InlineData("1 1 udp 4294967296 203.0.113.141 8998 typ host")]
    [InlineData("1 1 udp -1 203.0.113.141 8998 typ host")]
    [InlineData("1 1 udp 1 203.0.113.141 65536 typ host")]
    [InlineData("1 1 udp 1 203.0.113.141 8998 typ host raddr")]
    [InlineData("1 1 udp 1 203.0.113.141 8998 typ srflx raddr 1.1.1.1 rport x")]
    [InlineData("1 1 tcp 1 203.0.113.141 8998 typ host tcptype eager")]
    [InlineData("candidate:candidate:1 1 udp 1 203.0.113.141 8998 typ host")]
    [InlineData("123456789012345678901234567890123 1 udp 1 203.0.113.141 8998 typ host")]
    public void A_malformed_candidate_is_refused(string text) => Assert.False(IceCandidateLine.TryParse(text, out _));

    [Fact]
    public void A_related_port_without_its_address_means_nothing()
    {
        Assert.True(IceCandidateLine.TryParse("1 1 udp 1 192.0.2.1 1 typ srflx rport 9", out var candidate));
        Assert.Equal(0, candidate.RelatedPort);
    }

    [Theory]
    [InlineData("203.0.113.141", true)]
    [InlineData("2001:db8::1", true)]
    [InlineData("::ffff:203.0.113.141", true)]
    [InlineData("a34f0997-07e8.local", false)]
    [InlineData("example.org", false)]
    [InlineData("1", false)]
    [InlineData("0x7f.0.0.1", false)]
    [InlineData("127.1", false)]
    [InlineData("256.0.0.1", false)]
    [InlineData("fe80::1%eth0", false)]
    [InlineData("[::1]", false)]
    [InlineData(":", false)]
    public void Only_whole_numeric_addresses_count_as_addresses(string address, bool isNumeric)
    {
        Assert.True(IceCandidateLine.TryParse($"1 1 udp 1 {address} 8998 typ host", out var candidate));
        Assert.Equal(isNumeric, candidate.TryGetAddress(out var value));
        Assert.Equal(isNumeric ? 8998 : 0, value.Port);
        Assert.Equal(address.EndsWith(".local", StringComparison.Ordinal), candidate.IsMulticastDns);
    }

    [Fact]
    public void Our_udp_host_has_the_priority_of_rfc_8445_and_beats_tcp()
    {
        var udp = IceCandidateLine.Host(NetworkAddress.FromIPv4(0xc0000201, 7000), TransportProtocol.Udp);
        var tcp = IceCandidateLine.Host(NetworkAddress.FromIPv4(0xc0000201, 7000), TransportProtocol.Tcp);
        var second = IceCandidateLine.Host(NetworkAddress.FromIPv4(0xc0000202, 7000), TransportProtocol.Udp, rank: 1);

        Assert.Equal(2_130_706_431u, udp.Priority);
        Assert.EndsWith(" 1 udp 2130706431 192.0.2.1 7000 typ host", udp.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" typ host tcptype passive", tcp.ToString(), StringComparison.Ordinal);
        Assert.Equal((90u << 24) + (((4u << 13) + 8191u) << 8) + 255u, tcp.Priority);
        Assert.True(udp.Priority > second.Priority && second.Priority > tcp.Priority);
        Assert.Equal(3, new[] { udp.Foundation, tcp.Foundation, second.Foundation }.Distinct().Count());
    }

    [Fact]
    public void Our_ipv6_host_is_written_without_a_scope()
    {
        var address = NetworkAddress.FromIPv6([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 7000, scope: 3);
        var candidate = IceCandidateLine.Host(address, TransportProtocol.Udp);
        Assert.Equal("fe80::1", candidate.Address);
        Assert.True(candidate.TryGetAddress(out var again));
        Assert.Equal(address with { Scope = 0 }, again);
    }

    [Theory]
    [InlineData("generation 0 ufrag abcd network-id 1", "abcd")]
    [InlineData("generation 0", null)]
    public void A_candidate_may_name_its_ice_session(string extensions, string? ufrag)
    {
        Assert.True(IceCandidateLine.TryParse("1 1 udp 1 192.0.2.1 1 typ host " + extensions, out var candidate));
        Assert.Equal(ufrag, candidate.Ufrag);
    }
}
