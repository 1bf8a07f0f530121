namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>Which way media flows, as the side that says it sees it (RFC 8866 §6.7).</summary>
public enum SdpDirection : byte
{
    /// <summary>Both ways; what holds where nothing is said.</summary>
    SendRecv = 0,

    /// <summary>From the one who says it to the other.</summary>
    SendOnly,

    /// <summary>From the other to the one who says it.</summary>
    RecvOnly,

    /// <summary>Neither way.</summary>
    Inactive,
}

/// <summary>The words of <see cref="SdpDirection"/>.</summary>
public static class SdpDirections
{
    /// <summary>The attribute's name.</summary>
    public static string NameOf(SdpDirection direction) => direction switch
    {
        SdpDirection.SendOnly => "sendonly",
        SdpDirection.RecvOnly => "recvonly",
        SdpDirection.Inactive => "inactive",
        _ => "sendrecv",
    };

    /// <summary>The same flow seen from the other side.</summary>
    public static SdpDirection Reverse(SdpDirection direction) => direction switch
    {
        SdpDirection.SendOnly => SdpDirection.RecvOnly,
        SdpDirection.RecvOnly => SdpDirection.SendOnly,
        _ => direction,
    };

    /// <summary>True where the side that says it may send.</summary>
    public static bool Sends(SdpDirection direction) => direction is SdpDirection.SendRecv or SdpDirection.SendOnly;

    /// <summary>True where the side that says it may receive.</summary>
    public static bool Receives(SdpDirection direction) => direction is SdpDirection.SendRecv or SdpDirection.RecvOnly;

    /// <summary>Reads a direction's name; false where it is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out SdpDirection direction)
    {
        for (direction = SdpDirection.SendRecv; direction <= SdpDirection.Inactive; direction++)
        {
            if (name.SequenceEqual(NameOf(direction))) return true;
        }

        direction = SdpDirection.SendRecv;
        return false;
    }
}
