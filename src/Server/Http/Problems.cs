using System.Globalization;

namespace Sluice.Server.Http;

/// <summary>The error answers that more than one endpoint gives.</summary>
internal static class Problems
{
    public static Problem UnknownPath(string path) => Problem.Of(
        404, "Unknown path", $"Nothing is served at {Shortened(path)}.", "Check the spelling; /openapi/v1.json lists the API.");

    public static Problem UnknownChannel(string id) => Problem.Of(
        404, "Unknown channel", $"There is no channel {Shortened(id)}.", "Check the id in the URL, or create the channel with POST /api/v1/channels.");

    public static Problem UnknownSession() => Problem.Of(
        404, "Unknown session", "There is no such session: it was never made, has ended, or belongs to another channel.",
        "Start a new session with a POST to the channel's endpoint.");

    public static Problem OperatorNeeded() => Problem.Of(
        401, "Operator needed", "This request needs the operator's token, and none came.",
        "Send it as Authorization: Bearer TOKEN; it was printed at the first start, and SLUICE_ADMIN_TOKEN sets another.")
        .With("WWW-Authenticate", "Bearer realm=\"sluice operator\"");

    public static Problem OperatorWrong() => Problem.Of(
        403, "Operator token wrong", "The token that came is not the operator's.",
        "Use the token printed at the first start, or restart with SLUICE_ADMIN_TOKEN set to a new one.");

    public static Problem TooManyRequests(int retryAfterSeconds) => Problem.Of(
        429, "Too many requests", "Too many requests of this kind came from your address.",
        $"Wait {retryAfterSeconds} s and try again; the operator sets the limits in sluice.jsonc under Http.")
        .With("Retry-After", retryAfterSeconds.ToString(CultureInfo.InvariantCulture));

    public static Problem WrongMediaType(string? given, string expected) => Problem.Of(
        415, "Wrong media type", $"The body's Content-Type is {(string.IsNullOrEmpty(given) ? "missing" : Shortened(given))}.", $"Send it as {expected}.");

    public static Problem BadJson(string reason) => Problem.Of(
        400, "Bad JSON", $"The body is not the JSON this request takes: {reason}", "Compare it with the schema in /openapi/v1.json.");

    public static Problem Invalid(string field, string allowed) => Problem.Of(
        422, "Invalid value", $"{field} is not allowed as it is.", $"{field} must be {allowed}.");

    public static Problem ForStatus(int status, string method, string path) => status switch
    {
        400 => Problem.Of(400, "Bad request", "The request could not be read.", "Check its headers and body."),
        404 => UnknownPath(path),
        405 => Problem.Of(405, "Method not allowed", $"{method} is not done at {Shortened(path)}.", "The Allow header lists the methods that are."),
        408 => Problem.Of(408, "Request too slow", "The request did not arrive in time.", "Send it again over a faster connection."),
        413 => Problem.Of(413, "Body too large", "The body is larger than this server takes.", "Send at most 64 KiB."),
        415 => WrongMediaType(null, "the media type the endpoint takes"),
        503 => Problem.Of(503, "Unavailable", "The server cannot do this now.", "Try again in a moment."),
        >= 500 => Problem.Of(status, "Internal error", "The server failed; the fault is not yours.", "Try again; the operator finds the cause in the log."),
        _ => Problem.Of(status, "Refused", $"The request was refused with status {status}.", "See /openapi/v1.json for what is allowed."),
    };

    // What a stranger sent is repeated so that they see their mistake, but never at length.
    private static string Shortened(string text) => text.Length <= 100 ? text : string.Concat(text.AsSpan(0, 100), "…");
}
