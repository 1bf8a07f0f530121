using System.Buffers.Binary;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Codecs.Captions;

/// <summary>Captions that travel within the pictures.</summary>
[Flags]
public enum CaptionServices : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>CEA-608 in the first field: CC1.</summary>
    FirstField = 1,

    /// <summary>CEA-608 in the second field: CC3.</summary>
    SecondField = 2,

    /// <summary>CEA-708.</summary>
    Digital = 4,

    /// <summary>All there can be.</summary>
    All = FirstField | SecondField | Digital,
}

/// <summary>
/// Finds captions in pictures of H.264 and H.265: supplemental messages registered with ATSC that hold caption data (ANSI/SCTE 128 §8.1, CTA-708 §4.3). It only looks;
/// pictures go on as they are.
/// </summary>
public static class CaptionScan
{
    // Thirty-one triples and what goes before them are 107 bytes; other messages may come first.
    private const int LongestUnit = 1024;
    private const int Registered = 4;

    private static ReadOnlySpan<byte> CaptionHeader => [0xb5, 0x00, 0x31, (byte)'G', (byte)'A', (byte)'9', (byte)'4', 3];

    /// <summary>What captions a picture holds; none for other codecs, for padding alone, and where it is damaged.</summary>
    public static CaptionServices Find(in Frame frame)
    {
        var isAvc = frame.Format.Codec == Codec.H264;
        if (!isAvc && frame.Format.Codec != Codec.H265) return CaptionServices.None;
        var found = CaptionServices.None;
        var units = new LengthPrefixedReader(frame.Payload, 4);
        while (units.TryRead(out var nal))
        {
            if (isAvc)
            {
                if (new H264NalHeader(nal[0]).Type == H264NalType.Sei) found |= FindInUnit(nal[1..]);
            }
            else if (H265NalHeader.TryRead(nal, out var header) && header.Type == H265NalType.PrefixSei)
            {
                found |= FindInUnit(nal[H265NalHeader.Length..]);
            }
        }

        return found;
    }

    // Message after message: type and size, each as so many 255s and a rest (H.264 §7.3.2.3.1).
    private static CaptionServices FindInUnit(ReadOnlySpan<byte> escaped)
    {
        Span<byte> buffer = stackalloc byte[LongestUnit];
        ReadOnlySpan<byte> rest = buffer[..EmulationPrevention.Remove(escaped, buffer)];
        var found = CaptionServices.None;
        while (TryReadNumber(ref rest, out var type) && TryReadNumber(ref rest, out var size) && size <= rest.Length)
        {
            var message = rest[..size];
            rest = rest[size..];
            if (type == Registered && message.StartsWith(CaptionHeader)) found |= FindInData(message[CaptionHeader.Length..]);
        }

        return found;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> bytes, out int number)
    {
        number = 0;
        while (!bytes.IsEmpty)
        {
            var part = bytes[0];
            bytes = bytes[1..];
            number += part;
            if (part < 255) return true;
        }

        return false;
    }

    private static CaptionServices FindInData(ReadOnlySpan<byte> data)
    {
        if (data.Length < 2 || (data[0] & 0x40) == 0) return CaptionServices.None;
        var found = CaptionServices.None;
        var triples = data[2..];
        for (var i = 0; i < (data[0] & 0x1f) && triples.Length >= 3; i++, triples = triples[3..])
        {
            var isValid = (triples[0] & 4) != 0;
            var content = BinaryPrimitives.ReadUInt16BigEndian(triples[1..]);
            var kind = triples[0] & 3;

            // Of what the fields hold the highest bits are parity: nothing but them is padding.
            if (!isValid || (kind < 2 && (content & 0x7f7f) == 0)) continue;
            found |= kind switch { 0 => CaptionServices.FirstField, 1 => CaptionServices.SecondField, _ => CaptionServices.Digital };
        }

        return found;
    }
}
