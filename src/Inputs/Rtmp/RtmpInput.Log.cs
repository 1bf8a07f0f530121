using Microsoft.Extensions.Logging;
using Sluice.Control.Live;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Rtmp;

public sealed partial class RtmpInput
{
    [LoggerMessage(Level = LogLevel.Information, Message = "RTMP publication on {Channel} accepted from {Remote}, client '{Vendor}'")]
    internal partial void LogAccepted(string channel, NetworkAddress remote, string vendor);

    [LoggerMessage(Level = LogLevel.Information, Message = "RTMP stream on {Channel} began with {Tracks}")]
    internal partial void LogBegan(string channel, string tracks);

    [LoggerMessage(Level = LogLevel.Information, Message = "RTMP publication on {Channel} ended: {End}")]
    internal partial void LogEnded(string channel, StreamEnd end);

    [LoggerMessage(Level = LogLevel.Warning, Message = "RTMP publisher {Remote} on {Channel} refused: {Reason}")]
    internal partial void LogRefused(NetworkAddress remote, string channel, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "RTMP publisher on {Channel}: {What}")]
    internal partial void LogOddity(string channel, string what);

    [LoggerMessage(Level = LogLevel.Debug, Message = "RTMP connection from {Remote} ended: {What}")]
    internal partial void LogConnectionEnded(NetworkAddress remote, string what);

    [LoggerMessage(Level = LogLevel.Error, Message = "The check of an RTMP key failed")]
    private partial void LogGateFailed(Exception failure);
}
