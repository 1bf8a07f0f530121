using Sluice.Protocols.Media.Codecs;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Payloads;

/// <summary>
/// RTP payloads of short 96x64 clips as GStreamer 1.22 packs them (rtph264pay, rtph265pay, rtpvp8pay, rtpvp9pay), a line each: the marker
/// (M or -) and the payload. The .annexb files hold the streams that were packed.
/// </summary>
internal static class Captures
{
    internal readonly record struct Packet(bool Marker, byte[] Payload);

    public static IReadOnlyList<Packet> Packets(string name) =>
        [.. File.ReadLines(PathOf(name)).Select(line => new Packet(line[0] == 'M', Convert.FromHexString(line.AsSpan(2))))];

    /// <summary>The NAL units of an .annexb file, each in hexadecimal.</summary>
    public static IReadOnlyList<string> Units(string name)
    {
        var units = new List<string>();
        var stream = new AnnexBReader(Convert.FromHexString(File.ReadAllText(PathOf(name + ".annexb")).Trim()));
        while (stream.TryRead(out var nal)) units.Add(Convert.ToHexString(nal));
        return units;
    }

    private static string PathOf(string name) => Checkout.PathOf("tests", "Protocols.Tests", "Payloads", "Captures", name + ".hex");
}
