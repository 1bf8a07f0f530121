namespace Sluice.Protocols.Rtmp.Tags;

/// <summary>Why a media message, or the rest of it, is of no use.</summary>
public enum TagError : byte
{
    /// <summary>It is.</summary>
    None = 0,

    /// <summary>No bytes at all; several encoders send such messages.</summary>
    Empty,

    /// <summary>It ends within a header or before a track's announced end.</summary>
    Truncated,

    /// <summary>FLV's codec number is in no table; <see cref="TagReader.ErrorValue"/> is the number.</summary>
    UnknownCodec,

    /// <summary>A packet type from a later specification; <see cref="TagReader.ErrorValue"/> is the number.</summary>
    UnknownPacketType,

    /// <summary>A way of multitrack from a later specification; <see cref="TagReader.ErrorValue"/> is the number.</summary>
    UnknownMultitrackType,

    /// <summary>Multitrack within multitrack.</summary>
    NestedMultitrack,

    /// <summary>A nanosecond offset of a millisecond or more, or one cut short.</summary>
    BadNanosecondOffset,
}
