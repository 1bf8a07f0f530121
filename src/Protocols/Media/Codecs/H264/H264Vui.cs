using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.H264;

/// <summary>The part of the video usability information Sluice reads (H.264 §E.1.1). Each piece counts only if its bits were there.</summary>
internal readonly record struct H264Vui(FrameRate FrameRate, ushort SampleAspectWidth, ushort SampleAspectHeight, int MaxReorderFrames)
{
    private const int ExtendedSampleAspect = 255;
    private const int MaxDecodedFrames = 16;

    public static H264Vui Absent => new(default, 0, 0, -1);

    // Table E-1, width and height by aspect_ratio_idc.
    private static ReadOnlySpan<byte> SampleAspects =>
    [
        0, 0, 1, 1, 12, 11, 10, 11, 16, 11, 40, 33, 24, 11, 20, 11, 32, 11, 80, 33, 18, 11, 15, 11, 64, 33, 160, 99, 4, 3, 3, 2, 2, 1,
    ];

    public static H264Vui Read(ref BitReader reader)
    {
        var vui = Absent;
        if (reader.Bit())
        {
            ReadSampleAspect(ref reader, out var width, out var height);
            if (reader.Overrun) return vui;
            vui = vui with { SampleAspectWidth = width, SampleAspectHeight = height };
        }

        if (reader.Bit()) reader.Skip(1); // overscan
        if (reader.Bit())
        {
            reader.Skip(4); // video_format, range
            if (reader.Bit()) reader.Skip(24);
        }

        if (reader.Bit())
        {
            reader.UnsignedExpGolomb(); // chroma sample location
            reader.UnsignedExpGolomb();
        }

        if (reader.Bit())
        {
            var unitsInTick = reader.Bits(32);
            var timeScale = reader.Bits(32);
            reader.Skip(1);
            if (reader.Overrun) return vui;
            if (unitsInTick is > 0 and <= uint.MaxValue / 2)
            {
                vui = vui with { FrameRate = new FrameRate(timeScale, unitsInTick * 2) }; // a tick is a field
            }
        }

        var nalHrd = reader.Bit();
        if (nalHrd && !TrySkipHrd(ref reader)) return vui;
        var vclHrd = reader.Bit();
        if (vclHrd && !TrySkipHrd(ref reader)) return vui;
        if (nalHrd || vclHrd) reader.Skip(1);
        reader.Skip(1); // pic_struct_present_flag
        if (!reader.Bit()) return vui;
        reader.Skip(1);
        for (var i = 0; i < 4; i++)
        {
            reader.UnsignedExpGolomb(); // limits of sizes and vectors
        }

        var reorder = reader.UnsignedExpGolomb();
        return reader.Overrun || reorder > MaxDecodedFrames ? vui : vui with { MaxReorderFrames = (int)reorder };
    }

    private static void ReadSampleAspect(ref BitReader reader, out ushort width, out ushort height)
    {
        var idc = (int)reader.Bits(8);
        width = 0;
        height = 0;
        if (idc == ExtendedSampleAspect)
        {
            width = (ushort)reader.Bits(16);
            height = (ushort)reader.Bits(16);
        }
        else if (idc * 2 < SampleAspects.Length)
        {
            width = SampleAspects[idc * 2];
            height = SampleAspects[idc * 2 + 1];
        }
    }

    private static bool TrySkipHrd(ref BitReader reader)
    {
        var count = reader.UnsignedExpGolomb();
        if (count > 31) return false;
        reader.Skip(8);
        for (var i = 0; i <= count && !reader.Overrun; i++)
        {
            reader.UnsignedExpGolomb();
            reader.UnsignedExpGolomb();
            reader.Skip(1);
        }

        reader.Skip(20);
        return !reader.Overrun;
    }
}
