using Sluice.Control.Channels;
using Sluice.Control.Live;
using Sluice.Protocols.Wire;

namespace Sluice.Server.Media;

/// <summary>Settles for every input whether a publisher whose key is right may have a channel that is live; the rule is <see cref="LiveChannel.WhyNot"/>.</summary>
internal sealed class Takeovers(LiveChannels channels, TimeProvider time, Func<Instant> now)
{
    /// <summary>
    /// Why the publisher is refused, which the channel's owner can read then too; null where it is not. Takes a second where it may be the publisher that is on, come
    /// back: only silence tells that one's connection is dead.
    /// </summary>
    public async ValueTask<string?> RefusalAsync(Channel channel, PublisherIdentity who, string protocol, CancellationToken cancellation)
    {
        if (channels.Find(channel.Id) is not { } live) return null;
        var reason = live.WhyNot(who, channel.Settings.RefusesTakeover, now());
        if (reason is null) return null;
        if (live.TimeToTell(who) is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellation);
            reason = live.WhyNot(who, channel.Settings.RefusesTakeover, now());
        }

        if (reason is not null) live.NoteRefusal(new PublishRefusal(time.GetUtcNow(), protocol, reason));
        return reason;
    }
}
