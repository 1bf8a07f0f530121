namespace Sluice.Control.Admission;

/// <summary>Who says yes. Settled before a session exists, so that nothing has to be taken back.</summary>
public interface IService
{
    /// <summary>May whoever presents <paramref name="key"/> publish on the channel? The key is a secret or <c>{channel}-{secret}</c>.</summary>
    ValueTask<AdmissionAnswer> VerifyPublishAsync(string channelId, string? key, CancellationToken cancellation);

    /// <summary>May whoever presents <paramref name="token"/> watch the channel? An open channel needs none.</summary>
    ValueTask<AdmissionAnswer> VerifyWatchAsync(string channelId, string? token, CancellationToken cancellation);
}
