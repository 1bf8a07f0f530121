namespace Sluice.Protocols.Tests.Payloads;

/// <summary>Makes VP8 and VP9 payloads whose descriptors carry given numbers. -1 leaves a field out.</summary>
internal static class VpxPacket
{
    public static byte[] Vp8(int id, int bits, int tl0 = -1, int key = -1, int temporal = 0, bool starts = true, bool startsKeyframe = false)
    {
        var extension = (byte)(0x80 | (tl0 >= 0 ? 0x60 : 0) | (key >= 0 ? 0x10 : 0));
        List<byte> packet = [(byte)(0x80 | (starts ? 0x10 : 0)), extension];
        AddId(packet, id, bits);
        if (tl0 >= 0) packet.Add((byte)tl0);
        if (tl0 >= 0 || key >= 0) packet.Add((byte)(temporal << 6 | Math.Max(key, 0)));
        packet.AddRange([(byte)(startsKeyframe ? 0 : 1), 0xaa, 0xbb]);
        return [.. packet];
    }

    public static byte[] Vp9(int id, int bits, int tl0 = -1, int temporal = 0, bool starts = true, bool startsKeyframe = false)
    {
        var first = 0x80 | (startsKeyframe ? 0 : 0x40) | (tl0 >= 0 ? 0x20 : 0) | (starts ? 0x08 : 0);
        List<byte> packet = [(byte)first];
        AddId(packet, id, bits);
        if (tl0 >= 0) packet.AddRange([(byte)(temporal << 5), (byte)tl0]);
        packet.AddRange([0x86, 0xaa, 0xbb]);
        return [.. packet];
    }

    private static void AddId(List<byte> packet, int id, int bits)
    {
        if (bits == 15) packet.Add((byte)(0x80 | id >> 8));
        packet.Add((byte)id);
    }
}
