namespace Sluice.Protocols.Rtp.Packets;

/// <summary>The synchronisation source of an RTP stream (RFC 3550 §3): unique among the streams of one session.</summary>
/// <param name="Value">The 32 bits as a host-order number.</param>
public readonly record struct Ssrc(uint Value)
{
    /// <inheritdoc />
    public override string ToString() => Value.ToString("x8", null);
}
