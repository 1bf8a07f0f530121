using Sluice.Server.Http;

namespace Sluice.Server.Hls;

/// <summary>The refusals of HLS.</summary>
internal static class HlsProblems
{
    public static Problem NotLive() => Problem.Of(
        404, "Nothing to play", "Nothing is live on this channel now, or there is no such channel.", "Try again when the stream has begun.");

    /// <summary>Players tell it from an absent stream by the status: what is not on the air may come, this will not.</summary>
    public static Problem SwitchedOff() => Problem.Of(
        501, "No HLS", "This channel gives WebRTC only: HLS is switched off on this server.", "Watch by WHEP, or set Hls:Enabled.");

    public static Problem NoSuchMedia() => Problem.Of(
        404, "No such media", "This rendition, segment or part does not exist, or not any more.", "Load the playlist again.");

    public static Problem NoTransport() => Problem.Of(
        404, "Not as MPEG-TS", "MPEG-TS carries H.264, H.265 and AAC; this stream has nothing of them.", "Play index.m3u8, or publish H.264.");

    public static Problem GrantGone() => Problem.Of(
        403, "Grant gone", "The grant in this URL is not valid (any more).", "Load the channel's index.m3u8 again, with the watch token.");

    public static Problem BadDirective() => Problem.Of(
        400, "Bad directive", "A delivery directive in the query is not one, or asks for what is far from being made.",
        "Ask for at most one segment ahead of the playlist's end (RFC 8216bis, section 6.2.5).");

    public static Problem NotYet() => Problem.Of(
        503, "Not yet", "What was waited for has not come in time.", "Try again in a second.").With("Retry-After", "1");

    public static Problem TooMany() => Problem.Of(
        503, "Too many viewers", "This node has as many viewers by HLS as it may have, or has sent this one away.", "Try again in a while.").With("Retry-After", "10");
}
