using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;

namespace Sluice.Testing.Fuzzing;

/// <summary>A VP8 RTP payload: parsed, then rewritten after a switch, then parsed again.</summary>
public static class Vp8DescriptorTarget
{
    private static ReadOnlySpan<byte> Before => [0x90, 0xf0, 0x81, 0x00, 200, 30, 0x00]; // picture 256, TL0PICIDX 200, KEYIDX 30

    /// <summary>Runs one payload.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var copy = input.ToArray();
        var rewriter = new PictureIdRewriter();
        rewriter.Rewrite(Codec.Vp8, Before.ToArray());
        rewriter.Switch();
        var rewritten = rewriter.Rewrite(Codec.Vp8, copy);
        var parsed = Vp8Descriptor.TryParse(input, out var was);
        FuzzAssert.That(parsed == rewritten, "what parses is rewritten, and nothing else");
        if (!parsed)
        {
            FuzzAssert.That(input.SequenceEqual(copy), "what is refused stays untouched");
            return;
        }

        FuzzAssert.That(Vp8Descriptor.TryParse(copy, out var now), "what was rewritten parses");
        FuzzAssert.That(was.Length is >= 1 and <= 6 && was.Length < input.Length, "a descriptor is short and something follows it");
        FuzzAssert.That(input[was.Length..].SequenceEqual(copy.AsSpan(now.Length)), "frame bytes stay");
        FuzzAssert.That(now == was with { Ids = Expected(was.Ids) }, "only the ids change, and they go on");
    }

    private static PictureIds Expected(PictureIds ids) => ids with
    {
        PictureId = ids.HasPictureId ? (ushort)(257 & (1 << ids.PictureIdBits) - 1) : (ushort)0,
        Tl0 = ids.HasTl0 ? (byte)201 : (byte)0,
        KeyIndex = ids.HasKeyIndex ? (byte)31 : (byte)0,
    };
}
