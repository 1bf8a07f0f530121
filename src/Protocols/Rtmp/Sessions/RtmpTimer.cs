namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>What a server session waits for.</summary>
internal enum RtmpTimer : byte
{
    /// <summary>The handshake must be done.</summary>
    Handshake = 0,

    /// <summary>Something must be published.</summary>
    Command,

    /// <summary>Bytes must have come.</summary>
    Idle,

    /// <summary>The publisher is to be pinged.</summary>
    Ping,
}
