using System.Buffers.Binary;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>Copies boxes with what says how samples are encrypted (ISO/IEC 23001-7 §7 and §8, ISO/IEC 14496-12 §8.7.8 and §8.12).</summary>
internal static class ProtectionBoxes
{
    private const uint SchemeVersion = 0x0001_0000;

    // A sample table lies five boxes deep.
    private const int MostNested = 5;

    private const uint HasRanges = 2;
    private const uint HasDataOffset = 1;
    private const uint HasBaseOffset = 1;

    /// <summary>Copies an initialization section whose sample entries become those of encrypted samples; false where it is damaged or has none.</summary>
    public static bool TryWriteInit(BoxBuilder output, ReadOnlySpan<byte> init, ReadOnlySpan<byte> vector)
    {
        var entries = 0;
        return TryCopy(output, init, vector, MostNested, ref entries) && entries > 0;
    }

    /// <summary>Copies the box of a fragment of one track and says behind its runs how the samples are encrypted; moves what points behind it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="moof">The payload of the plain box.</param>
    /// <param name="length">Bytes of the plain box.</param>
    /// <param name="samples">What was done to the samples.</param>
    public static bool TryWriteMoof(BoxBuilder output, ReadOnlySpan<byte> moof, int length, SampleProtection samples)
    {
        var start = output.Begin(BoxType.Moof);
        var runs = new List<(int At, int Offset)>();
        var tracks = 0;
        var reader = new BoxReader(moof);
        while (reader.TryRead(out var box))
        {
            if (box.Type != BoxType.Traf)
            {
                output.Bytes(moof[box.Offset..reader.Position]);
                continue;
            }

            tracks++;
            var traf = output.Begin(BoxType.Traf);
            if (!TryCopyTrack(output, box.Payload, runs)) return false;
            if (samples.HasRanges) WriteDescriptions(output, start, samples);
            output.End(traf);
        }

        output.End(start);
        if (reader.Malformed || tracks != 1) return false;
        var moved = output.Length - start - length;
        foreach (var (at, offset) in runs) output.PatchU32(at, (uint)(offset + moved));
        return true;
    }

    private static bool TryCopy(BoxBuilder output, ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> vector, int depth, ref int entries)
    {
        var reader = new BoxReader(boxes);
        while (reader.TryRead(out var box))
        {
            switch (box.Type)
            {
                case BoxType.Moov or BoxType.Trak or BoxType.Mdia or BoxType.Minf or BoxType.Stbl when depth > 0:
                    var copy = output.Begin(box.Type);
                    if (!TryCopy(output, box.Payload, vector, depth - 1, ref entries)) return false;
                    output.End(copy);
                    break;
                case BoxType.Stsd:
                    if (box.Payload.Length < 8) return false;
                    var table = output.Begin(BoxType.Stsd);
                    output.Bytes(box.Payload[..8]);
                    var entry = new BoxReader(box.Payload[8..]);
                    while (entry.TryRead(out var plain))
                    {
                        WriteEntry(output, in plain, vector);
                        entries++;
                    }

                    if (entry.Malformed) return false;
                    output.End(table);
                    break;
                default:
                    output.Bytes(boxes[box.Offset..reader.Position]);
                    break;
            }
        }

        return !reader.Malformed;
    }

    private static void WriteEntry(BoxBuilder output, in Box plain, ReadOnlySpan<byte> vector)
    {
        var isSound = plain.Type is BoxType.Mp4a or BoxType.Opus;
        var entry = output.Begin(isSound ? BoxType.Enca : BoxType.Encv);
        output.Bytes(plain.Payload);
        var sinf = output.Begin(BoxType.Sinf);
        var frma = output.Begin(BoxType.Frma);
        output.U32(plain.Type);
        output.End(frma);
        var schm = output.Begin(BoxType.Schm, 0);
        output.U32(BoxType.Cbcs);
        output.U32(SchemeVersion);
        output.End(schm);
        var schi = output.Begin(BoxType.Schi);
        var tenc = output.Begin(BoxType.Tenc, 1);
        output.U8(0);
        output.U8(isSound ? 0 : SampleProtection.CryptBlocks << 4 | SampleProtection.SkipBlocks);
        output.U8(1); // samples are encrypted
        output.U8(0); // and have no vector of their own
        output.Zeros(CmafProtection.KeyLength); // the key is named by the playlist
        output.U8(vector.Length);
        output.Bytes(vector);
        output.End(tenc);
        output.End(schi);
        output.End(sinf);
        output.End(entry);
    }

    private static bool TryCopyTrack(BoxBuilder output, ReadOnlySpan<byte> traf, List<(int At, int Offset)> runs)
    {
        var reader = new BoxReader(traf);
        var isPlaced = false;
        while (reader.TryRead(out var box))
        {
            var raw = traf[box.Offset..reader.Position];
            output.Bytes(raw);

            // Something comes behind it: it cannot be the box that goes on to the end. What is encrypted already is not encrypted again.
            if (BinaryPrimitives.ReadUInt32BigEndian(raw) == 0 || box.Type is BoxType.Saiz or BoxType.Saio or BoxType.Senc) return false;
            if (box.Type == BoxType.Tfhd && (!box.TryReadFull(out _, out var said, out _) || (said & HasBaseOffset) != 0)) return false;
            if (box.Type != BoxType.Trun) continue;
            if (!box.TryReadFull(out _, out var flags, out var rest) || rest.Length < 8) return false;

            // A run that does not say where it lies goes on where the one before ends.
            if ((flags & HasDataOffset) == 0 && !isPlaced) return false;
            isPlaced = true;
            if ((flags & HasDataOffset) == 0) continue;
            runs.Add((output.Length - box.Payload.Length + 8, BinaryPrimitives.ReadInt32BigEndian(rest[4..])));
        }

        return !reader.Malformed;
    }

    // saiz: how much is said of each sample. saio: where. senc: what.
    private static void WriteDescriptions(BoxBuilder output, int moof, SampleProtection samples)
    {
        var first = samples.Samples == 0 ? 0 : samples.DescriptionLength(0);
        var isSame = true;
        for (var i = 1; i < samples.Samples; i++) isSame &= samples.DescriptionLength(i) == first;
        var saiz = output.Begin(BoxType.Saiz, 0);
        output.U8(isSame ? first : 0);
        output.U32((uint)samples.Samples);
        for (var i = 0; i < samples.Samples && !isSame; i++) output.U8(samples.DescriptionLength(i));
        output.End(saiz);
        var saio = output.Begin(BoxType.Saio, 0);
        output.U32(1);
        var offset = output.Length;
        output.U32(0);
        output.End(saio);
        var senc = output.Begin(BoxType.Senc, 0, HasRanges);
        output.U32((uint)samples.Samples);
        output.PatchU32(offset, (uint)(output.Length - moof));
        samples.WriteDescriptions(output);
        output.End(senc);
    }
}
