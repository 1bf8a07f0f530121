namespace Sluice.Protocols.Media.Codecs.Opus;

/// <summary>How Opus coded a packet (RFC 6716 §2).</summary>
public enum OpusMode : byte
{
    /// <summary>Linear prediction, for speech.</summary>
    Silk = 0,

    /// <summary>Both, split by frequency.</summary>
    Hybrid = 1,

    /// <summary>Transform, for music and low delay.</summary>
    Celt = 2,
}

/// <summary>What the first bytes of an Opus packet say (RFC 6716 §3).</summary>
/// <param name="Mode">How it was coded.</param>
/// <param name="Channels">1 or 2. A decoder gives any number it likes; this is what was coded.</param>
/// <param name="Frames">Frames in the packet.</param>
/// <param name="Samples">Duration of the packet in samples at 48 kHz, which is also RTP's clock.</param>
/// <param name="IsDiscontinuous">At most two bytes: the encoder found silence and will pause (DTX).</param>
public readonly record struct OpusPacket(OpusMode Mode, int Channels, int Frames, int Samples, bool IsDiscontinuous)
{
    /// <summary>The longest packet, 120 ms.</summary>
    public const int MaxSamples = 5760;

    /// <summary>
    /// Parses a packet. False where it is empty or breaks RFC 6716 §3.4: code 1 with an odd rest, code 3 without a count or with none or
    /// more than 120 ms.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out OpusPacket opus)
    {
        opus = default;
        if (packet.IsEmpty) return false;
        var configuration = packet[0] >> 3;
        int frames;
        switch (packet[0] & 3)
        {
            case 0:
                frames = 1;
                break;
            case 1 when (packet.Length & 1) == 1:
                frames = 2;
                break;
            case 2 when packet.Length >= 2:
                frames = 2;
                break;
            case 3 when packet.Length >= 2:
                frames = packet[1] & 0x3f;
                break;
            default:
                return false;
        }

        var samples = frames * SamplesOf(configuration);
        if (samples is 0 or > MaxSamples) return false;
        var mode = configuration < 12 ? OpusMode.Silk : configuration < 16 ? OpusMode.Hybrid : OpusMode.Celt;
        opus = new OpusPacket(mode, (packet[0] & 4) == 0 ? 1 : 2, frames, samples, packet.Length <= 2);
        return true;
    }

    // RFC 6716 table 2: the low two bits of the configuration choose the frame size within a mode, the lowest alone in hybrid mode.
    private static int SamplesOf(int configuration) => configuration switch
    {
        < 12 => (configuration & 3) == 3 ? 2880 : 480 << (configuration & 3),
        < 16 => 480 << (configuration & 1),
        _ => 120 << (configuration & 3),
    };
}
