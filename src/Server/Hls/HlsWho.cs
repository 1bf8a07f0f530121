using System.Globalization;
using System.Net;

namespace Sluice.Server.Hls;

/// <summary>
/// Tells viewers apart without a cookie: by their grant where they have one, else by address and software, and by the session their player names where it names one
/// (<see cref="CmcdSession"/>).
/// </summary>
internal static class HlsWho
{
    /// <summary>Characters of the software's name that count.</summary>
    public const int LongestAgent = 256;

    public static UInt128 OfGrant(ReadOnlySpan<char> grant) =>
        UInt128.TryParse(grant, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) ? id : default;

    public static UInt128 Of(IPAddress address, ReadOnlySpan<char> agent, ReadOnlySpan<char> session)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out var written);
        if (written == 4) bytes[15] = 4;
        var software = agent.IsEmpty ? 0 : (uint)string.GetHashCode(agent[..Math.Min(agent.Length, LongestAgent)], StringComparison.Ordinal);
        var playback = session.IsEmpty ? 0 : (uint)string.GetHashCode(session, StringComparison.Ordinal);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes) ^ new UInt128((ulong)playback << 32 | software, 0);
    }
}
