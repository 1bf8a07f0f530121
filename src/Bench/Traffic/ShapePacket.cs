namespace Sluice.Bench.Traffic;

/// <summary>What is known of one packet of a shape: everything but its content.</summary>
/// <param name="Microseconds">When it is sent, from the beginning of the round.</param>
/// <param name="IsAudio">Sound rather than picture.</param>
/// <param name="Marker">The RTP marker bit: the last packet of a picture.</param>
/// <param name="Timestamp">RTP timestamp from the first packet of its kind, in ticks of its clock.</param>
/// <param name="Length">Bytes of the RTP payload.</param>
/// <param name="Prefix">The payload's first bytes, which say what it is: NAL and fragment headers.</param>
internal readonly record struct ShapePacket(int Microseconds, bool IsAudio, bool Marker, uint Timestamp, int Length, ReadOnlyMemory<byte> Prefix);
