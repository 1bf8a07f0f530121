using System.Globalization;

namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>An RTCP feedback message its receiver understands (RFC 4585 §4.2).</summary>
/// <param name="PayloadType">The payload type it is for; null for all of the section (<c>*</c>).</param>
/// <param name="Kind">The message family: <c>nack</c>, <c>ccm</c>, <c>transport-cc</c>.</param>
/// <param name="Parameter">The message within the family: <c>pli</c>, <c>fir</c>; empty where the family is all there is.</param>
public sealed record SdpFeedback(byte? PayloadType, string Kind, string Parameter)
{
    /// <summary>Reads an attribute's value.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpFeedback feedback)
    {
        feedback = new SdpFeedback(null, "", "");
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var type)) return false;
        byte? payloadType = null;
        if (!type.SequenceEqual("*"))
        {
            if (!SdpTokens.TryPayloadType(type, out var number)) return false;
            payloadType = number;
        }

        if (!tokens.TryNext(out var kind)) return false;
        feedback = new SdpFeedback(payloadType, kind.ToString(), tokens.Rest.ToString());
        return true;
    }

    /// <summary>The attribute's value.</summary>
    public override string ToString()
    {
        var type = PayloadType?.ToString(CultureInfo.InvariantCulture) ?? "*";
        return Parameter.Length == 0 ? $"{type} {Kind}" : $"{type} {Kind} {Parameter}";
    }
}
