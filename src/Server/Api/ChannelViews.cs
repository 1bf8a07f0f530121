using Sluice.Control.Channels;
using Sluice.Server.Http;
using Sluice.Server.Live;
using Sluice.Server.Options;

namespace Sluice.Server.Api;

/// <summary>Channels as the API shows them: what is stored, what is live, and where to publish and watch on this node.</summary>
internal sealed class ChannelViews(ILiveStreams live, NodePorts ports, LiveOptions options)
{
    /// <param name="channel">The channel.</param>
    /// <param name="context">The request, whose address the URLs are told with.</param>
    /// <param name="secret">The secret, where it has just been made.</param>
    public ChannelView Of(Channel channel, HttpContext context, string? secret = null)
    {
        var current = options.Current;
        var baseUrl = Requester.BaseUrl(context, current.Http);
        var play = new PlayUrls($"{baseUrl}/whep/{channel.Id}", $"{baseUrl}/watch/{channel.Id}")
        {
            Hls = current.Hls.Enabled ? $"{baseUrl}/hls/{channel.Id}/index.m3u8" : null,
        };
        var records = channel.Settings.Records ?? current.Recording.Options.Enabled;
        return new ChannelView(channel.Id, channel.Number, channel.Name, channel.Title, channel.CreatedAt, channel.Settings.IsPrivate,
            channel.Settings.RefusesTakeover, records, channel.Settings.Subtitles.Split(' ', StringSplitOptions.RemoveEmptyEntries), channel.Settings.HasClosedCaptions,
            live.Find(channel.Id) is not null, Publish(channel, baseUrl), play)
        {
            LastPublishError = live.LastPublishError(channel.Id),
            Secret = secret,
            Key = secret is null ? null : StreamKey.Compose(channel.Id, secret),
        };
    }

    /// <summary>What the holder of the channel's stream key may know.</summary>
    public PublishingView ForStreamer(Channel channel, HttpContext context) =>
        new(channel.Id, channel.Name, live.Find(channel.Id) is not null, Publish(channel, Requester.BaseUrl(context, options.Current.Http)))
        {
            LastPublishError = live.LastPublishError(channel.Id),
        };

    private PublishUrls Publish(Channel channel, string baseUrl) =>
        new($"{baseUrl}/whip/{channel.Id}") { Rtmp = RtmpUrl.Of(baseUrl, ports), Rtmps = RtmpUrl.OverTls(baseUrl, ports) };
}
