using Sluice.Control.Channels;
using Sluice.Control.Live;
using Sluice.Protocols.Sockets;
using Sluice.Server.Http;

namespace Sluice.Server.Api;

/// <summary>What to say to the players of a stream: a name with either a text or bytes in base64.</summary>
public sealed record MetadataBody(string Name, string? Text = null, byte[]? Data = null);

/// <summary>Timed metadata from outside a stream: said to whoever plays it, at the pictures that are made now.</summary>
internal static class MetadataEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/channels/{id}/metadata", PostAsync).WithTags("Channels").AddEndpointFilter(OperatorGate.FilterAsync).TakesBearer(isRequired: true)
            .Takes<MetadataBody>().Produces(204).Refuses(400, 404, 415, 422)
            .WithSummary("Says something to the players of the stream that is on: an ID3 tag with a text (TXXX) or bytes (PRIV), in its HLS");

    private static async Task<IResult> PostAsync(HttpContext context, string id, ChannelDirectory channels, LiveChannels live)
    {
        var (body, problem) = await JsonBody.ReadAsync(context, ServerJson.Default.MetadataBody);
        if (body is null) return problem!;
        if (await channels.FindAsync(id, context.RequestAborted) is null) return Problems.UnknownChannel(id);
        if (string.IsNullOrWhiteSpace(body.Name) || body.Name.Length > TimedNote.MaxName || body.Name.Any(char.IsControl))
            return Problems.Invalid("name", $"1 to {TimedNote.MaxName} characters without control characters");
        var now = MonotonicClock.Now;
        var note = new TimedNote(MonotonicClock.ReadWallClock().ToNtp(now), body.Name) { Text = body.Text ?? "", Data = body.Data };
        if ((body.Text is null) == (body.Data is null) || !note.Fits)
            return Problems.Invalid("text or data", $"one of them, with at most {TimedNote.MaxContent} bytes");
        if (live.Find(id) is not { Stream: { } stream } channel)
            return Problem.Of(404, "Not live", $"The channel {id} is not live.", "Say it again when its owner streams.");
        if (!stream.Notes.TryPost(note, now)) return Problems.TooManyRequests(1);
        channel.WakeReaders();
        return Results.NoContent();
    }
}
