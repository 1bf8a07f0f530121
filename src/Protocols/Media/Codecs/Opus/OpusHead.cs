using System.Buffers.Binary;

namespace Sluice.Protocols.Media.Codecs.Opus;

/// <summary>The identification header of Opus (RFC 7845 §5.1).</summary>
/// <param name="Channels">Channels a decoder gives out.</param>
/// <param name="PreSkip">Samples at 48 kHz to throw away at the start.</param>
/// <param name="InputSampleRate">The rate before encoding; 0 where unknown. Decoding is at 48 kHz whatever it says.</param>
/// <param name="OutputGain">Gain to apply, in 1/256 dB.</param>
/// <param name="MappingFamily">0 mono or stereo, 1 Vorbis order, 255 no meaning.</param>
/// <param name="Streams">Opus streams in a packet.</param>
/// <param name="CoupledStreams">How many of them are stereo.</param>
public readonly record struct OpusHead(
    byte Channels, int PreSkip, uint InputSampleRate, short OutputGain, byte MappingFamily, byte Streams, byte CoupledStreams)
{
    /// <summary>Bytes of the header without a mapping table.</summary>
    public const int MinLength = 19;

    private const int TableHead = 2;

    /// <summary>
    /// Reads a header. False without its magic, with a version from 16 up, without channels, or with a mapping that cannot be.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out OpusHead head)
    {
        head = default;
        if (bytes.Length < MinLength || !bytes.StartsWith("OpusHead"u8) || bytes[8] > 15) return false;
        var channels = bytes[9];
        var family = bytes[18];
        byte streams = 1;
        var coupled = (byte)(channels == 2 ? 1 : 0);
        if (channels == 0 || family == 0 && channels > 2) return false;
        if (family != 0)
        {
            if (bytes.Length < MinLength + TableHead + channels) return false;
            streams = bytes[19];
            coupled = bytes[20];
            if (streams == 0 || coupled > streams || streams + coupled > 255) return false;
            foreach (var index in bytes.Slice(MinLength + TableHead, channels))
            {
                if (index != 255 && index >= streams + coupled) return false;
            }
        }

        head = new OpusHead(
            channels,
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt16LittleEndian(bytes[16..]),
            family,
            streams,
            coupled);
        return true;
    }

    /// <summary>Writes a header of family 0, as encoders of mono and stereo send it.</summary>
    /// <returns>Bytes written, <see cref="MinLength"/>; 0 where the destination is shorter or the header is of another family.</returns>
    public int Write(Span<byte> destination)
    {
        if (destination.Length < MinLength || MappingFamily != 0) return 0;
        "OpusHead"u8.CopyTo(destination);
        destination[8] = 1;
        destination[9] = Channels;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[10..], (ushort)PreSkip);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], InputSampleRate);
        BinaryPrimitives.WriteInt16LittleEndian(destination[16..], OutputGain);
        destination[18] = 0;
        return MinLength;
    }
}
