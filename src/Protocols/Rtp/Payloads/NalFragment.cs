using System.Buffers.Binary;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>
/// A NAL unit, or a piece of one, inside an RTP payload. To rebuild a unit: at <see cref="Starts"/> write the header, then the bodies of
/// all pieces up to <see cref="Ends"/>.
/// </summary>
public readonly ref struct NalFragment
{
    internal NalFragment(ReadOnlySpan<byte> nal, int headerLength)
    {
        Nal = nal;
        Header = headerLength == 1 ? nal[0] : (ushort)(nal[0] << 8 | nal[1]);
        Body = nal[headerLength..];
        Starts = true;
        Ends = true;
    }

    internal NalFragment(ushort header, ReadOnlySpan<byte> body, bool starts, bool ends)
    {
        Nal = default;
        Header = header;
        Body = body;
        Starts = starts;
        Ends = ends;
    }

    /// <summary>The unit's header: one byte for H.264, two for H.265; rebuilt where the packet carries a fragment.</summary>
    public ushort Header { get; }

    /// <summary>What follows the header: a slice of the payload.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Header and body as a slice of the payload; empty for fragments.</summary>
    public ReadOnlySpan<byte> Nal { get; }

    /// <summary>The unit begins here.</summary>
    public bool Starts { get; }

    /// <summary>The unit ends here.</summary>
    public bool Ends { get; }

    /// <summary>The whole unit is in this packet.</summary>
    public bool IsWhole => !Nal.IsEmpty;

    /// <summary>
    /// Takes the next unit of an aggregation packet: two bytes of size, a gap some formats put order numbers in, the unit. False where they do
    /// not fit or the unit is shorter than its header.
    /// </summary>
    internal static bool TryTakeAggregated(scoped ref ReadOnlySpan<byte> rest, int gap, int headerLength, out NalFragment unit)
    {
        unit = default;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(rest, out var size)) return false;
        var start = sizeof(ushort) + gap;
        if (size < headerLength || start + size > rest.Length) return false;
        unit = new NalFragment(rest.Slice(start, size), headerLength);
        rest = rest[(start + size)..];
        return true;
    }
}
