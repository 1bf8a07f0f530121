namespace Sluice.Protocols.WebRtc.Ice;

/// <summary>The timers of an agent.</summary>
internal enum IceTimer : byte
{
    /// <summary>The selected path may have gone silent: move to a living one, or report a disconnection.</summary>
    Silence = 0,

    /// <summary>The consent of the oldest path may have run out: drop it; the last one dropped is the end (RFC 7675 §5.1).</summary>
    Consent = 1,

    /// <summary>Nobody came, or nobody nominated: the session fails.</summary>
    Nomination = 2,
}
