namespace Sluice.Protocols.Wire;

/// <summary>
/// Arithmetic on numbers that wrap around (RFC 1982): RTP sequence numbers and timestamps. A difference of exactly half the space counts
/// as older.
/// </summary>
public static class SerialNumber
{
    /// <summary>The signed distance from <paramref name="from"/> to <paramref name="to"/>, between -32768 and 32767.</summary>
    public static int Distance(ushort from, ushort to) => (short)(to - from);

    /// <summary>The signed distance from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public static int Distance(uint from, uint to) => (int)(to - from);

    /// <summary>True where <paramref name="a"/> comes after <paramref name="b"/>.</summary>
    public static bool IsNewer(ushort a, ushort b) => (short)(a - b) > 0;

    /// <summary>True where <paramref name="a"/> comes after <paramref name="b"/>.</summary>
    public static bool IsNewer(uint a, uint b) => (int)(a - b) > 0;

    /// <summary>
    /// The 64-bit number nearest to <paramref name="reference"/> whose low 16 bits are <paramref name="value"/>.
    /// </summary>
    public static long Extend(long reference, ushort value) => reference + (short)(value - (ushort)reference);

    /// <summary>
    /// The 64-bit number nearest to <paramref name="reference"/> whose low 32 bits are <paramref name="value"/>.
    /// </summary>
    public static long Extend(long reference, uint value) => reference + (int)(value - (uint)reference);
}
