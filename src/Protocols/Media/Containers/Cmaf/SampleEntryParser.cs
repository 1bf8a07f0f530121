using System.Diagnostics.CodeAnalysis;
using Sluice.Protocols.Media.Codecs.Aac;
using Sluice.Protocols.Media.Codecs.Opus;
using Sluice.Protocols.Media.Codecs.Vp9;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>Reads a sample entry into the format of its frames.</summary>
internal static class SampleEntryParser
{
    private const int VisualLength = 78;
    private const int AudioLength = 28;

    /// <summary>Reads an entry; false where the codec is none of ours or its configuration is missing, damaged or too long.</summary>
    public static bool TryParse(in Box entry, int timescale, [NotNullWhen(true)] out FrameFormat? format)
    {
        format = entry.Type switch
        {
            BoxType.Avc1 or BoxType.Avc3 => ReadVisual(entry.Payload, Codec.H264, BoxType.AvcC, timescale),
            BoxType.Hvc1 or BoxType.Hev1 => ReadVisual(entry.Payload, Codec.H265, BoxType.HvcC, timescale),
            BoxType.Av01 => ReadVisual(entry.Payload, Codec.Av1, BoxType.Av1C, timescale),
            BoxType.Vp08 => ReadVisual(entry.Payload, Codec.Vp8, BoxType.VpcC, timescale),
            BoxType.Vp09 => ReadVisual(entry.Payload, Codec.Vp9, BoxType.VpcC, timescale),
            BoxType.Mp4a => ReadAac(entry.Payload, timescale),
            BoxType.Opus => ReadOpus(entry.Payload, timescale),
            _ => null,
        };
        return format is not null && SampleEntry.IsSupported(format);
    }

    private static FrameFormat? ReadVisual(ReadOnlySpan<byte> entry, Codec codec, uint configurationType, int timescale)
    {
        if (entry.Length < VisualLength || !BoxReader.TryFind(entry[VisualLength..], configurationType, out var box)) return null;
        var configuration = box.Payload;
        if (configurationType == BoxType.VpcC)
        {
            // Without the version and flags of its box. Without a version 1 it is of a draft.
            if (configuration is not [1, 0, 0, 0, ..] || !VpConfiguration.TryParse(configuration[4..], out _)) return null;
            configuration = configuration[4..];
        }

        if (configuration.Length > FrameFormat.MaxConfiguration) return null;
        Resolution.TryCreate(entry[24] << 8 | entry[25], entry[26] << 8 | entry[27], out var resolution);
        return new FrameFormat(codec, timescale, 0, resolution, configuration);
    }

    // The boxes of the entry, behind the fields of QuickTime's sound versions 1 and 2 where a file has them.
    private static ReadOnlySpan<byte> BoxesOfAudio(ReadOnlySpan<byte> entry)
    {
        if (entry.Length < AudioLength) return default;
        var extra = entry[9] switch
        {
            1 => 16,
            2 => 36,
            _ => 0,
        };
        return entry.Length < AudioLength + extra ? default : entry[(AudioLength + extra)..];
    }

    private static FrameFormat? ReadAac(ReadOnlySpan<byte> entry, int timescale)
    {
        var boxes = BoxesOfAudio(entry);
        if (!BoxReader.TryFind(boxes, BoxType.Esds, out var esds)
            && !(BoxReader.TryFind(boxes, BoxType.Wave, out var wave) && BoxReader.TryFind(wave.Payload, BoxType.Esds, out esds))) return null;
        if (!esds.TryReadFull(out _, out _, out var descriptors) || !TryFindConfiguration(descriptors, out var configuration)) return null;
        if (configuration.Length > FrameFormat.MaxConfiguration || !AudioSpecificConfig.TryParse(configuration, out var aac)) return null;
        var channels = aac.OutputChannels > 0 ? aac.OutputChannels : entry[16] << 8 | entry[17];
        return new FrameFormat(Codec.Aac, timescale, channels, default, configuration);
    }

    // ES_Descriptor, in it DecoderConfigDescriptor, in it DecoderSpecificInfo (ISO/IEC 14496-1 §7.2.6).
    private static bool TryFindConfiguration(ReadOnlySpan<byte> descriptors, out ReadOnlySpan<byte> configuration)
    {
        configuration = default;
        if (!TryFindDescriptor(descriptors, 3, out var stream) || stream.Length < 3) return false;
        var flags = stream[2];
        var skip = 3 + ((flags & 0x80) != 0 ? 2 : 0);
        if ((flags & 0x40) != 0) skip += stream.Length > skip ? 1 + stream[skip] : 1;
        if ((flags & 0x20) != 0) skip += 2;
        if (skip > stream.Length || !TryFindDescriptor(stream[skip..], 4, out var decoder) || decoder.Length < 13) return false;
        return decoder[0] is 0x40 or 0x67 && TryFindDescriptor(decoder[13..], 5, out configuration);
    }

    private static bool TryFindDescriptor(ReadOnlySpan<byte> bytes, byte tag, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        var reader = new ByteReader(bytes);
        while (reader.TryReadU8(out var found))
        {
            var length = 0;
            for (var i = 0; i < 4; i++)
            {
                if (!reader.TryReadU8(out var part)) return false;
                length = length << 7 | part & 0x7f;
                if (part < 0x80) break;
            }

            if (!reader.TryReadBytes(length, out payload)) return false;
            if (found == tag) return true;
        }

        return false;
    }

    // The box has OpusHead's fields in the other byte order, with version 0.
    private static FrameFormat? ReadOpus(ReadOnlySpan<byte> entry, int timescale)
    {
        if (!BoxReader.TryFind(BoxesOfAudio(entry), BoxType.DOps, out var box)) return null;
        var fields = box.Payload;
        if (fields.Length is < 11 or > 11 + 2 + 255 || fields[0] != 0) return null;
        Span<byte> head = stackalloc byte[8 + fields.Length];
        "OpusHead"u8.CopyTo(head);
        fields.CopyTo(head[8..]);
        head[8] = 1;
        head[10..12].Reverse();
        head[12..16].Reverse();
        head[16..18].Reverse();
        return OpusHead.TryParse(head, out var opus) ? new FrameFormat(Codec.Opus, timescale, opus.Channels, default, head) : null;
    }
}
