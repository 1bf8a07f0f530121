namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>The browser's MediaStream and track a section carries (RFC 8830 §2).</summary>
/// <param name="StreamId">The stream's id; <c>-</c> for none.</param>
/// <param name="TrackId">The track's id; empty where none is given.</param>
public sealed record SdpMsid(string StreamId, string TrackId)
{
    /// <summary>Reads an attribute's value.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpMsid msid)
    {
        var tokens = new SdpTokens(value);
        var good = tokens.TryNext(out var stream);
        msid = new SdpMsid(stream.ToString(), tokens.Rest.ToString());
        return good;
    }

    /// <summary>The attribute's value.</summary>
    public override string ToString() => TrackId.Length == 0 ? StreamId : $"{StreamId} {TrackId}";
}
