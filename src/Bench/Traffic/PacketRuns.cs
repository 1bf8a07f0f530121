namespace Sluice.Bench.Traffic;

/// <summary>Packets that can leave in one UDP_SEGMENT message: of one length, the last one shorter or not.</summary>
/// <param name="First">The index of the first packet in the shape.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct PacketRun(int First, int Count);

/// <summary>The runs of a shape.</summary>
internal static class PacketRuns
{
    private const int MaxSegments = 64;
    private const int MaxBytes = 60_000;

    /// <summary>Splits a shape into the longest runs its packets allow without padding: within one kind and one time, in order.</summary>
    public static PacketRun[] Of(TrafficShape shape)
    {
        var packets = shape.Packets;
        var runs = new List<PacketRun>();
        for (var first = 0; first < packets.Length;)
        {
            var length = packets[first].Length;
            var next = first + 1;
            while (next < packets.Length && packets[next - 1].Length == length && packets[next].Length <= length
                && packets[next].IsAudio == packets[first].IsAudio && packets[next].Microseconds == packets[first].Microseconds
                && next - first < MaxSegments && (next - first + 1) * length < MaxBytes)
            {
                next++;
            }

            runs.Add(new PacketRun(first, next - first));
            first = next;
        }

        return [.. runs];
    }
}
