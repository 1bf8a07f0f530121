using Sluice.Protocols.Wire;

namespace Sluice.Testing.Fuzzing;

/// <summary>A framed stream gives the same datagrams however it is cut, and they make the same stream again.</summary>
public static class FramingTarget
{
    /// <summary>Runs one stream, its first byte saying how it is cut.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;

        var piece = 1 + input[0];
        var stream = input[1..];
        var reader = new DatagramFrameReader(1);
        var expected = stream;
        Span<byte> framed = stackalloc byte[DatagramFraming.PrefixLength + DatagramFraming.MaxDatagramLength];
        while (!stream.IsEmpty)
        {
            var free = reader.Free.Span;
            FuzzAssert.That(!free.IsEmpty || reader.IsBroken, "there is room once everything was taken");
            if (reader.IsBroken) break;

            var count = Math.Min(Math.Min(piece, free.Length), stream.Length);
            stream[..count].CopyTo(free);
            reader.Advance(count);
            stream = stream[count..];
            while (reader.TryRead(out var datagram))
            {
                FuzzAssert.That(datagram.Length is > 0 and <= DatagramFraming.MaxDatagramLength, "datagrams have a length within bounds");
                FuzzAssert.That(DatagramFraming.TryWrite(datagram, framed, out var written), "what was read can be written");
                while (expected is [0, 0, ..])
                {
                    expected = expected[2..];
                }

                FuzzAssert.That(expected.StartsWith(framed[..written]), "frames come in order and whole");
                expected = expected[written..];
            }
        }

        while (expected is [0, 0, ..])
        {
            expected = expected[2..];
        }

        if (!reader.IsBroken)
        {
            FuzzAssert.That(expected.Length == reader.Buffered, "everything is read or waits");
            FuzzAssert.That(
                expected.Length < 2 || expected.Length < DatagramFraming.PrefixLength + (expected[0] << 8 | expected[1]), "no whole frame waits");
            return;
        }

        FuzzAssert.That((expected[0] << 8 | expected[1]) > DatagramFraming.MaxDatagramLength, "only a frame too long breaks a stream");
    }
}
