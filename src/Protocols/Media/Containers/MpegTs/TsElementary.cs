using System.Buffers;
using System.Buffers.Binary;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.Aac;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Containers.MpegTs;

/// <summary>
/// Turns frames of the normal form into what a transport stream carries: NAL units behind start codes with a delimiter before each access unit and the parameter
/// sets before each key picture (H.264 annex B, H.265 annex B; ISO/IEC 13818-1 §2.14, §2.17), AAC behind ADTS headers (ISO/IEC 14496-3 §1.A.2.2).
/// </summary>
internal static class TsElementary
{
    private const int AdtsLength = 7;
    private const int LongestAdts = (1 << 13) - 1;

    private static ReadOnlySpan<int> Rates => [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

    /// <summary>True where frames of a format can be carried.</summary>
    public static bool CanCarry(FrameFormat format) => format.ClockRate > 0 && format.Codec switch
    {
        Codec.H264 => AvcConfiguration.TryParse(format.Configuration, out var avc) && avc.LengthSize == 4,
        Codec.H265 => HevcConfiguration.TryParse(format.Configuration, out var hevc) && hevc.LengthSize == 4,
        Codec.Aac => TryReadAac(format, out _, out _, out _),
        _ => false,
    };

    /// <summary>Appends a picture; false, with nothing appended, where its units cannot be told apart.</summary>
    public static bool TryAddPicture(ArrayBufferWriter<byte> output, in Frame frame)
    {
        var isAvc = frame.Format.Codec == Codec.H264;
        var check = new LengthPrefixedReader(frame.Payload, 4);
        var units = 0;
        while (check.TryRead(out var nal)) units += IsDelimiter(nal, isAvc) ? 0 : 1;
        if (check.Malformed || units == 0) return false;
        output.Write(isAvc ? [0, 0, 0, 1, 0x09, 0xf0] : [0, 0, 0, 1, 0x46, 0x01, 0x50]);
        if (frame.IsKeyframe) AddSets(output, frame.Format);
        var reader = new LengthPrefixedReader(frame.Payload, 4);
        while (reader.TryRead(out var nal))
        {
            if (!IsDelimiter(nal, isAvc)) AddUnit(output, nal);
        }

        return true;
    }

    /// <summary>Appends a packet of AAC; false, with nothing appended, where it is empty or too long for the header.</summary>
    public static bool TryAddSound(ArrayBufferWriter<byte> output, in Frame frame)
    {
        if (!TryReadAac(frame.Format, out var profile, out var rate, out var channels)) return false;
        var length = AdtsLength + frame.Payload.Length;
        if (frame.Payload.IsEmpty || length > LongestAdts) return false;
        var header = output.GetSpan(AdtsLength);
        header[0] = 0xff;
        header[1] = 0xf1; // MPEG-4, no CRC
        header[2] = (byte)(profile << 6 | rate << 2 | channels >> 2);
        header[3] = (byte)(channels << 6 | length >> 11);
        header[4] = (byte)(length >> 3);
        header[5] = (byte)(length << 5 | 0x1f); // fullness unknown, as with a variable rate
        header[6] = 0xfc;
        output.Advance(AdtsLength);
        output.Write(frame.Payload);
        return true;
    }

    // Replication needs no word: decoders find it. What the header has no number for stays out.
    private static bool TryReadAac(FrameFormat format, out int profile, out int rate, out int channels)
    {
        profile = rate = channels = 0;
        if (!AudioSpecificConfig.TryParse(format.Configuration, out var aac) || aac.ObjectType is < 1 or > 4 || aac.SamplesPerFrame != 1024) return false;
        profile = aac.ObjectType - 1;
        rate = Rates.IndexOf(aac.SampleRate);
        channels = aac.Channels == 8 ? 7 : aac.Channels;
        return rate >= 0 && channels is >= 1 and <= 7 && (aac.Channels != 7);
    }

    private static bool IsDelimiter(ReadOnlySpan<byte> nal, bool isAvc) =>
        isAvc ? new H264NalHeader(nal[0]).Type == H264NalType.AccessUnitDelimiter
        : !H265NalHeader.TryRead(nal, out var header) || header.Type == H265NalType.AccessUnitDelimiter;

    private static void AddSets(ArrayBufferWriter<byte> output, FrameFormat format)
    {
        if (format.Codec == Codec.H264)
        {
            if (!AvcConfiguration.TryParse(format.Configuration, out var avc)) return;
            var sets = avc.SequenceSets;
            while (sets.TryRead(out var nal)) AddUnit(output, nal);
            sets = avc.PictureSets;
            while (sets.TryRead(out var nal)) AddUnit(output, nal);
            return;
        }

        if (!HevcConfiguration.TryParse(format.Configuration, out var hevc)) return;
        var all = hevc.Sets;
        while (all.TryRead(out _, out var nal)) AddUnit(output, nal);
    }

    private static void AddUnit(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> nal)
    {
        if (nal.IsEmpty) return;
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(4), 1);
        output.Advance(4);
        output.Write(nal);
    }
}
