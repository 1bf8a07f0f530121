using Sluice.Control.Channels;

namespace Sluice.Control.Admission;

/// <summary>The service of a node that stands alone: its own channels decide.</summary>
public sealed class BuiltInService : IService
{
    private readonly ChannelDirectory _channels;

    /// <summary>A service over the node's channels.</summary>
    public BuiltInService(ChannelDirectory channels) => _channels = channels;

    /// <inheritdoc />
    public async ValueTask<AdmissionAnswer> VerifyPublishAsync(string channelId, string? key, CancellationToken cancellation)
    {
        var stored = await _channels.FindStoredAsync(channelId, cancellation);
        if (stored is null)
            return AdmissionAnswer.Refuse(Verdict.ChannelUnknown);
        if (string.IsNullOrEmpty(key))
            return AdmissionAnswer.Refuse(Verdict.KeyMissing);
        // A key that names another channel is refused before its secret is looked at.
        var opens = StreamKey.TryParse(key, out var parsed)
            && (parsed.ChannelId is null || parsed.ChannelId == channelId)
            && stored.Secret.Matches(parsed.Secret);
        return opens ? AdmissionAnswer.Grant(stored.Channel) : AdmissionAnswer.Refuse(Verdict.KeyWrong);
    }

    /// <inheritdoc />
    public async ValueTask<AdmissionAnswer> VerifyWatchAsync(string channelId, string? token, CancellationToken cancellation)
    {
        var stored = await _channels.FindStoredAsync(channelId, cancellation);
        if (stored is null)
            return AdmissionAnswer.Refuse(Verdict.ChannelUnknown);
        if (!stored.Channel.Settings.IsPrivate)
            return AdmissionAnswer.Grant(stored.Channel);
        if (string.IsNullOrEmpty(token))
            return AdmissionAnswer.Refuse(Verdict.KeyMissing);
        if (!StreamSecret.IsWellFormed(token))
            return AdmissionAnswer.Refuse(Verdict.KeyWrong);
        // Every token is compared, so that the time says nothing about which one was near.
        var opens = false;
        foreach (var candidate in stored.WatchTokens)
            opens |= candidate.Secret.Matches(token);
        return opens ? AdmissionAnswer.Grant(stored.Channel) : AdmissionAnswer.Refuse(Verdict.KeyWrong);
    }
}
