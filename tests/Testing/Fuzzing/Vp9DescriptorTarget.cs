using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;

namespace Sluice.Testing.Fuzzing;

/// <summary>A VP9 RTP payload: parsed, then rewritten after a switch, then parsed again.</summary>
public static class Vp9DescriptorTarget
{
    private static ReadOnlySpan<byte> Before => [0xa8, 0x81, 0x00, 0x00, 200, 0x82]; // picture 256, TL0PICIDX 200

    /// <summary>Runs one payload.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var copy = input.ToArray();
        var rewriter = new PictureIdRewriter();
        rewriter.Rewrite(Codec.Vp9, Before.ToArray());
        rewriter.Switch();
        var rewritten = rewriter.Rewrite(Codec.Vp9, copy);
        var parsed = Vp9Descriptor.TryParse(input, out var was);
        FuzzAssert.That(parsed == rewritten, "what parses is rewritten, and nothing else");
        if (!parsed)
        {
            FuzzAssert.That(input.SequenceEqual(copy), "what is refused stays untouched");
            return;
        }

        FuzzAssert.That(Vp9Descriptor.TryParse(copy, out var now), "what was rewritten parses");
        FuzzAssert.That(was.Length >= 1 && was.Length < input.Length, "something follows the descriptor");
        FuzzAssert.That(was.SpatialLayers is >= 0 and <= 8, "layers are within bounds");
        FuzzAssert.That(
            was.Resolution.IsEmpty || Resolution.TryCreate(was.Resolution.Width, was.Resolution.Height, out _), "sizes are within bounds");
        FuzzAssert.That(input[was.Length..].SequenceEqual(copy.AsSpan(now.Length)), "frame bytes stay");
        FuzzAssert.That(now == was with { Ids = Expected(was.Ids) }, "only the ids change, and they go on");
    }

    private static PictureIds Expected(PictureIds ids) => ids with
    {
        PictureId = ids.HasPictureId ? (ushort)(257 & (1 << ids.PictureIdBits) - 1) : (ushort)0,
        Tl0 = ids.HasTl0 ? (byte)201 : (byte)0,
    };
}
