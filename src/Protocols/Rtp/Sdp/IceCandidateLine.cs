using System.Globalization;
using System.Net;
using System.Text;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>Where a candidate address was learned (RFC 8445 §5.1.1).</summary>
public enum IceCandidateKind : byte
{
    /// <summary>An address of an interface.</summary>
    Host = 0,

    /// <summary>As a STUN server saw it.</summary>
    ServerReflexive,

    /// <summary>As the peer saw it.</summary>
    PeerReflexive,

    /// <summary>Lent by a TURN server.</summary>
    Relayed,
}

/// <summary>Who opens the connection of a TCP candidate (RFC 6544 §4.5).</summary>
public enum IceTcpType : byte
{
    /// <summary>No TCP candidate.</summary>
    None = 0,

    /// <summary>Opens connections; its port means nothing.</summary>
    Active,

    /// <summary>Accepts connections.</summary>
    Passive,

    /// <summary>Both at the same moment.</summary>
    SimultaneousOpen,
}

/// <summary>One ICE candidate as <c>a=candidate</c> writes it (RFC 8839 §5.1, RFC 6544 §4.5).</summary>
/// <param name="Foundation">Equal for candidates of the same kind, base address and protocol.</param>
/// <param name="Component">1 for RTP (and for everything under rtcp-mux), 2 for RTCP.</param>
/// <param name="Transport">UDP or TCP.</param>
/// <param name="Priority">RFC 8445 §5.1.2.</param>
/// <param name="Address">An IP address, or a name; browsers hide host addresses behind names that end in <c>.local</c>.</param>
/// <param name="Port">The port.</param>
/// <param name="Kind">Where the address was learned.</param>
public sealed record IceCandidateLine(
    string Foundation, int Component, TransportProtocol Transport, uint Priority, string Address, ushort Port, IceCandidateKind Kind)
{
    private static readonly string[] KindNames = ["host", "srflx", "prflx", "relay"];
    private static readonly string[] TcpTypeNames = ["", "active", "passive", "so"];

    /// <summary>The base of a reflexive or relayed candidate; empty where none is given.</summary>
    public string RelatedAddress { get; init; } = "";

    /// <summary>The port that goes with <see cref="RelatedAddress"/>.</summary>
    public ushort RelatedPort { get; init; }

    /// <summary>Who connects, for TCP.</summary>
    public IceTcpType TcpType { get; init; }

    /// <summary>Further <c>name value</c> pairs as written: <c>generation 0 network-id 1</c>.</summary>
    public string Extensions { get; init; } = "";

    /// <summary>The user name fragment of the ICE session it belongs to (RFC 8840 §4.1); null where none is given.</summary>
    public string? Ufrag
    {
        get
        {
            var tokens = new SdpTokens(Extensions);
            while (tokens.TryNext(out var name) && tokens.TryNext(out var value))
            {
                if (name.SequenceEqual("ufrag")) return value.ToString();
            }

            return null;
        }
    }

    /// <summary>True for a multicast DNS name, which nobody outside the sender's link can resolve.</summary>
    public bool IsMulticastDns => Address.EndsWith(".local", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// A host candidate of ours, with the priority of RFC 8445 §5.1.2; TCP is passive with the local preference of RFC 6544 §4.2 and a
    /// lower type preference, so that UDP wins where both work.
    /// </summary>
    /// <param name="address">The address peers shall send to.</param>
    /// <param name="transport">UDP or TCP.</param>
    /// <param name="rank">0 for the address preferred most, then 1 and so on; at most 8191.</param>
    public static IceCandidateLine Host(NetworkAddress address, TransportProtocol transport, int rank = 0)
    {
        const uint UdpHostPreference = 126;
        const uint TcpHostPreference = 90;
        const uint PassiveDirectionPreference = 4;
        const uint MaxOtherPreference = 8191;
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, (int)MaxOtherPreference);
        var isTcp = transport == TransportProtocol.Tcp;
        var localPreference = isTcp ? (PassiveDirectionPreference << 13) + MaxOtherPreference - (uint)rank : 65_535 - (uint)rank;
        var priority = ((isTcp ? TcpHostPreference : UdpHostPreference) << 24) + (localPreference << 8) + 255;
        var text = (address with { Scope = 0 }).ToIPAddress().ToString();
        return new IceCandidateLine(FoundationOf(text, transport), 1, transport, priority, text, address.Port, IceCandidateKind.Host)
        {
            TcpType = isTcp ? IceTcpType.Passive : IceTcpType.None,
        };
    }

    /// <summary>The address as a value; false for a name.</summary>
    public bool TryGetAddress(out NetworkAddress address)
    {
        address = default;
        if (!IsNumericAddress(Address) || !IPAddress.TryParse(Address, out var parsed)) return false;
        address = NetworkAddress.From(parsed, Port);
        return true;
    }

    /// <summary>
    /// Reads an attribute's value; <c>candidate:</c> and <c>a=candidate:</c> before it are allowed. False also for transports other than
    /// UDP and TCP, which RFC 8839 §5.1 lets us leave out.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> value, out IceCandidateLine candidate)
    {
        candidate = new IceCandidateLine("", 0, TransportProtocol.Udp, 0, "", 0, IceCandidateKind.Host);
        if (value.StartsWith("a=")) value = value[2..];
        if (value.StartsWith("candidate:")) value = value["candidate:".Length..];
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var foundation) || foundation.Length > 32 || foundation.IndexOfAny(":=") >= 0) return false;
        if (!tokens.TryNext(out var token) || !SdpTokens.TryNumber(token, out var component) || component is 0 or > 256) return false;
        if (!tokens.TryNext(out token) || !TryParseTransport(token, out var transport)) return false;
        if (!tokens.TryNext(out token) || !SdpTokens.TryNumber(token, out var priority)) return false;
        if (!tokens.TryNext(out var address) || address.Length > 255) return false;
        if (!tokens.TryNext(out token) || !SdpTokens.TryPort(token, out var port)) return false;
        if (!tokens.TryNext(out token) || !token.SequenceEqual("typ")) return false;
        if (!tokens.TryNext(out token)) return false;
        var kind = IndexOf(KindNames, token);
        if (kind < 0) return false;
        var line = new IceCandidateLine(
            foundation.ToString(), (int)component, transport, priority, address.ToString(), port, (IceCandidateKind)kind);
        return TryParseExtensions(tokens, line, out candidate);
    }

    /// <summary>The attribute's value.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(96);
        text.Append(CultureInfo.InvariantCulture, $"{Foundation} {Component} {(Transport == TransportProtocol.Tcp ? "tcp" : "udp")} ");
        text.Append(CultureInfo.InvariantCulture, $"{Priority} {Address} {Port} typ {KindNames[(int)Kind]}");
        if (RelatedAddress.Length > 0) text.Append(CultureInfo.InvariantCulture, $" raddr {RelatedAddress} rport {RelatedPort}");
        if (TcpType != IceTcpType.None) text.Append(CultureInfo.InvariantCulture, $" tcptype {TcpTypeNames[(int)TcpType]}");
        if (Extensions.Length > 0) text.Append(CultureInfo.InvariantCulture, $" {Extensions}");
        return text.ToString();
    }

    private static bool TryParseExtensions(SdpTokens tokens, IceCandidateLine line, out IceCandidateLine candidate)
    {
        candidate = line;
        var relatedAddress = "";
        ushort relatedPort = 0;
        var tcpType = 0;
        StringBuilder? others = null;
        while (tokens.TryNext(out var name))
        {
            if (!tokens.TryNext(out var value)) return false;
            if (name.SequenceEqual("raddr"))
            {
                relatedAddress = value.ToString();
            }
            else if (name.SequenceEqual("rport"))
            {
                if (!SdpTokens.TryPort(value, out relatedPort)) return false;
            }
            else if (name.SequenceEqual("tcptype"))
            {
                tcpType = IndexOf(TcpTypeNames, value);
                if (tcpType <= 0) return false;
            }
            else
            {
                others ??= new StringBuilder();
                if (others.Length > 0) others.Append(' ');
                others.Append(name).Append(' ').Append(value);
            }
        }

        candidate = line with
        {
            RelatedAddress = relatedAddress,
            RelatedPort = relatedAddress.Length > 0 ? relatedPort : (ushort)0,
            TcpType = (IceTcpType)tcpType,
            Extensions = others?.ToString() ?? "",
        };
        return true;
    }

    private static bool TryParseTransport(ReadOnlySpan<char> text, out TransportProtocol transport)
    {
        transport = text.Equals("tcp", StringComparison.OrdinalIgnoreCase) ? TransportProtocol.Tcp : TransportProtocol.Udp;
        return transport == TransportProtocol.Tcp || text.Equals("udp", StringComparison.OrdinalIgnoreCase);
    }

    // .NET also reads "1" and "0x7f.1" as IPv4 addresses; ICE does not.
    private static bool IsNumericAddress(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal)) return text.AsSpan().IndexOfAny("[]%") < 0;
        var dots = 0;
        foreach (var c in text)
        {
            if (c == '.') dots++;
            else if (!char.IsAsciiDigit(c)) return false;
        }

        return dots == 3;
    }

    private static int IndexOf(string[] names, ReadOnlySpan<char> name)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (name.SequenceEqual(names[i])) return i;
        }

        return -1;
    }

    // FNV-1a: any function of kind, base and protocol does, as long as it says the same for each node and restart.
    private static string FoundationOf(string address, TransportProtocol transport)
    {
        var hash = 2_166_136_261u ^ (uint)transport;
        foreach (var c in address) hash = unchecked((hash ^ c) * 16_777_619u);
        return hash.ToString(CultureInfo.InvariantCulture);
    }
}
