using Microsoft.Extensions.Logging;
using Sluice.Protocols.WebRtc.Peers;

namespace Sluice.Inputs.Whip;

public sealed partial class WhipInput
{
    [LoggerMessage(Level = LogLevel.Information, Message = "WHIP offer answered for {Channel}: session {Session}, client '{Vendor}'")]
    private partial void LogAnnounced(string channel, string session, string vendor);

    [LoggerMessage(Level = LogLevel.Information, Message = "WHIP session {Session} on {Channel} ended: {End}")]
    private partial void LogEnded(string channel, string session, PeerEnd end);
}
