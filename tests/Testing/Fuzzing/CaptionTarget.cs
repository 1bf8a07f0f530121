using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.Captions;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Testing.Fuzzing;

/// <summary>Captions within pictures: another picture slice takes none away and adds none, another caption is found.</summary>
public static class CaptionTarget
{
    private static readonly FrameFormat Avc = new(Codec.H264, 90_000, 0, new Resolution(640, 360), []);
    private static readonly FrameFormat Hevc = new(Codec.H265, 90_000, 0, new Resolution(640, 360), []);
    private static readonly byte[] Slice = [0, 0, 0, 3, 0x41, 1, 2];
    private static readonly byte[] Caption = [0, 0, 0, 18, 6, 4, 14, 0xb5, 0, 0x31, (byte)'G', (byte)'A', (byte)'9', (byte)'4', 3, 0x41, 0xff, 0xfd, 0x94, 0x2c, 0xff, 0x80];

    /// <summary>Runs one picture.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var found = CaptionScan.Find(new Frame { Format = Avc, Payload = input });
        _ = CaptionScan.Find(new Frame { Format = Hevc, Payload = input });
        FuzzAssert.That((found & ~CaptionServices.All) == 0, "only what there is");
        var units = new LengthPrefixedReader(input, 4);
        while (units.TryRead(out _))
        {
        }

        if (units.Malformed) return;
        FuzzAssert.That(CaptionScan.Find(new Frame { Format = Avc, Payload = [.. input, .. Slice] }) == found, "a slice holds none");
        FuzzAssert.That(CaptionScan.Find(new Frame { Format = Avc, Payload = [.. input, .. Caption] }) == (found | CaptionServices.SecondField), "a caption is found wherever it lies");
    }
}
