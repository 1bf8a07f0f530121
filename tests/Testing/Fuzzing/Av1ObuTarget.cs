using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Av1;

namespace Sluice.Testing.Fuzzing;

/// <summary>An AV1 temporal unit in the low-overhead format.</summary>
public static class Av1ObuTarget
{
    /// <summary>Runs one temporal unit.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var reader = new Av1ObuReader(input);
        var read = 0;
        var hasSequence = false;
        Span<byte> number = stackalloc byte[Leb128.MaxLength];
        while (reader.TryRead(out var obu))
        {
            FuzzAssert.That(input[read..].StartsWith(obu.Unit), "units come one after another");
            FuzzAssert.That(obu.Unit.EndsWith(obu.Payload), "a unit ends with its payload");
            FuzzAssert.That(obu.Payload.Length <= obu.Unit.Length - obu.Header.Length, "the header is no payload");
            FuzzAssert.That(obu.Header.HasSize || read + obu.Unit.Length == input.Length, "a unit without size is the last");
            read += obu.Unit.Length;

            var length = Leb128.Write(number, (uint)obu.Payload.Length);
            FuzzAssert.That(
                Leb128.TryRead(number[..length], out var value, out var taken) && value == obu.Payload.Length && taken == length,
                "a written number reads back");
            if (obu.Header.Type == Av1ObuType.SequenceHeader && Av1SequenceHeader.TryParse(obu.Payload, out var header))
            {
                hasSequence = true;
                FuzzAssert.That(Resolution.TryCreate(header.Resolution.Width, header.Resolution.Height, out _), "sizes are within bounds");
                FuzzAssert.That(header is { Profile: <= 2, LevelIndex: < 32, OperatingPoints: >= 1 and <= 32 }, "header fields are within bounds");
            }
        }

        FuzzAssert.That(read <= input.Length && (reader.Malformed || read == input.Length), "all is read unless damaged");
        var scan = Av1TemporalUnit.Scan(input);
        FuzzAssert.That(scan.IsWellFormed == !reader.Malformed && scan.HasSequenceHeader == hasSequence, "a scan sees what a walk sees");
    }
}
