using System.Buffers.Binary;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.H265;

/// <summary>
/// HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1): what MP4 and FLV say of H.265 before the first frame. A view of the caller's
/// bytes.
/// </summary>
public readonly ref struct HevcConfiguration
{
    private const int HeaderLength = 23;
    private const int ProfileLength = 12;

    private readonly ReadOnlySpan<byte> _arrays;

    private HevcConfiguration(ReadOnlySpan<byte> record, ReadOnlySpan<byte> arrays)
    {
        ProfileSpace = (byte)(record[1] >> 6);
        IsHighTier = (record[1] & 0x20) != 0;
        ProfileIdc = (byte)(record[1] & 0x1f);
        LevelIdc = record[12];
        ChromaFormat = (byte)(record[16] & 3);
        BitDepth = (byte)((record[17] & 7) + 8);
        LengthSize = (record[21] & 3) + 1;
        _arrays = arrays;
    }

    /// <summary>general_profile_space.</summary>
    public byte ProfileSpace { get; }

    /// <summary>general_tier_flag.</summary>
    public bool IsHighTier { get; }

    /// <summary>general_profile_idc.</summary>
    public byte ProfileIdc { get; }

    /// <summary>general_level_idc: thirty times the level.</summary>
    public byte LevelIdc { get; }

    /// <summary>0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.</summary>
    public byte ChromaFormat { get; }

    /// <summary>Bits of a luma sample.</summary>
    public byte BitDepth { get; }

    /// <summary>Bytes of the length before each NAL unit: 1, 2 or 4.</summary>
    public int LengthSize { get; }

    /// <summary>The parameter sets and messages of the record.</summary>
    public HevcParameterSetReader Sets => new(_arrays);

    /// <summary>Reads a record. False where it is of another version, cut short, or has lengths of three bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> record, out HevcConfiguration configuration)
    {
        configuration = default;

        // Version 0 is what some encoders wrote before the standard was done.
        if (record.Length < HeaderLength || record[0] > 1 || (record[21] & 3) == 2) return false;
        var arrays = record[HeaderLength..];
        var at = 0;
        for (var i = 0; i < record[22]; i++)
        {
            if (arrays.Length - at < 3) return false;
            var count = arrays[at + 1] << 8 | arrays[at + 2];
            at += 3;
            if (!ParameterSetReader.TryMeasure(arrays[at..], count, out var length)) return false;
            at += length;
        }

        configuration = new HevcConfiguration(record, arrays[..at]);
        return true;
    }

    /// <summary>
    /// Writes a record for lengths of four bytes that says of its arrays that they are complete. Profile, tier, level and samples are those
    /// of the first sequence set.
    /// </summary>
    /// <param name="destination">Where to.</param>
    /// <param name="videoSets">Video parameter sets with their NAL headers.</param>
    /// <param name="sequenceSets">Sequence parameter sets with their NAL headers, at least one.</param>
    /// <param name="pictureSets">Picture parameter sets with their NAL headers.</param>
    /// <returns>Bytes written; 0 where the first sequence set cannot be read or they do not fit.</returns>
    public static int Write(
        Span<byte> destination, ReadOnlySpan<byte[]> videoSets, ReadOnlySpan<byte[]> sequenceSets, ReadOnlySpan<byte[]> pictureSets)
    {
        if (sequenceSets.IsEmpty || !H265Sps.TryParse(sequenceSets[0], out var sps) || destination.Length < HeaderLength) return 0;
        Span<byte> front = stackalloc byte[1 + ProfileLength];
        EmulationPrevention.Remove(sequenceSets[0].AsSpan(H265NalHeader.Length), front);
        destination[0] = 1;
        front[1..].CopyTo(destination[1..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[13..], 0xf000); // segmentation is not known
        destination[15] = 0xfc; // nor what it would be good for
        destination[16] = (byte)(0xfc | sps.ChromaFormat);
        destination[17] = (byte)(0xf8 | sps.BitDepth - 8);
        destination[18] = (byte)(0xf8 | sps.ChromaDepth - 8);
        BinaryPrimitives.WriteUInt16BigEndian(destination[19..], 0); // frame rate is not known
        destination[21] = (byte)(sps.SubLayers << 3 | (sps.IsTemporalIdNested ? 4 : 0) | 3);
        destination[22] = 0;
        var at = HeaderLength;
        return TryWriteArray(destination, ref at, H265NalType.Vps, videoSets)
            && TryWriteArray(destination, ref at, H265NalType.Sps, sequenceSets)
            && TryWriteArray(destination, ref at, H265NalType.Pps, pictureSets)
            ? at
            : 0;
    }

    private static bool TryWriteArray(Span<byte> destination, ref int at, H265NalType type, ReadOnlySpan<byte[]> sets)
    {
        if (sets.IsEmpty) return true;
        if (destination.Length - at < 3) return false;
        destination[22]++;
        destination[at] = (byte)(0x80 | (byte)type);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 1)..], (ushort)sets.Length);
        at += 3;
        foreach (var set in sets)
        {
            if (destination.Length - at < sizeof(ushort) + set.Length) return false;
            BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)set.Length);
            set.CopyTo(destination[(at + sizeof(ushort))..]);
            at += sizeof(ushort) + set.Length;
        }

        return true;
    }
}

/// <summary>Walks the arrays of a configuration record, all units of all arrays in turn.</summary>
/// <param name="arrays">The arrays, which were checked.</param>
public ref struct HevcParameterSetReader(ReadOnlySpan<byte> arrays)
{
    private ByteReader _reader = new(arrays);
    private H265NalType _type;
    private int _left;

    /// <summary>Reads the next unit.</summary>
    /// <param name="type">What the array says it is; the unit's own header may differ.</param>
    /// <param name="nal">The unit, header included; may be empty.</param>
    public bool TryRead(out H265NalType type, out ReadOnlySpan<byte> nal)
    {
        nal = default;
        type = default;
        while (_left == 0)
        {
            if (!_reader.TryReadU8(out var head) || !_reader.TryReadU16(out var count)) return false;
            _type = (H265NalType)(head & 0x3f);
            _left = count;
        }

        _left--;
        type = _type;
        return _reader.TryReadU16(out var length) && _reader.TryReadBytes(length, out nal);
    }
}
