using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;

namespace Sluice.Testing.Fuzzing;

/// <summary>The first byte chooses the codec, the rest is an RTP payload.</summary>
public static class PayloadInspectionTarget
{
    /// <summary>Runs one input.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var codec = (Codec)(input[0] % 8);
        var payload = input[1..];
        var inspection = PayloadInspection.Inspect(codec, payload);
        FuzzAssert.That(!inspection.StartsKeyframe || inspection.StartsFrame, "keyframes are frames");
        FuzzAssert.That(inspection.Resolution is { Width: >= 0 and <= Resolution.MaxSide, Height: >= 0 and <= Resolution.MaxSide }, "sizes are within bounds");
        FuzzAssert.That(inspection.Resolution.IsEmpty || inspection.StartsFrame || codec == Codec.Vp9, "a size comes with a frame");
        FuzzAssert.That(codec is Codec.Vp8 or Codec.Vp9 || inspection.Ids == PictureIds.None, "picture ids belong to VP8 and VP9");
        switch (codec)
        {
            case Codec.H264:
                var h264 = new H264PayloadReader(payload);
                var end = 0;
                while (h264.TryRead(out var fragment)) end = Advance(payload, fragment.Body, end, 1);
                break;
            case Codec.H265:
                var h265 = new H265PayloadReader(payload);
                end = 0;
                while (h265.TryRead(out var fragment)) end = Advance(payload, fragment.Body, end, 2);
                break;
            case Codec.Av1:
                var av1 = new Av1PayloadReader(payload);
                end = 1;
                while (av1.TryRead(out var element)) end = Advance(payload, element.Bytes, end, 0);
                break;
        }
    }

    // Pieces lie in the payload one after another, a header of their own before each.
    private static int Advance(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> piece, int end, int header)
    {
        if (piece.IsEmpty) return end + header;
        FuzzAssert.That(payload.Overlaps(piece, out var offset), "pieces lie in the payload");
        FuzzAssert.That(offset >= 0 || -offset >= end + header, "pieces do not overlap");
        return offset + piece.Length;
    }
}
