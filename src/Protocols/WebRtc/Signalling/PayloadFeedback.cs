namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>The RTCP feedback agreed for a payload type: what the receiver of the media may send.</summary>
[Flags]
public enum PayloadFeedback : byte
{
    /// <summary>Reports only.</summary>
    None = 0,

    /// <summary>Requests for lost packets (RFC 4585 §6.2.1).</summary>
    Nack = 1,

    /// <summary>Requests for a keyframe after a loss (RFC 4585 §6.3.1).</summary>
    Pli = 2,

    /// <summary>Requests for a keyframe by command (RFC 5104 §4.3.1).</summary>
    Fir = 4,

    /// <summary>The receiver's estimate of the bandwidth (<c>goog-remb</c>).</summary>
    Remb = 8,

    /// <summary>Arrival times of each packet, by transport-wide sequence number (<c>transport-cc</c>).</summary>
    TransportCc = 16,
}

/// <summary>How <see cref="PayloadFeedback"/> is written.</summary>
internal static class PayloadFeedbacks
{
    public static PayloadFeedback Parse(string kind, string parameter) => (kind, parameter) switch
    {
        ("nack", "") => PayloadFeedback.Nack,
        ("nack", "pli") => PayloadFeedback.Pli,
        ("ccm", "fir") => PayloadFeedback.Fir,
        ("goog-remb", "") => PayloadFeedback.Remb,
        ("transport-cc", "") => PayloadFeedback.TransportCc,
        _ => PayloadFeedback.None,
    };

    public static IEnumerable<string> Write(PayloadFeedback feedback)
    {
        if (feedback.HasFlag(PayloadFeedback.Remb)) yield return "goog-remb";
        if (feedback.HasFlag(PayloadFeedback.TransportCc)) yield return "transport-cc";
        if (feedback.HasFlag(PayloadFeedback.Fir)) yield return "ccm fir";
        if (feedback.HasFlag(PayloadFeedback.Nack)) yield return "nack";
        if (feedback.HasFlag(PayloadFeedback.Pli)) yield return "nack pli";
    }
}
