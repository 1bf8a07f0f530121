using Sluice.Protocols.Media.Codecs.Aac;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Media.Codecs.Opus;
using Sluice.Protocols.Media.Codecs.Vp9;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>Writes the sample entry of a format (ISO/IEC 14496-12 §8.5.2, 14496-14 §5.6, 14496-15 §5.4 and §8.4, the bindings of AV1, VP9 and Opus).</summary>
internal static class SampleEntry
{
    private const int DefaultPreSkip = 312;
    private const uint Unspecified = 2; // H.273, of primaries, transfer and matrix alike

    /// <summary>The format can be written: its codec has a place in MP4 and its configuration is whole.</summary>
    public static bool IsSupported(FrameFormat format) => format.ClockRate > 0 && format.Codec switch
    {
        Codec.H264 => AvcConfiguration.TryParse(format.Configuration, out var avc) && avc.LengthSize == 4,
        Codec.H265 => HevcConfiguration.TryParse(format.Configuration, out var hevc) && hevc.LengthSize == 4,
        Codec.Av1 => Av1Configuration.TryParse(format.Configuration, out _),
        Codec.Vp8 or Codec.Vp9 => format.Configuration.IsEmpty || VpConfiguration.TryParse(format.Configuration, out _),
        Codec.Opus => format.Configuration.IsEmpty ? format.Channels is 1 or 2 : OpusHead.TryParse(format.Configuration, out _),
        Codec.Aac => AudioSpecificConfig.TryParse(format.Configuration, out _),
        _ => false,
    };

    /// <summary>Writes the entry of a format that <see cref="IsSupported"/>.</summary>
    public static void Write(BoxBuilder boxes, FrameFormat format)
    {
        if (format.Codec == Codec.Aac)
        {
            WriteAac(boxes, format);
            return;
        }

        if (format.Codec == Codec.Opus)
        {
            WriteOpus(boxes, format);
            return;
        }

        var (entry, configuration) = format.Codec switch
        {
            Codec.H264 => (BoxType.Avc1, BoxType.AvcC),
            Codec.H265 => (BoxType.Hvc1, BoxType.HvcC),
            Codec.Av1 => (BoxType.Av01, BoxType.Av1C),
            Codec.Vp8 => (BoxType.Vp08, BoxType.VpcC),
            Codec.Vp9 => (BoxType.Vp09, BoxType.VpcC),
            _ => throw new ArgumentException($"{format.Codec} has no sample entry.", nameof(format)),
        };
        WriteVisual(boxes, format, entry, configuration);
    }

    /// <summary>The size a picture has in its own samples, and the shape of a sample (1:1 where unknown).</summary>
    public static (Resolution Coded, int SampleWidth, int SampleHeight) PictureOf(FrameFormat format)
    {
        var size = format.Resolution;
        if (format.Codec == Codec.H264 && AvcConfiguration.TryParse(format.Configuration, out var avc))
        {
            var sets = avc.SequenceSets;
            if (sets.TryRead(out var nal) && H264Sps.TryParse(nal, out var sps))
            {
                var known = sps is { SampleAspectWidth: > 0, SampleAspectHeight: > 0 };
                return (size.IsEmpty ? sps.Resolution : size, known ? sps.SampleAspectWidth : 1, known ? sps.SampleAspectHeight : 1);
            }
        }
        else if (size.IsEmpty && format.Codec == Codec.H265 && HevcConfiguration.TryParse(format.Configuration, out var hevc))
        {
            var sets = hevc.Sets;
            while (sets.TryRead(out _, out var nal))
            {
                if (H265Sps.TryParse(nal, out var sps)) return (sps.Resolution, 1, 1);
            }
        }
        else if (size.IsEmpty && format.Codec == Codec.Av1 && Av1Configuration.TryParse(format.Configuration, out var av1))
        {
            var units = new Av1ObuReader(av1.Units);
            while (units.TryRead(out var unit))
            {
                if (unit.Header.Type == Av1ObuType.SequenceHeader && Av1SequenceHeader.TryParse(unit.Payload, out var header))
                {
                    return (header.Resolution, 1, 1);
                }
            }
        }

        return (size, 1, 1);
    }

    private static void WriteVisual(BoxBuilder boxes, FrameFormat format, uint entryType, uint configurationType)
    {
        var (size, sampleWidth, sampleHeight) = PictureOf(format);
        var entry = boxes.Begin(entryType);
        boxes.Zeros(6);
        boxes.U16(1); // data_reference_index
        boxes.Zeros(16);
        boxes.U16(size.Width);
        boxes.U16(size.Height);
        boxes.U32(0x0048_0000); // 72 dots an inch, both ways
        boxes.U32(0x0048_0000);
        boxes.U32(0);
        boxes.U16(1); // frame_count
        boxes.Zeros(32); // compressorname
        boxes.U16(0x18); // depth
        boxes.U16(0xffff);
        if (configurationType == BoxType.VpcC)
        {
            WriteVp(boxes, format, size);
        }
        else
        {
            var configuration = boxes.Begin(configurationType);
            boxes.Bytes(format.Configuration);
            boxes.End(configuration);
        }

        if (sampleWidth != sampleHeight)
        {
            var pasp = boxes.Begin(BoxType.Pasp);
            boxes.U32((uint)sampleWidth);
            boxes.U32((uint)sampleHeight);
            boxes.End(pasp);
        }

        boxes.End(entry);
    }

    private static void WriteVp(BoxBuilder boxes, FrameFormat format, Resolution size)
    {
        var known = VpConfiguration.TryParse(format.Configuration, out var vp);
        if (!known) vp = VpConfiguration.Of(0, 8, 1, size);
        var box = boxes.Begin(BoxType.VpcC, 1);
        boxes.U8(vp.Profile);
        boxes.U8(vp.Level == 0 ? VpConfiguration.LevelOf(size) : vp.Level);
        boxes.U8(vp.BitDepth << 4 | vp.ChromaSubsampling << 1 | (vp.IsFullRange ? 1 : 0));
        boxes.U8(vp.Primaries);
        boxes.U8(vp.Transfer);
        boxes.U8(vp.Matrix);
        boxes.U16(0); // codecInitializationDataSize, always 0 for VP8 and VP9
        boxes.End(box);
        if (!known || vp is { Primaries: (byte)Unspecified, Transfer: (byte)Unspecified, Matrix: (byte)Unspecified }) return;
        var colr = boxes.Begin(BoxType.Colr);
        boxes.U32(BoxType.Nclx);
        boxes.U16(vp.Primaries);
        boxes.U16(vp.Transfer);
        boxes.U16(vp.Matrix);
        boxes.U8(vp.IsFullRange ? 0x80 : 0);
        boxes.End(colr);
    }

    private static int BeginAudio(BoxBuilder boxes, uint type, int channels, int rate)
    {
        var entry = boxes.Begin(type);
        boxes.Zeros(6);
        boxes.U16(1); // data_reference_index
        boxes.Zeros(8);
        boxes.U16(channels);
        boxes.U16(16); // samplesize
        boxes.U32(0);
        boxes.U32(rate <= ushort.MaxValue ? (uint)rate << 16 : 0);
        return entry;
    }

    // The lengths of descriptors take the four-byte form, which every reader knows and which needs no second pass.
    private static void WriteAac(BoxBuilder boxes, FrameFormat format)
    {
        var configuration = format.Configuration;
        var entry = BeginAudio(boxes, BoxType.Mp4a, Math.Max(1, format.Channels), format.ClockRate);
        var esds = boxes.Begin(BoxType.Esds, 0);
        WriteDescriptor(boxes, 3, 3 + 5 + 13 + 5 + configuration.Length + 5 + 1);
        boxes.U16(0); // ES_ID
        boxes.U8(0);
        WriteDescriptor(boxes, 4, 13 + 5 + configuration.Length);
        boxes.U8(0x40); // MPEG-4 audio
        boxes.U8(0x15); // an audio stream
        boxes.Zeros(3 + 4 + 4); // buffer and bit rates: not known of a live stream
        WriteDescriptor(boxes, 5, configuration.Length);
        boxes.Bytes(configuration);
        WriteDescriptor(boxes, 6, 1);
        boxes.U8(2); // the sync layer MP4 always has
        boxes.End(esds);
        boxes.End(entry);
    }

    private static void WriteDescriptor(BoxBuilder boxes, byte tag, int length)
    {
        boxes.U8(tag);
        boxes.U8(length >> 21 & 0x7f | 0x80);
        boxes.U8(length >> 14 & 0x7f | 0x80);
        boxes.U8(length >> 7 & 0x7f | 0x80);
        boxes.U8(length & 0x7f);
    }

    private static void WriteOpus(BoxBuilder boxes, FrameFormat format)
    {
        var configuration = format.Configuration;
        if (!OpusHead.TryParse(configuration, out var head))
        {
            head = new OpusHead((byte)format.Channels, DefaultPreSkip, 48_000, 0, 0, 1, (byte)(format.Channels - 1));
        }

        var entry = BeginAudio(boxes, BoxType.Opus, head.Channels, 48_000);
        var box = boxes.Begin(BoxType.DOps);
        boxes.U8(0); // version
        boxes.U8(head.Channels);
        boxes.U16(head.PreSkip);
        boxes.U32(head.InputSampleRate);
        boxes.U16(head.OutputGain);
        boxes.U8(head.MappingFamily);
        if (head.MappingFamily != 0) boxes.Bytes(configuration.Slice(OpusHead.MinLength, 2 + head.Channels));
        boxes.End(box);
        boxes.End(entry);
    }
}
