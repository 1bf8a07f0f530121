using Sluice.Control.Admission;
using Sluice.Control.Channels;
using Sluice.Inputs.Rtmp;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Server.Http;

namespace Sluice.Server.Media;

/// <summary>Settles who may publish by RTMP, with the limits that logins over HTTP have.</summary>
internal sealed class RtmpKeys(IService service, Limits limits, Takeovers takeovers)
{
    public async ValueTask<RtmpAnswer> CheckAsync(RtmpRequest request, CancellationToken cancellation)
    {
        var address = request.Remote.ToIPAddress();
        if (limits.OnLogin(address) is not null)
        {
            return RtmpAnswer.Refused(RtmpRefusal.Denied, "Too many wrong stream keys came from this address; wait a minute.", isKnownChannel: false);
        }

        if (!ChannelId.IsValid(request.ChannelId)) return NoKey();
        var answer = await service.VerifyPublishAsync(request.ChannelId, request.Key, cancellation);
        switch (answer.Verdict)
        {
            case Verdict.Granted:
                return await takeovers.RefusalAsync(answer.Channel!, request.Who, request.Protocol, cancellation) is { } reason
                    ? RtmpAnswer.Refused(RtmpRefusal.BadName, reason)
                    : RtmpAnswer.Granted;
            case Verdict.ChannelUnknown:
                limits.CountFailedLogin(address, "publishing by RTMP on a channel that does not exist");
                return NoKey();
            case Verdict.KeyMissing:
                return RtmpAnswer.Refused(
                    RtmpRefusal.BadName, "No stream key came; the stream key of an encoder is the channel's whole key, CHANNEL-SECRET.");
            default:
                limits.CountFailedLogin(address, $"publishing by RTMP on {request.ChannelId}");
                return RtmpAnswer.Refused(
                    RtmpRefusal.BadName, StreamKey.TryParse(request.Key, out _) ? "The stream key is wrong; copy it again from the console." : StreamKey.Shape);
        }
    }

    private static RtmpAnswer NoKey() => RtmpAnswer.Refused(
        RtmpRefusal.BadName, "The stream key opens no channel here; copy it again from the console.", isKnownChannel: false);
}
