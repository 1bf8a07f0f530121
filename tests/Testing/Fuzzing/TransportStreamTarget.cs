using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.MpegTs;
using Sluice.Protocols.Media.Frames;
using Sluice.Testing.Transport;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// Frames as a publisher might send them, good or bad, into a segment of MPEG-TS: what was taken is in it, what is in it is well-formed. Input: for each frame a kind,
/// two bytes of time step and two of length, then its bytes.
/// </summary>
public static class TransportStreamTarget
{
    private static readonly FrameFormat Avc = new(Codec.H264, 90_000, 0, new Resolution(640, 360),
        Convert.FromHexString("0164001effe1001a6764001eacd940a02ff970110000030001000003003c0f162d9601000468efbcb0fdf8f800"));

    private static readonly FrameFormat Aac = new(Codec.Aac, 48_000, 2, default, [0x11, 0x90]);

    /// <summary>Runs one segment.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var writer = new TsSegmentWriter(Codec.H264, hasAudio: true);
        var (time, pictures, sounds, tags) = (0L, 0, 0L, 0);
        var number = input.Length;
        while (input.Length >= 5)
        {
            var kind = input[0];
            time += 1 + (input[1] << 8 | input[2]);
            var length = Math.Min(input.Length - 5, (input[3] & 3) << 8 | input[4]);
            var payload = input.Slice(5, length);
            input = input[(5 + length)..];
            var picture = new Frame { Format = Avc, DecodeTime = time, CompositionOffset = kind >> 4, Flags = (kind & 8) != 0 ? FrameFlags.Keyframe : FrameFlags.None, Payload = payload };
            var sound = new Frame { Format = Aac, DecodeTime = time * 48 / 90, Flags = FrameFlags.Keyframe, Payload = payload };
            switch (kind & 3)
            {
                case 0 or 1 when writer.TryAddPicture(in picture):
                    pictures++;
                    break;
                case 2 when writer.TryAddSound(in sound):
                    sounds += 7 + length;
                    break;
                case 3 when writer.TryAddTag(time * 100 / 9, payload):
                    tags += length;
                    break;
            }
        }

        var units = new TransportReader().Read(writer.Finish(number));
        FuzzAssert.That(units.Count(u => u.Type == 0x1b) == pictures, "every picture taken is there");
        FuzzAssert.That(units.Where(u => u.Type == 0x0f).Sum(u => (long)u.Payload.Length) == sounds, "so is all sound");
        FuzzAssert.That(units.Where(u => u.Type == 0x15).Sum(u => u.Payload.Length) == tags, "and every tag");
    }
}
