namespace Sluice.Protocols.Media.Containers.MpegTs;

/// <summary>Writes the two tables a decoder begins with: which programs there are, and what the one consists of (ISO/IEC 13818-1 §2.4.4).</summary>
internal static class TsTables
{
    private const int Program = 1;
    private const byte MetadataService = 0;

    // metadata_application_format and metadata_format say "see the identifier", which is ID3's (ISO/IEC 13818-1 §2.6.58).
    private static ReadOnlySpan<byte> Id3Formats => [0xff, 0xff, (byte)'I', (byte)'D', (byte)'3', (byte)' ', 0xff, (byte)'I', (byte)'D', (byte)'3', (byte)' ', MetadataService];

    /// <summary>Writes the packet of the program association table.</summary>
    public static void WriteAssociation(Span<byte> packet, int counter)
    {
        Span<byte> body = [0, Program, 0xe0 | TsPacket.MapPid >> 8, TsPacket.MapPid & 0xff];
        WriteSection(packet, TsPacket.TablePid, counter, 0, body);
    }

    /// <summary>Writes the packet of the program map table.</summary>
    /// <param name="packet">Where to.</param>
    /// <param name="counter">Its continuity counter.</param>
    /// <param name="video">The picture's codec; unknown where there is none.</param>
    /// <param name="hasAudio">There is AAC.</param>
    public static void WriteMap(Span<byte> packet, int counter, Codec video, bool hasAudio)
    {
        Span<byte> body = stackalloc byte[128];
        var clock = video == Codec.Unknown ? TsPacket.AudioPid : TsPacket.VideoPid;
        var at = 0;
        body[at++] = (byte)(0xe0 | clock >> 8);
        body[at++] = (byte)clock;
        body[at++] = 0xf0;
        body[at++] = (byte)(2 + Id3Formats.Length + 3);
        body[at++] = 0x25; // metadata_pointer_descriptor
        body[at++] = (byte)(Id3Formats.Length + 3);
        Id3Formats.CopyTo(body[at..]);
        at += Id3Formats.Length;
        body[at++] = 0x1f; // carried in this stream
        body[at++] = 0;
        body[at++] = Program;
        if (video == Codec.H264) AddStream(body, ref at, 0x1b, TsPacket.VideoPid, []);
        if (video == Codec.H265) AddStream(body, ref at, 0x24, TsPacket.VideoPid, [5, 4, (byte)'H', (byte)'E', (byte)'V', (byte)'C']);
        if (hasAudio) AddStream(body, ref at, 0x0f, TsPacket.AudioPid, []);
        Span<byte> metadata = stackalloc byte[2 + Id3Formats.Length + 1];
        metadata[0] = 0x26; // metadata_descriptor
        metadata[1] = (byte)(Id3Formats.Length + 1);
        Id3Formats.CopyTo(metadata[2..]);
        metadata[^1] = 0x0f; // no decoder configuration
        AddStream(body, ref at, 0x15, TsPacket.MetadataPid, metadata);
        WriteSection(packet, TsPacket.MapPid, counter, 2, body[..at]);
    }

    private static void AddStream(Span<byte> body, ref int at, byte type, int pid, ReadOnlySpan<byte> descriptors)
    {
        body[at++] = type;
        body[at++] = (byte)(0xe0 | pid >> 8);
        body[at++] = (byte)pid;
        body[at++] = 0xf0;
        body[at++] = (byte)descriptors.Length;
        descriptors.CopyTo(body[at..]);
        at += descriptors.Length;
    }

    private static void WriteSection(Span<byte> packet, int pid, int counter, byte table, ReadOnlySpan<byte> body)
    {
        TsPacket.WriteHeader(packet, pid, begins: true, hasField: false, hasPayload: true, counter);
        packet[4] = 0; // the section begins at once
        var length = 5 + body.Length + 4;
        var section = packet.Slice(5, 3 + length);
        section[0] = table;
        section[1] = (byte)(0xb0 | length >> 8);
        section[2] = (byte)length;
        section[3] = 0;
        section[4] = Program;
        section[5] = 0xc1; // version 0, in force
        section[6] = 0;
        section[7] = 0;
        body.CopyTo(section[8..]);
        var crc = Crc(section[..^4]);
        section[^4] = (byte)(crc >> 24);
        section[^3] = (byte)(crc >> 16);
        section[^2] = (byte)(crc >> 8);
        section[^1] = (byte)crc;
        packet[(5 + section.Length)..].Fill(0xff);
    }

    // ISO/IEC 13818-1 annex A.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= (uint)value << 24;
            for (var i = 0; i < 8; i++) crc = crc << 1 ^ ((crc & 0x8000_0000) != 0 ? 0x04c1_1db7u : 0);
        }

        return crc;
    }
}
