namespace Sluice.Protocols.Rtp.Rtcp;

/// <summary>The RTCP packet types; a closed set of numbers, unknown ones pass the reader by their number.</summary>
public enum RtcpPacketType : byte
{
    /// <summary>Sender report (RFC 3550 §6.4.1).</summary>
    SenderReport = 200,

    /// <summary>Receiver report (RFC 3550 §6.4.2).</summary>
    ReceiverReport = 201,

    /// <summary>Source description (RFC 3550 §6.5).</summary>
    SourceDescription = 202,

    /// <summary>Goodbye (RFC 3550 §6.6).</summary>
    Goodbye = 203,

    /// <summary>Application-defined (RFC 3550 §6.7); read over.</summary>
    Application = 204,

    /// <summary>Transport-layer feedback (RFC 4585 §6.2); the format says which.</summary>
    TransportFeedback = 205,

    /// <summary>Payload-specific feedback (RFC 4585 §6.3); the format says which.</summary>
    PayloadFeedback = 206,

    /// <summary>Extended reports (RFC 3611).</summary>
    ExtendedReport = 207,
}
