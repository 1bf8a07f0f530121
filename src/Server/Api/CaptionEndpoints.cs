using Sluice.Control.Admission;
using Sluice.Control.Channels;
using Sluice.Control.Live;
using Sluice.Protocols.Hls.Subtitles;
using Sluice.Protocols.Sockets;
using Sluice.Server.Http;
using Sluice.Server.Options;

namespace Sluice.Server.Api;

/// <summary>A text to be read along with the stream that is on. Without a time it appears with the pictures that are made now, without a length for as long as it takes to read.</summary>
public sealed record CaptionBody(string Text, string? Language = null, double? Seconds = null, DateTimeOffset? At = null);

/// <summary>Subtitles from outside a stream: who captions it live posts them cue by cue.</summary>
internal static class CaptionEndpoints
{
    private static readonly TimeSpan LongestAgo = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestAhead = TimeSpan.FromSeconds(60);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/channels/{id}/captions", PostAsync).WithTags("Channels").TakesBearer(isRequired: true)
            .Takes<CaptionBody>().Produces(204).Refuses(400, 404, 409, 415, 422)
            .WithSummary("Adds a cue to the subtitles of the stream that is on; the bearer is the operator's token or the channel's stream key");

    private static async Task<IResult> PostAsync(
        HttpContext context, string id, ChannelDirectory channels, LiveChannels live, SessionGate gate, OperatorGate operators, LiveOptions options)
    {
        var isStreamer = Requester.Bearer(context.Request) is { } bearer && StreamKey.TryParse(bearer, out _);
        var refused = isStreamer ? (await gate.ForPublisherAsync(context, id, null, options.Current.Http)).Refused : operators.Check(context);
        if (refused is not null) return refused;
        var (body, problem) = await JsonBody.ReadAsync(context, ServerJson.Default.CaptionBody);
        if (body is null) return problem!;
        if (await channels.FindAsync(id, context.RequestAborted) is not { } channel) return Problems.UnknownChannel(id);
        var now = MonotonicClock.Now;
        var clock = MonotonicClock.ReadWallClock().ToNtp(now);
        var ahead = body.At is { } at ? at.UtcDateTime - clock.ToUtc() : TimeSpan.Zero;
        if (Check(body, ahead) is { } invalid) return invalid;
        var tags = channel.Settings.Subtitles.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (tags.Length == 0)
        {
            return Problem.Of(409, "No subtitles", $"The channel {id} has no subtitles.",
                "Name their languages before anybody watches: PATCH /api/v1/channels/{id} with {\"subtitles\": [\"en\"]}.");
        }

        // Who names a language means that one, however few there are.
        var language = "";
        if (body.Language is { } wanted)
        {
            var isTag = LanguageTag.TryRead(wanted, out language);
            if (!isTag || !Array.Exists(tags, t => LanguageTag.AreSame(t, language))) return Problems.Invalid("language", $"one of the channel's: {string.Join(", ", tags)}");
        }

        if (live.Find(id) is not { Stream: { } stream } on)
            return Problem.Of(404, "Not live", $"The channel {id} is not live.", "Say it again when its owner streams.");
        if (!stream.Cues.TryPost(TimedCue.Of(clock + ahead, body.Text, language, body.Seconds ?? double.NaN)!, now)) return Problems.TooManyRequests(1);
        on.WakeReaders();
        return Results.NoContent();
    }

    private static Problem? Check(CaptionBody body, TimeSpan ahead)
    {
        if (body.Text.Length > TimedCue.MaxText || !WebVtt.IsReadable(body.Text)) return Problems.Invalid("text", $"1 to {TimedCue.MaxText} characters, some of which can be read");
        if (body.Seconds is { } seconds && !(seconds >= TimedCue.Shortest.TotalSeconds && seconds <= TimedCue.Longest.TotalSeconds))
            return Problems.Invalid("seconds", "0.5 to 30");
        return ahead < -LongestAgo || ahead > LongestAhead ? Problems.Invalid("at", "no more than 10 seconds ago and 60 seconds ahead, by this node's clock") : null;
    }
}
