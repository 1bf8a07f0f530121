using System.Globalization;
using Microsoft.Net.Http.Headers;
using Sluice.Control.Recordings;
using Sluice.Outputs.Recordings;
using Sluice.Server.Api;
using Sluice.Server.Media;

namespace Sluice.Server.Http;

/// <summary>Recordings as players and downloads take them: the playlist, and the files by range.</summary>
internal static class RecordingMediaEndpoints
{
    private const string Mp4 = "video/mp4";
    private const string Playlist = "application/vnd.apple.mpegurl";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var media = routes.MapGroup("/recordings/{id}").WithTags("Recordings").TakesBearer(isRequired: false).Refuses(404);
        media.MapRead("/index.m3u8", PlaylistAsync).AnswersText(200, Playlist).WithSummary("The recording as an HLS playlist");
        media.MapRead("/{number:int}/init.mp4", InitAsync).ExcludeFromDescription();
        media.MapRead("/{number:int}.mp4", FileAsync).AnswersText(200, Mp4).WithSummary("One file of the recording, whole or by range");
    }

    private static async Task<IResult> PlaylistAsync(HttpContext context, string id, RecordingGate gate, RecordingFiles files)
    {
        var (recording, refused) = await gate.ForViewerAsync(context, id);
        if (recording is null)
            return refused!;
        var parts = await Task.Run(() => files.Fragmented(recording));
        if (parts.Count == 0 || parts.All(p => p.Fragments.Count == 0))
        {
            return Problem.Of(404, "Not in fragments", "Nothing of this recording can be played by HLS: it has only just begun, or is being cut.",
                "Play or download its file; the recording's entry in the API names it.");
        }
        var isComplete = recording.State is RecordingState.Ready or RecordingState.Finishing;
        context.Response.Headers.CacheControl = isComplete ? "private, max-age=60" : "no-cache";
        return Results.Text(RecordingPlaylist.Write(parts, isComplete, RecordingGate.LeaveOf(context.Request)), Playlist);
    }

    private static async Task<IResult> InitAsync(HttpContext context, string id, int number, RecordingGate gate, RecordingFiles files)
    {
        var (recording, refused) = await gate.ForViewerAsync(context, id);
        if (recording is null)
            return refused!;
        if (!recording.Parts.Any(p => p.Number == number) || await Task.Run(() => files.Init(recording, number)) is not { } init)
            return NoFile();
        context.Response.Headers.CacheControl = "private, max-age=86400";
        return Results.Bytes(init, Mp4);
    }

    private static async Task<IResult> FileAsync(HttpContext context, string id, int number, RecordingGate gate, RecordingFiles files, ObjectStores stores)
    {
        var (recording, refused) = await gate.ForViewerAsync(context, id);
        if (recording is null)
            return refused!;
        if (recording.Parts.FirstOrDefault(p => p.Number == number) is not { State: not PartState.Failed } part)
            return NoFile();
        Stream? file = files.Open(recording, number);
        if (file is null && part.IsUploaded && stores.Remote is { } store)
            file = new ObjectStream(store, RecordingUploader.KeyOf(recording.ChannelId, id, number), part.Size);
        if (file is null)
            return NoFile();
        // What has been finished never changes; before that a player that asks for ranges must not be told that its copy is whole.
        var isFinal = part.State == PartState.Finished;
        context.Response.Headers.CacheControl = isFinal ? "private, max-age=86400" : "no-cache";
        var tag = isFinal ? new EntityTagHeaderValue($"\"{recording.Id}-{number}\"") : null;
        var name = context.Request.Query.ContainsKey("download")
            ? string.Create(CultureInfo.InvariantCulture, $"{recording.ChannelId}-{part.StartedAt.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.mp4")
            : null;
        return Results.File(file, Mp4, name, entityTag: tag, enableRangeProcessing: true);
    }

    private static Problem NoFile() => Problem.Of(
        404, "Unknown file", "The recording has no file of that number.", "The recording's entry in the API lists its parts.");
}
