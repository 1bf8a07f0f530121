using Sluice.Control.Channels;

namespace Sluice.Server.Media;

/// <summary>
/// Carries changes of channels to what is live: a key that is no longer right ends the stream it began, a deleted channel ends everything.
/// </summary>
internal sealed class ChannelChanges(ChannelDirectory directory, WebRtcService webRtc, RtmpService rtmp) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        directory.Changed += Follow;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        directory.Changed -= Follow;
        return Task.CompletedTask;
    }

    private void Follow(ChannelChange change)
    {
        var node = webRtc.Node;
        if (change.Kind is ChannelChangeKind.SecretRotated or ChannelChangeKind.Removed) node.Whip.CloseAll(change.ChannelId);
        if (change.Kind is ChannelChangeKind.SecretRotated or ChannelChangeKind.Removed) rtmp.Input.CloseAll(change.ChannelId);
        if (change.Kind is ChannelChangeKind.WatchTokenRemoved or ChannelChangeKind.Removed) node.Whep.CloseAll(change.ChannelId);
        if (change.Kind is ChannelChangeKind.Removed) node.Channels.Close(change.ChannelId);
    }
}
