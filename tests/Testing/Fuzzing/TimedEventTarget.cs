using System.Buffers;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Testing.Fuzzing;

/// <summary>The events before a fragment: what was read can be written, and reads as the same.</summary>
public static class TimedEventTarget
{
    private static readonly FrameFormat Aac = new(Codec.Aac, 48_000, 2, default, [0x11, 0x90]);

    /// <summary>Runs one chunk.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var found = Read(input);
        FuzzAssert.That(found.Sum(e => (long)e.Message.Length) <= input.Length, "messages lie in the input");
        var output = new ArrayBufferWriter<byte>();
        var writer = new CmafFragmentWriter([new CmafTrack(1, Aac)]);
        writer.TryAdd(0, new Frame { Format = Aac, Payload = [1] });
        writer.Write(output, new FragmentPrefix { Events = found.ToArray() });

        // Texts that are no UTF-8 were mended when read, and stay as they are then.
        var again = Read(output.WrittenSpan);
        FuzzAssert.That(again.Count == found.Count, "as many events");
        for (var i = 0; i < found.Count; i++)
        {
            FuzzAssert.That(found[i] with { Message = default } == again[i] with { Message = default }, "the same event");
            FuzzAssert.That(found[i].Message.Span.SequenceEqual(again[i].Message.Span), "the same message");
        }

        var chunks = new CmafChunkReader(output.WrittenSpan);
        FuzzAssert.That(chunks.TryRead(out var chunk) && chunk.Length == output.WrittenCount && !chunks.TryRead(out _), "one chunk");
    }

    private static List<TimedEvent> Read(ReadOnlySpan<byte> chunk)
    {
        var found = new List<TimedEvent>();
        var reader = new TimedEventReader(chunk);
        while (reader.TryRead(out var timed)) found.Add(timed);
        return found;
    }
}
