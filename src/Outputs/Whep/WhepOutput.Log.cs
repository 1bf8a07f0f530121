using Microsoft.Extensions.Logging;
using Sluice.Protocols.WebRtc.Peers;

namespace Sluice.Outputs.Whep;

public sealed partial class WhepOutput
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "WHEP offer answered for {Channel}: session {Session}")]
    private partial void LogAnnounced(string channel, string session);

    [LoggerMessage(Level = LogLevel.Debug, Message = "WHEP session {Session} on {Channel} ended: {End}")]
    private partial void LogEnded(string channel, string session, PeerEnd end);
}
