using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Testing.Media;

/// <summary>
/// Opens encrypted CMAF of one track by ISO/IEC 23001-7 alone: block by block, finding what is said of samples by <c>saiz</c> and <c>saio</c>. Shares nothing with
/// what encrypts. Throws where a box is missing or does not fit.
/// </summary>
public static class ProtectedSamples
{
    private const int Block = 16;

    private readonly record struct Scheme(int Crypt, int Skip, byte[] Vector);

    /// <summary>The plain samples, in order.</summary>
    public static List<byte[]> Open(byte[] init, byte[] chunks, byte[] key)
    {
        var scheme = SchemeOf(init);
        using var cipher = Aes.Create();
        cipher.Key = key;
        var samples = new List<byte[]>();
        (int Start, byte[] Payload)? moof = null;
        foreach (var (type, start, payload) in Boxes(chunks))
        {
            if (type == "moof") moof = (start, payload);
            if (type == "mdat") OpenChunk(chunks, moof!.Value.Start, moof.Value.Payload, scheme, cipher, samples);
        }

        return samples;
    }

    /// <summary>The payload of the first box on a path; sample entries are found by their place.</summary>
    public static byte[] Find(byte[] bytes, string path)
    {
        foreach (var step in path.Split('/'))
        {
            bytes = Boxes(bytes).First(b => b.Type == step).Payload;
            bytes = step switch { "stsd" => bytes[8..], "encv" => bytes[78..], "enca" => bytes[28..], _ => bytes };
        }

        return bytes;
    }

    private static Scheme SchemeOf(byte[] init)
    {
        var entries = Find(init, "moov/trak/mdia/minf/stbl/stsd");
        var sinf = Find(entries, Boxes(entries)[0].Type + "/sinf");
        Require(Encoding.ASCII.GetString(Find(sinf, "schm")[4..8]) == "cbcs", "the scheme is cbcs");
        var tenc = Find(sinf, "schi/tenc");
        Require(tenc[0] == 1 && tenc[6] == 1 && tenc[7] == 0 && tenc[24] == Block && tenc.Length == 25 + Block, "one vector is for all samples");
        return new Scheme(tenc[5] >> 4, tenc[5] & 15, tenc[25..]);
    }

    private static void OpenChunk(byte[] chunks, int moof, byte[] payload, Scheme scheme, Aes cipher, List<byte[]> samples)
    {
        var traf = Boxes(payload).Single(b => b.Type == "traf").Payload;
        var tfhd = Find(traf, "tfhd");
        var (flags, at) = (Word(tfhd, 0), 8);
        if ((flags & 2) != 0) at += 4;
        if ((flags & 8) != 0) at += 4;
        var usual = (flags & 0x10) != 0 ? Word(tfhd, at) : 0;
        var ranges = Boxes(traf).Any(b => b.Type == "senc") ? new Queue<byte[]>(Descriptions(chunks, moof, traf)) : null;
        var data = moof;
        foreach (var (type, _, trun) in Boxes(traf))
        {
            if (type != "trun") continue;
            var said = Word(trun, 0);
            var field = 8;
            if ((said & 1) != 0) data = moof + (int)Word(trun, field);
            field += ((said & 1) != 0 ? 4 : 0) + ((said & 4) != 0 ? 4 : 0);
            for (var i = 0; i < Word(trun, 4); i++)
            {
                if ((said & 0x100) != 0) field += 4;
                var size = (int)((said & 0x200) != 0 ? Word(trun, field) : usual);
                field += ((said & 0x200) != 0 ? 4 : 0) + ((said & 0x400) != 0 ? 4 : 0) + ((said & 0x800) != 0 ? 4 : 0);
                var sample = chunks.AsSpan(data, size).ToArray();
                data += size;
                Open(sample, ranges?.Dequeue(), scheme, cipher);
                samples.Add(sample);
            }
        }

        Require(ranges is null or { Count: 0 }, "each description is of a sample");
    }

    private static List<byte[]> Descriptions(byte[] chunks, int moof, byte[] traf)
    {
        var (saiz, saio) = (Find(traf, "saiz"), Find(traf, "saio"));
        Require(Word(saiz, 0) == 0 && Word(saio, 0) == 0 && Word(saio, 4) == 1, "sizes and place are of the plain form");
        var at = moof + (int)Word(saio, 8);
        var count = (int)BinaryPrimitives.ReadUInt32BigEndian(saiz.AsSpan(5));
        var senc = Find(traf, "senc");
        Require(Word(senc, 0) == 2 && Word(senc, 4) == count, "senc has ranges of as many samples");
        var all = new List<byte[]>();
        var told = 8;
        for (var i = 0; i < count; i++)
        {
            var size = saiz[4] > 0 ? saiz[4] : saiz[9 + i];
            all.Add(chunks[at..(at + size)]);
            Require(all[^1].AsSpan().SequenceEqual(senc.AsSpan(told, size)), "saio points into senc");
            at += size;
            told += size;
        }

        Require(told == senc.Length && saiz.Length == (saiz[4] > 0 ? 9 : 9 + count), "nothing is left over");
        return all;
    }

    private static void Open(Span<byte> sample, byte[]? ranges, Scheme scheme, Aes cipher)
    {
        if (ranges is null)
        {
            Require(scheme is { Crypt: 0, Skip: 0 }, "whole samples have no pattern");
            OpenRange(sample, scheme, cipher);
            return;
        }

        var count = BinaryPrimitives.ReadUInt16BigEndian(ranges);
        Require(ranges.Length == 2 + 6 * count, "as many ranges as there is room for");
        for (var i = 0; i < count; i++)
        {
            sample = sample[BinaryPrimitives.ReadUInt16BigEndian(ranges.AsSpan(2 + 6 * i))..];
            var length = (int)Word(ranges, 4 + 6 * i);
            OpenRange(sample[..length], scheme, cipher);
            sample = sample[length..];
        }

        Require(sample.IsEmpty, "ranges fill the sample");
    }

    private static void OpenRange(Span<byte> range, Scheme scheme, Aes cipher)
    {
        var before = scheme.Vector;
        for (var (at, n) = (0, 0); at + Block <= range.Length; at += Block, n++)
        {
            if (scheme.Crypt > 0 && n % (scheme.Crypt + scheme.Skip) >= scheme.Crypt) continue;
            var block = range.Slice(at, Block).ToArray();
            var plain = cipher.DecryptEcb(block, PaddingMode.None);
            for (var i = 0; i < Block; i++) range[at + i] = (byte)(plain[i] ^ before[i]);
            before = block;
        }
    }

    private static List<(string Type, int Start, byte[] Payload)> Boxes(byte[] bytes)
    {
        var boxes = new List<(string, int, byte[])>();
        for (var at = 0; at < bytes.Length;)
        {
            long size = Word(bytes, at);
            var head = size == 1 ? 16 : 8;
            if (size == 1) size = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at + 8));
            if (size == 0) size = bytes.Length - at;
            Require(size >= head && size <= bytes.Length - at, "a box fits");
            boxes.Add((Encoding.Latin1.GetString(bytes, at + 4, 4), at, bytes[(at + head)..(at + (int)size)]));
            at += (int)size;
        }

        return boxes;
    }

    // Flags of a box without its version too: all of these are version 0, or their version does not matter.
    private static uint Word(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));

    private static void Require(bool holds, string what)
    {
        if (!holds) throw new InvalidDataException($"Not so: {what}.");
    }
}
