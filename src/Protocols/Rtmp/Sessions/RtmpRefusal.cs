namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>Why a publication is refused; each is a status code clients know.</summary>
public enum RtmpRefusal : byte
{
    /// <summary>The name is unknown or taken (NetStream.Publish.BadName). OBS reports a wrong stream key.</summary>
    BadName = 0,

    /// <summary>The publisher has no right (NetStream.Publish.Denied).</summary>
    Denied,

    /// <summary>The server does not want the stream, for instance its codec (NetStream.Publish.Rejected).</summary>
    Rejected,

    /// <summary>The server cannot, for a reason of its own (NetStream.Publish.Failed).</summary>
    Failed,
}
