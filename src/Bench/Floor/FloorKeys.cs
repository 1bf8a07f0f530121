using System.Security.Cryptography;
using System.Text;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Bench.Floor;

/// <summary>Keys that a relaying floor and its load both know, since nobody shakes hands with a floor. They protect noise.</summary>
internal static class FloorKeys
{
    public static SrtpKeys OfPublisher(SrtpProfile profile, int index) => Of(profile, $"publisher {index}");

    public static SrtpKeys OfViewer(SrtpProfile profile, int index) => Of(profile, $"viewer {index}");

    private static SrtpKeys Of(SrtpProfile profile, string name)
    {
        ReadOnlySpan<byte> bytes = SHA512.HashData(Encoding.ASCII.GetBytes(name));
        return new SrtpKeys(profile, bytes[..profile.KeyLength()], bytes.Slice(32, profile.SaltLength()));
    }
}
