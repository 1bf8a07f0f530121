using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.Vp9;

/// <summary>The front of a VP9 frame's uncompressed header (VP9 bitstream specification §6.2).</summary>
/// <param name="Profile">0 to 3.</param>
/// <param name="ShowsExisting">The frame only shows one decoded before; nothing else is known of it.</param>
/// <param name="IsKeyframe">Decoding can begin here.</param>
/// <param name="IsShown">False for frames that only serve as reference.</param>
/// <param name="BitDepth">Bits of a sample, 8, 10 or 12; 0 for all but keyframes.</param>
/// <param name="Resolution">The size; empty for all but keyframes.</param>
public readonly record struct Vp9FrameHeader(
    byte Profile, bool ShowsExisting, bool IsKeyframe, bool IsShown, byte BitDepth, Resolution Resolution)
{
    /// <summary>As <see cref="VpConfiguration"/> counts: 1 4:2:0, 2 4:2:2, 3 4:4:4; 0 for all but keyframes, and for the rare 4:4:0.</summary>
    public byte ChromaSubsampling { get; init; }

    private const uint SyncCode = 0x498342;
    private const uint ColourSpaceRgb = 7;

    /// <summary>
    /// Parses the front of a frame; 10 or 11 bytes suffice. False where it is too short, has no frame marker, sets reserved bits, or a
    /// keyframe lacks its sync code or has an absurd size.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> frame, out Vp9FrameHeader header)
    {
        header = default;
        var reader = new BitReader(frame);
        if (reader.Bits(2) != 2) return false;
        var profile = reader.Bits(1) | reader.Bits(1) << 1;
        if (profile == 3 && reader.Bit()) return false;
        if (reader.Bit())
        {
            reader.Skip(3); // which one
            header = new Vp9FrameHeader((byte)profile, true, false, true, 0, default);
            return !reader.Overrun;
        }

        var isKeyframe = !reader.Bit();
        var isShown = reader.Bit();
        reader.Skip(1); // error_resilient_mode
        byte depth = 0;
        byte subsampling = 0;
        var resolution = default(Resolution);
        if (isKeyframe)
        {
            if (reader.Bits(24) != SyncCode || !TryReadColour(ref reader, profile, out depth, out subsampling)) return false;
            var width = reader.Bits(16) + 1L;
            var height = reader.Bits(16) + 1L;
            if (reader.Overrun || !Resolution.TryCreate(width, height, out resolution)) return false;
        }

        header = new Vp9FrameHeader((byte)profile, false, isKeyframe, isShown, depth, resolution) { ChromaSubsampling = subsampling };
        return !reader.Overrun;
    }

    private static bool TryReadColour(ref BitReader reader, uint profile, out byte depth, out byte subsampling)
    {
        depth = profile < 2 ? (byte)8 : reader.Bit() ? (byte)12 : (byte)10;
        subsampling = 1;
        var hasSubsampling = (profile & 1) != 0;
        if (reader.Bits(3) != ColourSpaceRgb)
        {
            reader.Skip(1); // range
            if (!hasSubsampling) return true;
            var x = reader.Bit();
            var y = reader.Bit();
            subsampling = x ? y ? (byte)1 : (byte)2 : y ? (byte)0 : (byte)3;
            return !reader.Bit();
        }

        subsampling = 3;
        return hasSubsampling && !reader.Bit(); // RGB is 4:4:4, which only the odd profiles have
    }
}
