namespace Sluice.Protocols.Media.Codecs.H264;

/// <summary>The low five bits of an H.264 NAL unit's first byte (H.264 table 7-1), with the packet types of RFC 6184 table 1.</summary>
public enum H264NalType : byte
{
    /// <summary>Not used by the codec.</summary>
    Unspecified = 0,

    /// <summary>A slice of a picture that is no instantaneous decoder refresh.</summary>
    Slice = 1,

    /// <summary>Data partition A.</summary>
    PartitionA = 2,

    /// <summary>Data partition B.</summary>
    PartitionB = 3,

    /// <summary>Data partition C.</summary>
    PartitionC = 4,

    /// <summary>A slice of an instantaneous decoder refresh: decoding can begin here.</summary>
    IdrSlice = 5,

    /// <summary>Supplemental enhancement information.</summary>
    Sei = 6,

    /// <summary>Sequence parameter set.</summary>
    Sps = 7,

    /// <summary>Picture parameter set.</summary>
    Pps = 8,

    /// <summary>Access unit delimiter.</summary>
    AccessUnitDelimiter = 9,

    /// <summary>End of sequence.</summary>
    EndOfSequence = 10,

    /// <summary>End of stream.</summary>
    EndOfStream = 11,

    /// <summary>Filler.</summary>
    Filler = 12,

    /// <summary>Sequence parameter set extension.</summary>
    SpsExtension = 13,

    /// <summary>Prefix of a scalable or multiview slice.</summary>
    Prefix = 14,

    /// <summary>Subset sequence parameter set.</summary>
    SubsetSps = 15,

    /// <summary>RTP: several units of one time.</summary>
    StapA = 24,

    /// <summary>RTP: several units of one time, with a decoding order number.</summary>
    StapB = 25,

    /// <summary>RTP: several units of several times, 16-bit offsets.</summary>
    Mtap16 = 26,

    /// <summary>RTP: several units of several times, 24-bit offsets.</summary>
    Mtap24 = 27,

    /// <summary>RTP: a fragment of a unit.</summary>
    FuA = 28,

    /// <summary>RTP: a fragment of a unit, with a decoding order number.</summary>
    FuB = 29,
}

/// <summary>The one byte before every H.264 NAL unit (H.264 §7.3.1).</summary>
/// <param name="Value">The byte.</param>
public readonly record struct H264NalHeader(byte Value)
{
    /// <summary>The forbidden bit, set where a network element knows of damage.</summary>
    public bool IsDamaged => (Value & 0x80) != 0;

    /// <summary>nal_ref_idc: 0 where nothing else refers to the unit.</summary>
    public int ReferenceIdc => Value >> 5 & 3;

    /// <summary>What the unit is.</summary>
    public H264NalType Type => (H264NalType)(Value & 0x1f);
}
