using Sluice.Control.Channels;
using Sluice.Control.Recordings;
using Sluice.Outputs.Recordings;
using Sluice.Outputs.Thumbnails;
using Sluice.Protocols.Media;
using Sluice.Server.Hls;
using Sluice.Server.Http;
using Sluice.Server.Options;

namespace Sluice.Server.Api;

/// <summary>Recordings: list, show, delete, cut, and start and stop by hand.</summary>
internal static class RecordingEndpoints
{
    private const int MaxPage = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var recordings = routes.MapGroup("/api/v1/recordings").WithTags("Recordings");
        recordings.MapGet("", ListAsync).Produces<RecordingList>().TakesBearer(isRequired: false).Refuses(404, 422)
            .WithSummary("Recordings, the newest first; those of private channels for who may watch them");
        recordings.MapGet("/{id}", ShowAsync).Produces<RecordingView>().TakesBearer(isRequired: false).Refuses(404).WithSummary("One recording");
        recordings.MapDelete("/{id}", DeleteAsync).Produces(204).TakesBearer(isRequired: true).Refuses(404, 409).WithSummary("Deletes a recording and its files");
        recordings.MapPost("/{id}/viewings", OpenAsync).Produces<RecordingView>(201).TakesBearer(isRequired: false).Refuses(404, 503)
            .WithSummary("The recording with addresses that elements of a page can load: those of a private channel carry a grant of some hours");
        recordings.MapPost("/{id}/clips", ClipAsync).Takes<ClipBody>().Produces<RecordingView>(201).TakesBearer(isRequired: true).Refuses(400, 404, 415, 422)
            .WithSummary("Cuts a clip out of a recording");

        var streams = routes.MapGroup("/api/v1/streams/{channel}").WithTags("Recordings").TakesBearer(isRequired: true).Refuses(404);
        streams.MapGet("/recording", StatusAsync).Produces<RecordingStatus>().WithSummary("Whether the stream is recorded");
        streams.MapPost("/recording", (HttpContext context, string channel, Ports ports) => SwitchAsync(context, channel, true, ports)).Produces(202)
            .WithSummary("Records the stream that is on, whatever the channel's setting");
        streams.MapDelete("/recording", (HttpContext context, string channel, Ports ports) => SwitchAsync(context, channel, false, ports)).Produces(202)
            .WithSummary("Stops recording the stream that is on");
        streams.MapPost("/clips", ClipLiveAsync).Takes<ClipBody>().Produces<RecordingView>(201).Refuses(400, 409, 415, 422)
            .WithSummary("Cuts a clip out of the recording of the stream that is on");
    }

    /// <param name="recording">The recording.</param>
    /// <param name="baseUrl">What addresses begin with.</param>
    /// <param name="pictures">Says which pictures there are.</param>
    /// <param name="leave">What addresses of media end with: empty, or a question mark and the rest.</param>
    private static RecordingView View(Recording recording, string baseUrl, RecordingPictures pictures, string leave = "")
    {
        var at = $"{baseUrl}/recordings/{recording.Id}";
        var playable = recording.Parts.FirstOrDefault(p => p.State != PartState.Failed && p.Duration > TimeSpan.Zero);
        return new RecordingView(
            recording.Id, recording.ChannelId, recording.StartedAt, recording.EndedAt, NameOf(recording.State), recording.Reason,
            Math.Round(recording.Duration.TotalSeconds, 3), recording.Size, recording.ClipOf,
            [.. (playable?.Tracks ?? []).Select(View)],
            [.. recording.Parts.Select(p => new RecordingPartView(
                p.Number, p.StartedAt, NameOf(p.State), Math.Round(p.Duration.TotalSeconds, 3), p.Size, p.Gaps,
                $"{at}/{p.Number}.mp4{leave}", $"{at}/{p.Number}.mp4{(leave.Length == 0 ? "?" : leave + "&")}download=1"))],
            new RecordingUrls
            {
                Hls = playable is null || playable.Tracks.Any(t => CodecFacts.FromName(t.Codec) == Codec.Vp8) ? null : $"{at}/index.m3u8{leave}",
                Mp4 = playable is null ? null : $"{at}/{playable.Number}.mp4{leave}",
                Poster = playable is null || pictures.Poster(recording, playable.Number) is null ? null : $"{at}/{playable.Number}/poster.jpg{leave}",
                Thumbnails = recording.Parts.Any(p => pictures.Sheet(recording, p.Number) is not null) ? $"{at}/thumbnails.vtt{leave}" : null,
            });
    }

    private static RecordedTrackView View(RecordedTrack track) => new(
        track.Kind, track.Codec, track.CodecString, Known(track.Width), Known(track.Height), Known(track.SampleRate), Known(track.Channels));

    private static int? Known(int number) => number > 0 ? number : null;

    private static string NameOf(RecordingState state) => state switch
    {
        RecordingState.Recording => "recording",
        RecordingState.Finishing => "finishing",
        RecordingState.Ready => "ready",
        _ => "failed",
    };

    private static string NameOf(PartState state) => state switch
    {
        PartState.Writing => "writing",
        PartState.Written => "written",
        PartState.Finished => "finished",
        _ => "failed",
    };

    private static async Task<IResult> ListAsync(
        HttpContext context, Ports ports, string? channel = null, string? before = null, int limit = 50)
    {
        if (limit is < 1 or > MaxPage)
            return Problems.Invalid("limit", $"a whole number from 1 to {MaxPage}");
        if (before is not null && !RecordingId.IsValid(before))
            return Problems.Invalid("before", "the next of the page before");
        var isOperator = ports.Gate.IsOperator(context);
        if (channel is not null)
        {
            if (await ports.Channels.FindAsync(channel, context.RequestAborted) is null)
                return Problems.UnknownChannel(channel);
            if (await ports.Gate.RefuseViewerAsync(context, channel) is { } refused)
                return refused;
        }
        var found = ports.Library.List(channel, before, limit + 1);
        var page = found.Count > limit ? found.Take(limit).ToList() : found;
        var baseUrl = Requester.BaseUrl(context, ports.Options.Current.Http);
        var shown = new List<RecordingView>(page.Count);
        foreach (var recording in page)
        {
            if (channel is not null || isOperator
                || await ports.Channels.FindAsync(recording.ChannelId, context.RequestAborted) is { Settings.IsPrivate: false })
                shown.Add(View(recording, baseUrl, ports.Pictures));
        }
        return Results.Json(new RecordingList(shown) { Next = found.Count > limit ? page[^1].Id : null }, ServerJson.Default.RecordingList);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, string id, Ports ports)
    {
        var (recording, refused) = await ports.Gate.ForViewerAsync(context, id);
        return recording is null ? refused! : Json(context, recording, ports);
    }

    private static async Task<IResult> OpenAsync(HttpContext context, string id, Ports ports)
    {
        var (recording, refused) = await ports.Gate.ForViewerAsync(context, id);
        if (recording is null)
            return refused!;
        var leave = "";
        if (await ports.Channels.FindAsync(recording.ChannelId, context.RequestAborted) is not { Settings.IsPrivate: false })
        {
            if (ports.Gate.Give(recording.ChannelId) is not { } grant)
                return HlsProblems.TooMany();
            leave = RecordingGate.QueryOf(grant);
        }
        context.Response.Headers.CacheControl = "no-store";
        return Json(context, recording, ports, 201, leave);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, Ports ports)
    {
        var (recording, refused) = await ports.Gate.ForOwnerAsync(context, id);
        if (recording is null)
            return refused!;
        if (ports.Library.IsRunning(id))
        {
            return Problem.Of(409, "Still recording", "This recording is being written.",
                $"Stop it first: DELETE /api/v1/streams/{recording.ChannelId}/recording.");
        }
        ports.Output.Forget(id);
        await Task.Run(() => ports.Library.TryDelete(id));
        return Results.NoContent();
    }

    private static async Task<IResult> ClipAsync(HttpContext context, string id, Ports ports)
    {
        var (recording, refused) = await ports.Gate.ForOwnerAsync(context, id);
        return recording is null ? refused! : await CutAsync(context, recording, ports);
    }

    private static async Task<IResult> ClipLiveAsync(HttpContext context, string channel, Ports ports)
    {
        if (await ports.Channels.FindAsync(channel, context.RequestAborted) is null)
            return Problems.UnknownChannel(channel);
        if (await ports.Gate.RefuseOwnerAsync(context, channel) is { } refused)
            return refused;
        return ports.Library.FindRunning(channel) is { } running
            ? await CutAsync(context, running, ports)
            : Problem.Of(409, "Not recorded", $"The channel {channel} is not being recorded, so there is nothing to cut from.",
                $"Start with POST /api/v1/streams/{channel}/recording.");
    }

    private static async Task<IResult> CutAsync(HttpContext context, Recording recording, Ports ports)
    {
        var (body, problem) = await JsonBody.ReadAsync(context, ServerJson.Default.ClipBody);
        if (body is null)
            return problem!;
        var length = recording.Duration.TotalSeconds;
        var start = Place(body.Start, length);
        var end = body.End is { } given ? Place(given, length) : length;
        if (!double.IsFinite(start) || !double.IsFinite(end) || start < 0 || end <= start || start >= length)
            return Problems.Invalid("start", $"within the recording, which lasts {length:0.###} s, and before end");
        var clip = await Task.Run(() => ports.Clips.Begin(recording, TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(Math.Min(end, length))));
        if (clip is null)
            return Problems.Invalid("start", "where there is something recorded on this disk");
        context.Response.Headers.Location = $"/api/v1/recordings/{clip.Id}";
        return Json(context, clip, ports, 201);
    }

    private static double Place(double seconds, double length) => seconds < 0 ? Math.Max(0, length + seconds) : seconds;

    private static async Task<IResult> StatusAsync(HttpContext context, string channel, Ports ports)
    {
        if (await ports.Channels.FindAsync(channel, context.RequestAborted) is null)
            return Problems.UnknownChannel(channel);
        if (await ports.Gate.RefuseOwnerAsync(context, channel) is { } refused)
            return refused;
        var running = ports.Library.FindRunning(channel);
        return Results.Json(
            new RecordingStatus(ports.Output.IsRecording(channel), running?.Id, running?.Reason ?? ""), ServerJson.Default.RecordingStatus);
    }

    private static async Task<IResult> SwitchAsync(HttpContext context, string channel, bool on, Ports ports)
    {
        if (await ports.Channels.FindAsync(channel, context.RequestAborted) is null)
            return Problems.UnknownChannel(channel);
        if (await ports.Gate.RefuseOwnerAsync(context, channel) is { } refused)
            return refused;
        return ports.Output.Switch(channel, on) == RecordingAnswer.Done
            ? Results.Accepted()
            : Problem.Of(404, "Not live", $"The channel {channel} is not live.",
                "Try again when it is, or set record on the channel, so that every stream is recorded.");
    }

    private static IResult Json(HttpContext context, Recording recording, Ports ports, int status = 200, string leave = "") => Results.Json(
        View(recording, Requester.BaseUrl(context, ports.Options.Current.Http), ports.Pictures, leave), ServerJson.Default.RecordingView, statusCode: status);

    /// <summary>What the endpoints call.</summary>
    internal sealed record Ports(
        RecordingLibrary Library, RecordingOutput Output, RecordingClips Clips, RecordingPictures Pictures, RecordingGate Gate, ChannelDirectory Channels,
        LiveOptions Options);
}
