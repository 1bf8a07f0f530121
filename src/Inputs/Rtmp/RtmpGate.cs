using Sluice.Control.Live;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Rtmp;

/// <summary>Somebody who wants to publish.</summary>
/// <param name="ChannelId">The channel it names.</param>
/// <param name="Key">What it presents, as it came: a secret, a whole key, or nothing.</param>
/// <param name="Remote">Where it connects from.</param>
/// <param name="Protocol">By which protocol.</param>
/// <param name="Who">Who it is, as far as that can be seen.</param>
public readonly record struct RtmpRequest(string ChannelId, string? Key, NetworkAddress Remote, string Protocol, PublisherIdentity Who)
{
    /// <summary>Never the key.</summary>
    public override string ToString() => $"publish on {ChannelId} from {Remote}";
}

/// <summary>The answer to a request.</summary>
/// <param name="IsGranted">It may publish.</param>
/// <param name="Refusal">The status code where it may not.</param>
/// <param name="Reason">The reason, as an encoder may show it.</param>
/// <param name="IsKnownChannel">The channel exists, so that its owner can be told.</param>
public sealed record RtmpAnswer(bool IsGranted, RtmpRefusal Refusal = RtmpRefusal.Denied, string Reason = "", bool IsKnownChannel = true)
{
    public static RtmpAnswer Granted { get; } = new(true);

    public static RtmpAnswer Refused(RtmpRefusal refusal, string reason, bool isKnownChannel = true) => new(false, refusal, reason, isKnownChannel);
}

/// <summary>Who says whether a request is granted. Called on the thread pool; may take its time, but not longer than the publisher waits.</summary>
public delegate ValueTask<RtmpAnswer> RtmpGate(RtmpRequest request, CancellationToken cancellation);
