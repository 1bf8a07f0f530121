namespace Sluice.Workers.Transcoding;

/// <summary>What reading on gave.</summary>
internal enum NutReading
{
    /// <summary>A packet.</summary>
    Packet,

    /// <summary>Nothing until more bytes come.</summary>
    NeedsMore,

    /// <summary>This is not the format, or more than is believed: nothing further can be read.</summary>
    Invalid,
}

/// <summary>One packet of a child's output. A view of the reader's memory, valid until it is called again.</summary>
internal readonly ref struct NutPacket
{
    /// <summary>When it is shown or heard, in ticks of <see cref="NutReader.TimeBase"/>.</summary>
    public long Pts { get; init; }

    public bool IsKeyframe { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }
}

/// <summary>Seconds in one tick, as a fraction.</summary>
internal readonly record struct TimeBase(int Numerator, int Denominator);
