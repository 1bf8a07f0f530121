namespace Sluice.Protocols.WebRtc.Stun;

/// <summary>The value of FINGERPRINT: CRC-32 of ITU V.42, xor 0x5354554e (RFC 8489 §14.7).</summary>
internal static class StunFingerprint
{
    private const uint ReflectedPolynomial = 0xedb8_8320;
    private const uint Mask = 0x5354_554e;

    private static readonly uint[] Table = MakeTable();

    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = Table[(byte)(crc ^ value)] ^ crc >> 8;
        }

        return ~crc ^ Mask;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0; i < table.Length; i++)
        {
            var entry = (uint)i;
            for (var bit = 0; bit < 8; bit++)
            {
                entry = (entry & 1) != 0 ? entry >> 1 ^ ReflectedPolynomial : entry >> 1;
            }

            table[i] = entry;
        }

        return table;
    }
}
