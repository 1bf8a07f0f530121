using Sluice.Protocols.Rtmp.Amf;

namespace Sluice.Protocols.Rtmp.Tags;

/// <summary>
/// What a video metadata packet says of colour (Enhanced RTMP v1 and v2, "Metadata Frame"): code points of H.273, light levels in cd/m². A
/// number that was not said, or is none, is 0.
/// </summary>
/// <param name="BitDepth">Bits of a sample.</param>
/// <param name="Primaries">colorPrimaries.</param>
/// <param name="Transfer">transferCharacteristics; 16 is PQ, 18 is HLG.</param>
/// <param name="Matrix">matrixCoefficients.</param>
/// <param name="MaxFrameAverage">hdrCll.maxFall.</param>
/// <param name="MaxContent">hdrCll.maxCLL.</param>
/// <param name="MaxLuminance">hdrMdcv.maxLuminance.</param>
/// <param name="MinLuminance">hdrMdcv.minLuminance.</param>
public readonly record struct ColourDescription(
    byte BitDepth, byte Primaries, byte Transfer, byte Matrix, double MaxFrameAverage, double MaxContent, double MaxLuminance, double MinLuminance)
{
    private const double BrightestNits = 10_000;

    /// <summary>
    /// Reads a metadata packet. False where it is damaged or about something else than <c>colorInfo</c>; undefined and the empty object give
    /// the default value, which takes back what was said before.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out ColourDescription colour)
    {
        colour = default;
        var reader = new AmfReader(payload, AmfLimits.Default);
        if (!reader.TryReadText(out var name) || name != "colorInfo" || !reader.TryRead(out var value)) return false;
        var configuration = value["colorConfig"];
        var light = value["hdrCll"];
        var mastering = value["hdrMdcv"];
        colour = new ColourDescription(
            Code(configuration["bitDepth"]),
            Code(configuration["colorPrimaries"]),
            Code(configuration["transferCharacteristics"]),
            Code(configuration["matrixCoefficients"]),
            Nits(light["maxFall"]),
            Nits(light["maxCLL"]),
            Nits(mastering["maxLuminance"]),
            Nits(mastering["minLuminance"]));
        return true;
    }

    private static byte Code(AmfValue value) => value.Kind == AmfKind.Number && value.Number is >= 0 and <= 255 ? (byte)value.Number : (byte)0;

    private static double Nits(AmfValue value) => value.Kind == AmfKind.Number && value.Number is >= 0 and <= BrightestNits ? value.Number : 0;
}
