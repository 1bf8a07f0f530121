using System.Diagnostics.CodeAnalysis;
using Sluice.Protocols.Media;

namespace Sluice.Protocols.WebRtc.Signalling;

/// <summary>A track of a live stream as negotiation sees it; several renditions of one picture are one track here.</summary>
/// <param name="Format">Its codec and parameters, as the publisher sends it.</param>
public sealed record StreamTrackDescription(TrackFormat Format)
{
    /// <summary>Audio or video.</summary>
    public MediaKind Kind => Format.Kind;

    /// <summary>What it is converted to for viewers that cannot be sent <see cref="Format"/>, best first.</summary>
    public IReadOnlyList<TrackFormat> Alternatives { get; init; } = [];

    /// <summary>Why <see cref="Format"/> itself is sent to nobody, as a sentence; null where it is sent to whoever decodes it.</summary>
    public string? Obstacle { get; init; }

    /// <summary>Why there are no alternatives, as a sentence; null where that is nothing to speak of.</summary>
    public string? Note { get; init; }

    /// <summary>The first of its formats that one of the payload types carries, with that payload type; false where the viewer can be sent none.</summary>
    internal bool TryMatch(IReadOnlyList<NegotiatedPayload> payloads, [NotNullWhen(true)] out NegotiatedPayload? payload)
    {
        payload = null;
        if (Obstacle is null && PayloadMatch.TryMatch(Format, payloads, out payload)) return true;
        foreach (var format in Alternatives)
        {
            if (PayloadMatch.TryMatch(format, payloads, out payload)) return true;
        }

        return false;
    }
}
