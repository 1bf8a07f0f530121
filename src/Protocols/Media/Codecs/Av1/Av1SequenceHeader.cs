using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.Av1;

/// <summary>The front of a sequence header (AV1 §5.5.1).</summary>
/// <param name="Profile">0 Main, 1 High, 2 Professional.</param>
/// <param name="LevelIndex">seq_level_idx of the first operating point.</param>
/// <param name="IsHighTier">seq_tier of the first operating point.</param>
/// <param name="IsReducedStill">Frame headers are of the reduced kind: every frame is a keyframe.</param>
/// <param name="OperatingPoints">How many operating points; 1 without scalability.</param>
/// <param name="Resolution">The largest frame size.</param>
public readonly record struct Av1SequenceHeader(
    byte Profile, byte LevelIndex, bool IsHighTier, bool IsReducedStill, int OperatingPoints, Resolution Resolution)
{
    /// <summary>Parses the payload of a sequence header unit. False where it is too short or has an absurd size or unknown profile.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out Av1SequenceHeader header)
    {
        var reader = new BitReader(payload);
        return TryRead(ref reader, out header);
    }

    /// <summary>Reads up to the frame size; the reader stands behind it then.</summary>
    internal static bool TryRead(ref BitReader reader, out Av1SequenceHeader header)
    {
        header = default;
        var profile = (byte)reader.Bits(3);
        if (profile > 2) return false;
        reader.Skip(1); // still_picture
        var isReducedStill = reader.Bit();
        byte level = 0;
        var isHighTier = false;
        var points = 1;
        if (isReducedStill)
        {
            level = (byte)reader.Bits(5);
        }
        else
        {
            var delayLength = ReadTiming(ref reader);
            ReadOperatingPoints(ref reader, delayLength, out points, out level, out isHighTier);
        }

        var widthBits = (int)reader.Bits(4) + 1;
        var heightBits = (int)reader.Bits(4) + 1;
        var width = reader.Bits(widthBits) + 1L;
        var height = reader.Bits(heightBits) + 1L;
        if (reader.Overrun || !Resolution.TryCreate(width, height, out var resolution)) return false;
        header = new Av1SequenceHeader(profile, level, isHighTier, isReducedStill, points, resolution);
        return true;
    }

    // Gives the length of the decoder model's delay fields, 0 where there is no decoder model.
    private static int ReadTiming(ref BitReader reader)
    {
        if (!reader.Bit()) return 0;
        reader.Skip(64); // display tick and time scale
        if (reader.Bit())
        {
            reader.UnsignedExpGolomb(); // num_ticks_per_picture_minus_1, same code as uvlc()
        }

        if (!reader.Bit()) return 0;
        var delayLength = (int)reader.Bits(5) + 1;
        reader.Skip(32 + 5 + 5);
        return delayLength;
    }

    private static void ReadOperatingPoints(ref BitReader reader, int delayLength, out int points, out byte level, out bool isHighTier)
    {
        level = 0;
        isHighTier = false;
        var hasDisplayDelay = reader.Bit();
        points = (int)reader.Bits(5) + 1;
        for (var i = 0; i < points && !reader.Overrun; i++)
        {
            reader.Skip(12); // operating_point_idc
            var pointLevel = (byte)reader.Bits(5);
            var pointTier = pointLevel > 7 && reader.Bit();
            if (delayLength > 0 && reader.Bit()) reader.Skip(delayLength * 2 + 1);
            if (hasDisplayDelay && reader.Bit()) reader.Skip(4);
            if (i > 0) continue;
            level = pointLevel;
            isHighTier = pointTier;
        }
    }
}
