namespace Sluice.Protocols.Rtp.Packets;

/// <summary>The 7-bit payload type of an RTP packet; its meaning comes from the session description.</summary>
/// <param name="Value">The number, 0 to 127.</param>
public readonly record struct PayloadType(byte Value)
{
    /// <inheritdoc />
    public override string ToString() => Value.ToString((IFormatProvider?)null);
}
