using System.Security.Cryptography;
using Sluice.Protocols.Rtmp.Chunks;

namespace Sluice.Testing.Fuzzing;

/// <summary>A chunk stream gives the same messages however it is cut, and never holds more than it may.</summary>
public static class RtmpChunkTarget
{
    private static readonly ChunkLimits Limits = new(8, 1 << 16, 1 << 17);

    /// <summary>Runs one stream, its first byte saying how it is cut.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var whole = Read(input[1..], int.MaxValue, out var error, out var interrupted);
        var pieces = Read(input[1..], 1 + input[0] % 32, out var otherError, out var otherInterrupted);
        FuzzAssert.That(whole == pieces && error == otherError && interrupted == otherInterrupted, "cutting changes nothing");
    }

    private static string Read(ReadOnlySpan<byte> input, int piece, out ChunkError error, out long interrupted)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var reader = new ChunkReader(Limits);
        Span<byte> facts = stackalloc byte[16];
        while (!input.IsEmpty && reader.Error == ChunkError.None)
        {
            var part = input[..Math.Min(piece, input.Length)];
            input = input[part.Length..];
            while (reader.Read(ref part, out var message) is var reading && reading == ChunkReading.Message)
            {
                FuzzAssert.That(message.Payload.Length <= Limits.MaxMessageBytes, "messages are not longer than allowed");
                FuzzAssert.That(message.Type is not (RtmpMessageType.SetChunkSize or RtmpMessageType.Abort), "the chunk layer keeps its own messages");
                facts[0] = (byte)message.Type;
                BitConverter.TryWriteBytes(facts[1..], message.StreamId);
                BitConverter.TryWriteBytes(facts[5..], message.Timestamp);
                hash.AppendData(facts);
                hash.AppendData(message.Payload);
            }

            FuzzAssert.That(reader.Error != ChunkError.None || part.IsEmpty, "all input is taken");
            FuzzAssert.That(reader.ChunkSize is >= 1 and <= 0xffffff, "chunk sizes are within bounds");
            FuzzAssert.That(reader.Capacity <= Limits.MaxBufferedBytes, "buffers are within bounds");
        }

        error = reader.Error;
        interrupted = reader.Interrupted;
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
