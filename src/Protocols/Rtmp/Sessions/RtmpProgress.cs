namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>How far a session came with the bytes it was given.</summary>
public enum RtmpProgress : byte
{
    /// <summary>It took all and waits for more.</summary>
    NeedsMore = 0,

    /// <summary>It reads no further before the host took events and output and answered requests; then give the rest again.</summary>
    Waiting,

    /// <summary>It is over; take events and output, then close the connection.</summary>
    Closed,
}
