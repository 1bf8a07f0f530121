using Microsoft.Net.Http.Headers;
using Sluice.Control.Channels;
using Sluice.Outputs.Thumbnails;
using Sluice.Server.Api;

namespace Sluice.Server.Http;

/// <summary>Pictures: the newest of a stream, and those of recordings.</summary>
internal static class ThumbnailEndpoints
{
    private const string Jpeg = "image/jpeg";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/api/v1/streams/{channel}/thumbnail.jpg", ShowLiveAsync).AnswersText(200, Jpeg).TakesBearer(isRequired: false)
            .Refuses(404).WithTags("Streams").WithSummary("A picture of the stream, some seconds old; size=small gives a small one");
        var recordings = routes.MapGroup("/recordings/{id}").WithTags("Recordings").TakesBearer(isRequired: false).Refuses(404);
        recordings.MapRead("/{number:int}/poster.jpg", (HttpContext context, string id, int number, RecordingGate gate, RecordingPictures pictures) =>
            ShowAsync(context, id, number, false, gate, pictures)).AnswersText(200, Jpeg).WithSummary("The first picture of a part");
        recordings.MapRead("/{number:int}/sprite.jpg", (HttpContext context, string id, int number, RecordingGate gate, RecordingPictures pictures) =>
            ShowAsync(context, id, number, true, gate, pictures)).AnswersText(200, Jpeg).WithSummary("Small pictures of a part on one sheet");
        recordings.MapRead("/thumbnails.vtt", ShowTrackAsync).AnswersText(200, "text/vtt")
            .WithSummary("Which picture of the sheets belongs to which time");
    }

    private static async Task<IResult> ShowLiveAsync(
        HttpContext context, string channel, ChannelDirectory channels, RecordingGate gate, LiveThumbnails thumbnails, string? size = null)
    {
        if (await channels.FindAsync(channel, context.RequestAborted) is not { } found)
            return Problems.UnknownChannel(channel);
        if (found.Settings.IsPrivate && await gate.RefuseViewerAsync(context, channel) is { } refused)
            return refused;
        if (thumbnails.Find(channel, size == "small") is not { } picture)
            return NoPicture();
        context.Response.Headers.CacheControl = found.Settings.IsPrivate ? "private, max-age=5" : "public, max-age=5";
        return Results.File(picture.Jpeg, Jpeg, lastModified: picture.MadeAt, entityTag: new EntityTagHeaderValue($"\"{picture.Tag}\""));
    }

    private static async Task<IResult> ShowAsync(HttpContext context, string id, int number, bool sheet, RecordingGate gate, RecordingPictures pictures)
    {
        var (recording, refused) = await gate.ForViewerAsync(context, id);
        if (recording is null)
            return refused!;
        if (!recording.Parts.Any(p => p.Number == number) || (sheet ? pictures.Sheet(recording, number) : pictures.Poster(recording, number)) is not { } path)
            return NoPicture();
        context.Response.Headers.CacheControl = "private, max-age=86400";
        return Results.File(path, Jpeg, entityTag: new EntityTagHeaderValue($"\"{id}-{number}-{(sheet ? "s" : "p")}\""));
    }

    private static async Task<IResult> ShowTrackAsync(HttpContext context, string id, RecordingGate gate, RecordingPictures pictures)
    {
        var (recording, refused) = await gate.ForViewerAsync(context, id);
        if (recording is null)
            return refused!;
        if (pictures.Track(recording, RecordingGate.LeaveOf(context.Request)) is not { } text)
            return NoPicture();
        context.Response.Headers.CacheControl = "no-cache";
        return Results.Text(text, "text/vtt");
    }

    private static Problem NoPicture() => Problem.Of(
        404, "No picture", "There is no picture yet: nothing is live or recorded, it has only just begun, has no video, or this machine has no ffmpeg.",
        "Ask again in some seconds; sluice doctor says whether ffmpeg is there.");
}
