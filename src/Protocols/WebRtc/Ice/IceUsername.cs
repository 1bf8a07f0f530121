using Sluice.Protocols.WebRtc.Stun;

namespace Sluice.Protocols.WebRtc.Ice;

/// <summary>The USERNAME of a connectivity check: the receiver's fragment, a colon, the sender's (RFC 8445 §7.2.2).</summary>
public static class IceUsername
{
    /// <summary>
    /// The receiver's fragment of a Binding request: whose check it claims to be, before any proof. Walks the attributes once, computes no
    /// hash; the result borrows the datagram.
    /// </summary>
    public static bool TryGetLocalUfrag(ReadOnlySpan<byte> stun, out ReadOnlySpan<byte> ufrag)
    {
        ufrag = default;
        if (!StunMessageView.TryParse(stun, out var message)
            || message.Class != StunClass.Request
            || message.Method != StunMethod.Binding
            || !message.TryGetUsername(out var username))
        {
            return false;
        }

        var colon = username.IndexOf((byte)':');
        if (colon <= 0) return false;

        ufrag = username[..colon];
        return true;
    }
}
