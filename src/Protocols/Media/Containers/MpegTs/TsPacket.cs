namespace Sluice.Protocols.Media.Containers.MpegTs;

/// <summary>Sizes and addresses of the transport streams written here (ISO/IEC 13818-1 §2.4.3).</summary>
internal static class TsPacket
{
    /// <summary>Bytes of a packet.</summary>
    public const int Length = 188;

    /// <summary>Bytes of a packet behind its header.</summary>
    public const int Room = Length - 4;

    public const int TablePid = 0;
    public const int MapPid = 0x1000;
    public const int VideoPid = 0x100;
    public const int AudioPid = 0x101;
    public const int MetadataPid = 0x102;

    /// <summary>Ticks of a timestamp in a second.</summary>
    public const int ClockRate = 90_000;

    private const byte Sync = 0x47;

    /// <summary>Writes the four bytes before a packet's content.</summary>
    public static void WriteHeader(Span<byte> packet, int pid, bool begins, bool hasField, bool hasPayload, int counter)
    {
        packet[0] = Sync;
        packet[1] = (byte)((begins ? 0x40 : 0) | pid >> 8);
        packet[2] = (byte)pid;
        packet[3] = (byte)((hasField ? 0x20 : 0) | (hasPayload ? 0x10 : 0) | counter & 15);
    }

    /// <summary>Writes an adaptation field that takes a number of bytes, its own length included (§2.4.3.4).</summary>
    /// <param name="field">Where to, as long as the field; at least 8 with a clock, else at least 1.</param>
    /// <param name="clock">The program clock in ticks of <see cref="ClockRate"/>; -1 for none.</param>
    /// <param name="isRandomAccess">Decoding can begin at the unit that begins here.</param>
    public static void WriteField(Span<byte> field, long clock, bool isRandomAccess)
    {
        field[0] = (byte)(field.Length - 1);
        if (field.Length == 1) return;
        field[1] = (byte)((isRandomAccess ? 0x40 : 0) | (clock >= 0 ? 0x10 : 0));
        var at = 2;
        if (clock >= 0)
        {
            var ticks = clock & (1L << 33) - 1;
            field[2] = (byte)(ticks >> 25);
            field[3] = (byte)(ticks >> 17);
            field[4] = (byte)(ticks >> 9);
            field[5] = (byte)(ticks >> 1);
            field[6] = (byte)((ticks & 1) << 7 | 0x7e);
            field[7] = 0;
            at = 8;
        }

        field[at..].Fill(0xff);
    }
}
