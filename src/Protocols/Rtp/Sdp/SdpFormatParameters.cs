using System.Globalization;

namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>A payload type's own parameters (RFC 8866 §6.15).</summary>
/// <param name="PayloadType">0 to 127.</param>
/// <param name="Parameters">As written: mostly <c>key=value;key=value</c>, though every format has a grammar of its own.</param>
public sealed record SdpFormatParameters(byte PayloadType, string Parameters)
{
    /// <summary>Reads an attribute's value.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpFormatParameters parameters)
    {
        var tokens = new SdpTokens(value);
        var good = tokens.TryNext(out var type) & SdpTokens.TryPayloadType(type, out var payloadType);
        parameters = new SdpFormatParameters(payloadType, tokens.Rest.ToString());
        return good;
    }

    /// <summary>
    /// The value of a key in <c>key=value;key=value</c>; keys without regard to case, blanks around each part left out. An empty span where
    /// the key is missing or has no value.
    /// </summary>
    public static ReadOnlySpan<char> ValueOf(ReadOnlySpan<char> parameters, ReadOnlySpan<char> key)
    {
        while (!parameters.IsEmpty)
        {
            var end = parameters.IndexOf(';');
            var part = (end < 0 ? parameters : parameters[..end]).Trim();
            parameters = end < 0 ? default : parameters[(end + 1)..];
            var equals = part.IndexOf('=');
            if (equals > 0 && part[..equals].TrimEnd().Equals(key, StringComparison.OrdinalIgnoreCase)) return part[(equals + 1)..].TrimStart();
        }

        return default;
    }

    /// <summary>The whole number a key carries, or what holds where it is missing or no number.</summary>
    public static int NumberOf(ReadOnlySpan<char> parameters, ReadOnlySpan<char> key, int absent) =>
        int.TryParse(ValueOf(parameters, key), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : absent;

    /// <summary>The attribute's value.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PayloadType} {Parameters}");
}
