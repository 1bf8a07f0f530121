namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>Who made the session and which version of it this is (RFC 8866 §5.2). Numbers stay text: some writers exceed 64 bits.</summary>
/// <param name="Username">The maker's name, or <c>-</c>.</param>
/// <param name="SessionId">The session's number.</param>
/// <param name="SessionVersion">Grows with each change of the session.</param>
/// <param name="Address">The maker's address with its network and family, as in <c>IN IP4 127.0.0.1</c>.</param>
public sealed record SdpOrigin(string Username, string SessionId, string SessionVersion, string Address)
{
    /// <summary>What is assumed where a description has no origin.</summary>
    public static SdpOrigin Unknown { get; } = new("-", "0", "0", "IN IP4 0.0.0.0");

    /// <summary>Reads the line's value.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpOrigin origin)
    {
        origin = Unknown;
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var username) || !tokens.TryNext(out var id) || !tokens.TryNext(out var version)) return false;
        if (tokens.IsEmpty) return false;
        origin = new SdpOrigin(username.ToString(), id.ToString(), version.ToString(), tokens.Rest.ToString());
        return true;
    }

    /// <summary>The line's value.</summary>
    public override string ToString() => $"{Username} {SessionId} {SessionVersion} {Address}";
}
