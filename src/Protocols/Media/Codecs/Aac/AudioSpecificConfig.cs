using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Codecs.Aac;

/// <summary>AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1): what MP4, FLV and SDP say of AAC before the first frame.</summary>
/// <param name="ObjectType">The core's object type: 2 is LC, 1 Main, 3 SSR, 4 LTP; 42 is xHE-AAC.</param>
/// <param name="SampleRate">The core's samples a second.</param>
/// <param name="Channels">The core's channels, the LFE counted; 0 where only the stream itself says.</param>
/// <param name="HasSbr">Spectral band replication was announced: HE-AAC.</param>
/// <param name="OutputSampleRate">Samples a second after replication; the core's without.</param>
/// <param name="HasParametricStereo">Parametric stereo was announced: HE-AAC v2, two channels out of one.</param>
/// <param name="SamplesPerFrame">Samples of the core in a frame, 1024 or 960.</param>
public readonly record struct AudioSpecificConfig(
    byte ObjectType, int SampleRate, byte Channels, bool HasSbr, int OutputSampleRate, bool HasParametricStereo, int SamplesPerFrame)
{
    private const int LowComplexity = 2;
    private const int Sbr = 5;
    private const int ParametricStereo = 29;
    private const int ErrorResilientBsac = 22;
    private const uint SbrSync = 0x2b7;
    private const uint StereoSync = 0x548;
    private const int MaxRate = 192_000;

    private static ReadOnlySpan<int> Rates =>
        [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

    /// <summary>AAC-LC, with or without replication: what every player decodes.</summary>
    public bool IsLowComplexity => ObjectType == LowComplexity;

    /// <summary>Channels a decoder gives out.</summary>
    public int OutputChannels => HasParametricStereo && Channels == 1 ? 2 : Channels;

    /// <summary>The profile's name as people say it.</summary>
    public string ProfileName => ObjectType switch
    {
        LowComplexity when HasParametricStereo => "HE-AAC v2",
        LowComplexity when HasSbr => "HE-AAC",
        LowComplexity => "AAC-LC",
        1 => "AAC Main",
        3 => "AAC SSR",
        4 => "AAC LTP",
        23 => "AAC-LD",
        39 => "AAC-ELD",
        42 => "xHE-AAC",
        _ => "MPEG-4 audio",
    };

    /// <summary>
    /// Reads a configuration, both ways of announcing replication included. False where it is cut short, has a reserved rate, or is of no
    /// AAC kind.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out AudioSpecificConfig config)
    {
        config = default;
        var reader = new BitReader(bytes);
        var type = ReadObjectType(ref reader);
        var rate = ReadRate(ref reader);
        var channelConfiguration = reader.Bits(4);
        var outputRate = rate;
        var hasSbr = type is Sbr or ParametricStereo;
        var hasStereo = type == ParametricStereo;
        if (hasSbr)
        {
            outputRate = ReadRate(ref reader);
            type = ReadObjectType(ref reader);
            if (type == ErrorResilientBsac) reader.Skip(4);
        }

        if (reader.Overrun || !IsRate(rate) || !IsRate(outputRate)) return false;
        var samples = 1024;
        if (type is 1 or 2 or 3 or 4 or 6 or 7 or 17 or 19 or 20 or 23)
        {
            if (!TryReadGeneral(ref reader, type, ref channelConfiguration, out samples)) return false;
            if (!hasSbr) ReadSyncExtension(ref reader, ref hasSbr, ref hasStereo, ref outputRate);
        }
        else if (type is not (39 or 42))
        {
            return false;
        }

        config = new AudioSpecificConfig(
            (byte)type, rate, ChannelsOf(channelConfiguration), hasSbr, hasSbr ? outputRate : rate, hasStereo, samples);
        return true;
    }

    private static int ReadObjectType(ref BitReader reader)
    {
        var type = (int)reader.Bits(5);
        return type == 31 ? 32 + (int)reader.Bits(6) : type;
    }

    private static int ReadRate(ref BitReader reader)
    {
        var index = (int)reader.Bits(4);
        return index == 15 ? (int)reader.Bits(24) : index < Rates.Length ? Rates[index] : 0;
    }

    private static bool IsRate(int rate) => rate is > 0 and <= MaxRate;

    // GASpecificConfig (§4.4.1).
    private static bool TryReadGeneral(ref BitReader reader, int type, ref uint channels, out int samples)
    {
        samples = reader.Bit() ? 960 : 1024;
        if (type == 23) samples /= 2;
        if (reader.Bit()) reader.Skip(14); // coreCoderDelay
        var hasExtension = reader.Bit();
        if (channels == 0) channels = 0x80 | ReadProgram(ref reader);
        if (type is 6 or 20) reader.Skip(3);
        if (hasExtension)
        {
            if (type is 17 or 19 or 20 or 23) reader.Skip(3);
            reader.Skip(1);
        }

        return !reader.Overrun && channels != 0x80;
    }

    // program_config_element (§4.4.1.1): how many channels its elements have.
    private static uint ReadProgram(ref BitReader reader)
    {
        reader.Skip(4 + 2 + 4);
        var front = (int)reader.Bits(4);
        var side = (int)reader.Bits(4);
        var back = (int)reader.Bits(4);
        var lfe = (int)reader.Bits(2);
        var data = (int)reader.Bits(3);
        var coupling = (int)reader.Bits(4);
        if (reader.Bit()) reader.Skip(4);
        if (reader.Bit()) reader.Skip(4);
        if (reader.Bit()) reader.Skip(3);
        var channels = (uint)lfe;
        for (var i = 0; i < front + side + back; i++)
        {
            channels += reader.Bit() ? 2u : 1u;
            reader.Skip(4);
        }

        reader.Skip(4 * lfe + 4 * data + 5 * coupling);
        reader.Align();
        reader.Skip(8 * (int)reader.Bits(8));
        return channels;
    }

    // Replication announced behind the configuration, so that old decoders do not see it (§1.6.6).
    private static void ReadSyncExtension(ref BitReader reader, ref bool hasSbr, ref bool hasStereo, ref int outputRate)
    {
        if (reader.Remaining < 16 || reader.Bits(11) != SbrSync || ReadObjectType(ref reader) != Sbr || !reader.Bit()) return;
        var rate = ReadRate(ref reader);
        if (reader.Overrun || !IsRate(rate)) return;
        hasSbr = true;
        outputRate = rate;
        hasStereo = reader.Remaining >= 12 && reader.Bits(11) == StereoSync && reader.Bit();
    }

    private static byte ChannelsOf(uint configuration) => configuration switch
    {
        >= 1 and <= 6 => (byte)configuration,
        7 or 12 or 14 => 8,
        11 => 7,
        13 => 24,
        > 0x80 and <= 0xff => (byte)(configuration & 0x7f),
        _ => 0,
    };
}
