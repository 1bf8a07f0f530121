namespace Sluice.Server.Http;

/// <summary>Where a session should rather live. Null means here.</summary>
public interface IWhereabouts
{
    /// <summary>The node a publisher of this channel should go to.</summary>
    ValueTask<Elsewhere?> ForPublisherAsync(string channelId, SessionRequester requester, CancellationToken cancellation);

    /// <summary>The node a viewer of this channel should go to.</summary>
    ValueTask<Elsewhere?> ForViewerAsync(string channelId, SessionRequester requester, CancellationToken cancellation);
}

/// <summary>Another node.</summary>
/// <param name="BaseUrl">Its address, without a slash at the end.</param>
/// <param name="Token">A short-lived token for it, since clients drop Authorization when a redirect leaves the origin; null for none.</param>
public sealed record Elsewhere(string BaseUrl, string? Token);

/// <summary>Everything lives here.</summary>
internal sealed class EverythingHere : IWhereabouts
{
    public ValueTask<Elsewhere?> ForPublisherAsync(string channelId, SessionRequester requester, CancellationToken cancellation) => default;

    public ValueTask<Elsewhere?> ForViewerAsync(string channelId, SessionRequester requester, CancellationToken cancellation) => default;
}
