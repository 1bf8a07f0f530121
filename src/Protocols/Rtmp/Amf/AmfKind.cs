namespace Sluice.Protocols.Rtmp.Amf;

/// <summary>What an AMF value is; AMF0 and AMF3 share one set.</summary>
public enum AmfKind : byte
{
    /// <summary>undefined.</summary>
    Undefined = 0,

    /// <summary>null.</summary>
    Null,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A double, or an AMF3 integer.</summary>
    Number,

    /// <summary>A string, long string or XML document.</summary>
    Text,

    /// <summary>What AMF calls an object, typed or not.</summary>
    Structure,

    /// <summary>An array with names (AMF0: ECMA array).</summary>
    NamedArray,

    /// <summary>An array without names (AMF0: strict array), or an AMF3 vector.</summary>
    List,

    /// <summary>Milliseconds since 1970 in UTC; the time zone was skipped.</summary>
    Date,

    /// <summary>A byte array; its content was skipped, its length is the number.</summary>
    Bytes,

    /// <summary>A reference to a value that came before; not resolved, the index is the number.</summary>
    Reference,
}

/// <summary>Why AMF could not be read.</summary>
public enum AmfError : byte
{
    /// <summary>It could.</summary>
    None = 0,

    /// <summary>The value does not end within the input.</summary>
    Truncated,

    /// <summary>A marker no version defines.</summary>
    UnknownMarker,

    /// <summary>Nested deeper than <see cref="AmfLimits.MaxDepth"/>.</summary>
    TooDeep,

    /// <summary>More values than <see cref="AmfLimits.MaxValues"/>.</summary>
    TooManyValues,

    /// <summary>A reference to a string or class that never came.</summary>
    BadReference,

    /// <summary>An AMF3 object whose class alone knows its length.</summary>
    Externalizable,
}

/// <summary>What one message may make a reader build. Passing a limit is an error of the message.</summary>
/// <param name="MaxDepth">Objects and arrays within each other.</param>
/// <param name="MaxValues">Values, names and skipped elements together.</param>
public readonly record struct AmfLimits(int MaxDepth, int MaxValues)
{
    /// <summary>Depth 16, 4096 values.</summary>
    public static AmfLimits Default => new(16, 4096);
}
