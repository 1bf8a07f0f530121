namespace Sluice.Protocols.Rtp.Payloads.Packetizers;

/// <summary>What is to be known of an RTP payload a packetizer wrote.</summary>
/// <param name="Length">Bytes of the caller's buffer that were written.</param>
/// <param name="Marker">The RTP marker: the last payload of a picture, or the first after a pause of sound.</param>
/// <param name="StartsFrame">The first payload of its frame.</param>
/// <param name="StartsKeyframe">The first payload of a frame at which decoding can begin; of video only.</param>
public readonly record struct PacketizedPayload(int Length, bool Marker, bool StartsFrame, bool StartsKeyframe);
