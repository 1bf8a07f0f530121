using Sluice.Workers.Transcoding;

namespace Sluice.Testing.Fuzzing;

/// <summary>What a child process gives out, read in one piece and byte by byte.</summary>
public static class NutTarget
{
    /// <summary>Runs one stream.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var whole = new List<(long Pts, byte[] Payload)>();
        var reader = new NutReader();
        reader.Append(input);
        var end = Drain(reader, whole);
        FuzzAssert.That(reader.TryRead(out _) == end, "the end stays the end");
        var bytes = 0L;
        foreach (var (_, payload) in whole)
        {
            bytes += payload.Length;
        }

        // What a frame leaves out is 256 bytes at most.
        FuzzAssert.That(bytes <= input.Length + whole.Count * 256L, "no more comes out than went in");

        var pieces = new List<(long Pts, byte[] Payload)>();
        var careful = new NutReader();
        for (var i = 0; i < input.Length; i++)
        {
            careful.Append(input.Slice(i, 1));
            if (Drain(careful, pieces) == NutReading.Invalid) break;
        }

        FuzzAssert.That(pieces.Count == whole.Count, "the cut makes no difference to the number of packets");
        for (var i = 0; i < whole.Count; i++)
        {
            FuzzAssert.That(pieces[i].Pts == whole[i].Pts && pieces[i].Payload.AsSpan().SequenceEqual(whole[i].Payload), "nor to a packet");
        }
    }

    private static NutReading Drain(NutReader reader, List<(long Pts, byte[] Payload)> packets)
    {
        NutReading reading;
        while ((reading = reader.TryRead(out var packet)) == NutReading.Packet)
        {
            FuzzAssert.That(packet.Payload.Length is > 0 and <= NutReader.MaxPacket, "a packet has bytes");
            FuzzAssert.That(reader.TimeBase is { Numerator: > 0, Denominator: > 0 }, "its time has a unit");
            packets.Add((packet.Pts, packet.Payload.ToArray()));
        }

        return reading;
    }
}
