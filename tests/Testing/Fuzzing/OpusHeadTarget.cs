using Sluice.Protocols.Media.Codecs.Opus;

namespace Sluice.Testing.Fuzzing;

/// <summary>An Opus identification header.</summary>
public static class OpusHeadTarget
{
    /// <summary>Runs one header.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (!OpusHead.TryParse(input, out var head)) return;
        FuzzAssert.That(head.Channels > 0 && head.CoupledStreams <= head.Streams, "streams make sense");
        Span<byte> written = stackalloc byte[OpusHead.MinLength];
        FuzzAssert.That(head.Write(written) == (head.MappingFamily == 0 ? OpusHead.MinLength : 0), "family 0 can be written");
        if (head.MappingFamily == 0) FuzzAssert.That(OpusHead.TryParse(written, out var again) && again == head, "a written header reads back");
    }
}
