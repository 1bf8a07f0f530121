using Microsoft.Extensions.Logging;
using Sluice.Control.Tracks;

namespace Sluice.Workers.Transcoding;

/// <summary>What the log says of renditions.</summary>
internal static partial class TranscodingLog
{
    [LoggerMessage(1, LogLevel.Information, "Sound and pictures are converted by {Path}, version {Version}")]
    public static partial void Found(ILogger log, string path, string version);

    [LoggerMessage(2, LogLevel.Warning, "No converter runs as {Path}: sound and pictures are given out as they come. Install ffmpeg (apt install ffmpeg).")]
    public static partial void Missing(ILogger log, string path);

    [LoggerMessage(3, LogLevel.Information, "Channel {Channel}: {Track} is made by process {Process}")]
    public static partial void Started(ILogger log, string channel, TrackId track, int process);

    [LoggerMessage(4, LogLevel.Information, "Channel {Channel}: {Track}, process {Process} {Ending}")]
    public static partial void Ended(ILogger log, string channel, TrackId track, int process, string ending);

    [LoggerMessage(5, LogLevel.Warning, "Channel {Channel}: the process that makes {Track} died, {Deaths} in a row: {Reason}")]
    public static partial void Died(ILogger log, string channel, TrackId track, string reason, int deaths);

    [LoggerMessage(6, LogLevel.Error, "Channel {Channel}: {Track} is given up after {Deaths} deaths in a row: {Reason}")]
    public static partial void GivenUp(ILogger log, string channel, TrackId track, int deaths, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Channel {Channel}: {Track} is not made: {Reason}")]
    public static partial void Refused(ILogger log, string channel, TrackId track, string reason);

    [LoggerMessage(8, LogLevel.Error, "Channel {Channel}: {Track} is not made any more, by a fault of ours")]
    public static partial void Abandoned(ILogger log, string channel, TrackId track, Exception failure);

    [LoggerMessage(9, LogLevel.Error, "Channel {Channel}: looking after a rendition failed")]
    public static partial void Failed(ILogger log, string channel, Exception failure);
}
