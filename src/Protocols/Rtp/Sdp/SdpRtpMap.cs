using System.Globalization;

namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>What a payload type stands for (RFC 8866 §6.6).</summary>
/// <param name="PayloadType">0 to 127.</param>
/// <param name="Encoding">The encoding's name; case does not matter.</param>
/// <param name="ClockRate">Timestamp ticks in a second.</param>
/// <param name="Channels">Audio channels; 1 where nothing is said.</param>
public sealed record SdpRtpMap(byte PayloadType, string Encoding, int ClockRate, int Channels)
{
    /// <summary>True for retransmissions of another payload type (RFC 4588).</summary>
    public bool IsRtx => Encoding.Equals("rtx", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads an attribute's value.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpRtpMap map)
    {
        map = new SdpRtpMap(0, "", 0, 0);
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var type) || !SdpTokens.TryPayloadType(type, out var payloadType)) return false;
        if (!tokens.TryNext(out var encoding)) return false;
        var slash = encoding.IndexOf('/');
        if (slash <= 0) return false;
        var rate = encoding[(slash + 1)..];
        var channels = 1u;
        var second = rate.IndexOf('/');
        if (second >= 0)
        {
            if (!SdpTokens.TryNumber(rate[(second + 1)..], out channels) || channels is 0 or > 255) return false;
            rate = rate[..second];
        }

        if (!SdpTokens.TryNumber(rate, out var clockRate) || clockRate is 0 or > 100_000_000) return false;
        map = new SdpRtpMap(payloadType, encoding[..slash].ToString(), (int)clockRate, (int)channels);
        return true;
    }

    /// <summary>The attribute's value.</summary>
    public override string ToString() => Channels > 1
        ? string.Create(CultureInfo.InvariantCulture, $"{PayloadType} {Encoding}/{ClockRate}/{Channels}")
        : string.Create(CultureInfo.InvariantCulture, $"{PayloadType} {Encoding}/{ClockRate}");
}
