namespace Sluice.Protocols.Media.Codecs.H265;

/// <summary>The type of an H.265 NAL unit (H.265 table 7-1), with the packet types of RFC 7798 §4.4. Slices run from 0 to 31.</summary>
public enum H265NalType : byte
{
    /// <summary>A trailing picture nothing of its sub-layer refers to.</summary>
    TrailNonReference = 0,

    /// <summary>A trailing picture.</summary>
    TrailReference = 1,

    /// <summary>Broken link access with leading pictures: the first random access type.</summary>
    BlaWithLeading = 16,

    /// <summary>Instantaneous decoder refresh with decodable leading pictures.</summary>
    IdrWithDecodableLeading = 19,

    /// <summary>Instantaneous decoder refresh without leading pictures.</summary>
    IdrWithoutLeading = 20,

    /// <summary>Clean random access.</summary>
    CleanRandomAccess = 21,

    /// <summary>The last type reserved for random access.</summary>
    LastRandomAccess = 23,

    /// <summary>Video parameter set.</summary>
    Vps = 32,

    /// <summary>Sequence parameter set.</summary>
    Sps = 33,

    /// <summary>Picture parameter set.</summary>
    Pps = 34,

    /// <summary>Access unit delimiter.</summary>
    AccessUnitDelimiter = 35,

    /// <summary>End of sequence.</summary>
    EndOfSequence = 36,

    /// <summary>End of bitstream.</summary>
    EndOfBitstream = 37,

    /// <summary>Filler.</summary>
    Filler = 38,

    /// <summary>Supplemental enhancement information before the picture.</summary>
    PrefixSei = 39,

    /// <summary>Supplemental enhancement information after the picture.</summary>
    SuffixSei = 40,

    /// <summary>RTP: several units of one access unit.</summary>
    Aggregation = 48,

    /// <summary>RTP: a fragment of a unit.</summary>
    Fragmentation = 49,

    /// <summary>RTP: payload content information before another payload.</summary>
    ContentInformation = 50,
}

/// <summary>The two bytes before every H.265 NAL unit (H.265 §7.3.1.2).</summary>
/// <param name="Value">Both bytes, the first one high.</param>
public readonly record struct H265NalHeader(ushort Value)
{
    /// <summary>Bytes of the header.</summary>
    public const int Length = 2;

    /// <summary>The forbidden bit, set where a network element knows of damage.</summary>
    public bool IsDamaged => (Value & 0x8000) != 0;

    /// <summary>What the unit is.</summary>
    public H265NalType Type => (H265NalType)(Value >> 9 & 0x3f);

    /// <summary>The layer of a scalable stream; 0 is the base.</summary>
    public int LayerId => Value >> 3 & 0x3f;

    /// <summary>The temporal sub-layer; 0 is the base. (The wire carries one more; 0 there is forbidden and reads as base.)</summary>
    public int TemporalId => Math.Max(0, (Value & 7) - 1);

    /// <summary>True for coded slices.</summary>
    public bool IsSlice => (byte)Type < 32;

    /// <summary>True for slices of pictures at which decoding can begin.</summary>
    public bool IsRandomAccess => Type is >= H265NalType.BlaWithLeading and <= H265NalType.LastRandomAccess;

    /// <summary>True for slices no other picture of their sub-layer refers to (the even types below 16).</summary>
    public bool IsNonReference => (byte)Type < 16 && ((byte)Type & 1) == 0;

    /// <summary>True for video, sequence and picture parameter sets.</summary>
    public bool IsParameterSet => Type is H265NalType.Vps or H265NalType.Sps or H265NalType.Pps;

    /// <summary>Reads the header at the front of a unit; false where the unit is shorter.</summary>
    public static bool TryRead(ReadOnlySpan<byte> nal, out H265NalHeader header)
    {
        header = nal.Length < Length ? default : new H265NalHeader((ushort)(nal[0] << 8 | nal[1]));
        return nal.Length >= Length;
    }
}
