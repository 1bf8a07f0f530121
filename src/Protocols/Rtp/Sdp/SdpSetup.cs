namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>Who opens the DTLS connection (RFC 4145 §4, RFC 8842 §5).</summary>
public enum SdpSetup : byte
{
    /// <summary>Either; the answer decides. Only an offer may say it.</summary>
    ActPass = 0,

    /// <summary>The one who says it sends the first ClientHello.</summary>
    Active,

    /// <summary>The one who says it waits.</summary>
    Passive,

    /// <summary>Nobody, for now.</summary>
    HoldConn,
}

/// <summary>The words of <see cref="SdpSetup"/>.</summary>
public static class SdpSetups
{
    /// <summary>The attribute's value.</summary>
    public static string NameOf(SdpSetup setup) => setup switch
    {
        SdpSetup.Active => "active",
        SdpSetup.Passive => "passive",
        SdpSetup.HoldConn => "holdconn",
        _ => "actpass",
    };

    /// <summary>Reads the attribute's value; false where it is none of the four.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpSetup setup)
    {
        for (setup = SdpSetup.ActPass; setup <= SdpSetup.HoldConn; setup++)
        {
            if (value.SequenceEqual(NameOf(setup))) return true;
        }

        setup = SdpSetup.ActPass;
        return false;
    }
}
