namespace Sluice.Protocols.Media.Codecs.Vp8;

/// <summary>The uncompressed bytes at the front of a VP8 frame (RFC 6386 §9.1).</summary>
/// <param name="IsKeyframe">Decoding can begin here.</param>
/// <param name="Version">The bitstream version, 0 to 3.</param>
/// <param name="IsShown">False for frames that only serve as reference.</param>
/// <param name="FirstPartitionLength">Bytes of the first partition.</param>
/// <param name="Resolution">The size; empty for all but keyframes.</param>
public readonly record struct Vp8FrameHeader(
    bool IsKeyframe, byte Version, bool IsShown, int FirstPartitionLength, Resolution Resolution)
{
    private const int TagLength = 3;
    private const int KeyframeLength = 10;

    /// <summary>
    /// Parses the front of a frame: 3 bytes, and 10 of a keyframe. False where it is shorter, has an unknown version, or a keyframe lacks
    /// its start code or has no size.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> frame, out Vp8FrameHeader header)
    {
        header = default;
        if (frame.Length < TagLength) return false;
        var tag = frame[0] | frame[1] << 8 | frame[2] << 16;
        var isKeyframe = (tag & 1) == 0;
        var version = tag >> 1 & 7;
        var resolution = default(Resolution);
        if (version > 3) return false;
        if (isKeyframe)
        {
            if (frame.Length < KeyframeLength || frame[3] != 0x9d || frame[4] != 0x01 || frame[5] != 0x2a) return false;
            var width = (frame[6] | frame[7] << 8) & 0x3fff; // the two upper bits ask for scaling
            var height = (frame[8] | frame[9] << 8) & 0x3fff;
            if (!Resolution.TryCreate(width, height, out resolution)) return false;
        }

        header = new Vp8FrameHeader(isKeyframe, (byte)version, (tag & 0x10) != 0, tag >> 5, resolution);
        return true;
    }
}
