namespace Sluice.Protocols.WebRtc.Ice;

/// <summary>Where an agent stands.</summary>
public enum IceState : byte
{
    /// <summary>No path is selected yet.</summary>
    Checking = 0,

    /// <summary>There is a selected path and the peer keeps it alive.</summary>
    Connected = 1,

    /// <summary>
    /// Every path has been silent for <see cref="IceLiteAgent.SilenceTimeout"/>. The next check may bring it back; sending is still allowed.
    /// </summary>
    Disconnected = 2,

    /// <summary>
    /// The peer's consent has run out, or no check came at all (RFC 7675 §5.1): nothing may be sent. Only a restart leads out of here.
    /// </summary>
    Failed = 3,
}

/// <summary>What happened to an agent.</summary>
public enum IceEventKind : byte
{
    /// <summary><see cref="IceLiteAgent.State"/> has changed to <see cref="IceEvent.State"/>.</summary>
    StateChanged = 0,

    /// <summary><see cref="IceEvent.Path"/> is the selected path now: everything goes there.</summary>
    SelectedChanged = 1,

    /// <summary><see cref="IceEvent.Path"/> is validated no longer: expired, displaced, or left behind by a restart.</summary>
    PathDropped = 2,
}

/// <summary>One thing that happened to an agent.</summary>
/// <param name="Kind">What.</param>
/// <param name="State">The agent's state at that time.</param>
/// <param name="Path">The path concerned; default for a change of state.</param>
public readonly record struct IceEvent(IceEventKind Kind, IceState State, Wire.NetworkPath Path);
