using Sluice.Control.Channels;
using Sluice.Server.Http;
using Sluice.Server.Live;
using Sluice.Server.Options;

namespace Sluice.Server.Api;

/// <summary>Channels: make, list, change, rotate, delete.</summary>
internal static class ChannelEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var channels = routes.MapGroup("/api/v1/channels").WithTags("Channels");
        channels.MapGet("/{id}/public", ShowPublicAsync).Produces<PublicChannelView>().Refuses(404)
            .WithSummary("A channel as a stranger sees it");
        channels.MapGet("/{id}/publishing", ShowPublishingAsync).Produces<PublishingView>().TakesBearer(isRequired: true).Refuses(404)
            .WithSummary("A channel as its streamer sees it: where to publish, and why the last attempt failed; the bearer is the stream key");

        var operators = channels.MapGroup("").AddEndpointFilter(OperatorGate.FilterAsync).TakesBearer(isRequired: true);
        operators.MapGet("", ListAsync).Produces<ChannelList>().WithSummary("Every channel");
        operators.MapPost("", CreateAsync).Takes<CreateChannelBody>().Produces<ChannelView>(201)
            .Refuses(400, 409, 415, 422).WithSummary("Makes a channel; the answer alone has its secret");
        operators.MapGet("/{id}", ShowAsync).Produces<ChannelView>().Refuses(404).WithSummary("One channel");
        operators.MapPatch("/{id}", UpdateAsync).Takes<UpdateChannelBody>().Produces<ChannelView>()
            .Refuses(400, 404, 415, 422).WithSummary("Changes a channel; what is absent stays");
        operators.MapDelete("/{id}", DeleteAsync).Produces(204).Refuses(404).WithSummary("Deletes a channel and ends its stream");
        operators.MapPost("/{id}/rotate-secret", RotateAsync).Produces<ChannelView>().Refuses(404)
            .WithSummary("Gives a channel a new secret; the old one is refused at once");
    }

    private static async Task<IResult> ListAsync(HttpContext context, ChannelDirectory channels, ChannelViews views)
    {
        var all = await channels.ListAsync(context.RequestAborted);
        return Json(new ChannelList([.. all.Select(c => views.Of(c, context))]));
    }

    private static async Task<IResult> CreateAsync(HttpContext context, ChannelDirectory channels, ChannelViews views)
    {
        var (body, problem) = await JsonBody.ReadAsync(context, ServerJson.Default.CreateChannelBody);
        if (body is null)
            return problem!;
        if (CheckTexts(body.Name, body.Title) is { } invalid)
            return invalid;
        if (body.Id is not null && !ChannelId.IsValid(body.Id))
            return Problems.Invalid("id", ChannelId.Allowed);
        if (ReadSubtitles(body.Subtitles, out var subtitles) is { } unknown)
            return unknown;
        var settings = new ChannelSettings(body.Private ?? false, body.RefuseTakeover ?? false)
        {
            Records = body.Record, Subtitles = subtitles ?? "", HasClosedCaptions = body.ClosedCaptions ?? false,
        };
        var made = await channels.CreateAsync(body.Name.Trim(), body.Id, body.Title?.Trim() ?? "", settings, context.RequestAborted);
        if (made is null)
        {
            return Problem.Of(
                409, "Channel id taken", $"There is already a channel {body.Id ?? ChannelId.FromName(body.Name)}.", "Choose another id, or delete that channel.");
        }
        context.Response.Headers.Location = $"/api/v1/channels/{made.Channel.Id}";
        context.Response.Headers.CacheControl = "no-store";
        return Json(views.Of(made.Channel, context, made.Secret), 201);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, string id, ChannelDirectory channels, ChannelViews views) =>
        await channels.FindAsync(id, context.RequestAborted) is { } channel
            ? Json(views.Of(channel, context))
            : Problems.UnknownChannel(id);

    private static async Task<IResult> ShowPublicAsync(HttpContext context, string id, ChannelDirectory channels, ILiveStreams live) =>
        await channels.FindAsync(id, context.RequestAborted) is { } channel
            ? Results.Json(
                new PublicChannelView(channel.Id, channel.Name, channel.Title, live.Find(id) is not null, channel.Settings.IsPrivate),
                ServerJson.Default.PublicChannelView)
            : Problems.UnknownChannel(id);

    private static async Task<IResult> ShowPublishingAsync(HttpContext context, string id, SessionGate gate, ChannelViews views, LiveOptions options)
    {
        var (channel, refused) = await gate.ForPublisherAsync(context, id, null, options.Current.Http);
        return channel is null ? refused! : Results.Json(views.ForStreamer(channel, context), ServerJson.Default.PublishingView);
    }

    private static async Task<IResult> UpdateAsync(HttpContext context, string id, ChannelDirectory channels, ChannelViews views)
    {
        var (body, problem) = await JsonBody.ReadAsync(context, ServerJson.Default.UpdateChannelBody);
        if (body is null)
            return problem!;
        if (await channels.FindAsync(id, context.RequestAborted) is not { } channel)
            return Problems.UnknownChannel(id);
        if (CheckTexts(body.Name ?? channel.Name, body.Title) is { } invalid)
            return invalid;
        if (ReadSubtitles(body.Subtitles, out var subtitles) is { } unknown)
            return unknown;
        var changed = channel with
        {
            Name = body.Name?.Trim() ?? channel.Name,
            Title = body.Title?.Trim() ?? channel.Title,
            Settings = channel.Settings with
            {
                IsPrivate = body.Private ?? channel.Settings.IsPrivate,
                RefusesTakeover = body.RefuseTakeover ?? channel.Settings.RefusesTakeover,
                Records = body.Record ?? channel.Settings.Records,
                Subtitles = subtitles ?? channel.Settings.Subtitles,
                HasClosedCaptions = body.ClosedCaptions ?? channel.Settings.HasClosedCaptions,
            },
        };
        return await channels.UpdateAsync(changed, context.RequestAborted)
            ? Json(views.Of(changed, context))
            : Problems.UnknownChannel(id);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, ChannelDirectory channels) =>
        await channels.RemoveAsync(id, context.RequestAborted) ? Results.NoContent() : Problems.UnknownChannel(id);

    private static async Task<IResult> RotateAsync(HttpContext context, string id, ChannelDirectory channels, ChannelViews views)
    {
        var secret = await channels.RotateSecretAsync(id, context.RequestAborted);
        if (secret is null || await channels.FindAsync(id, context.RequestAborted) is not { } channel)
            return Problems.UnknownChannel(id);
        context.Response.Headers.CacheControl = "no-store";
        return Json(views.Of(channel, context, secret));
    }

    private static Problem? ReadSubtitles(string[]? languages, out string? subtitles)
    {
        subtitles = null;
        if (languages is null)
            return null;
        var tags = new List<string>();
        foreach (var language in languages)
        {
            if (language is null || !LanguageTag.TryRead(language, out var tag) || tags.Contains(tag) || tags.Count == ChannelSettings.MaxSubtitles)
                return Problems.Invalid("subtitles", $"at most {ChannelSettings.MaxSubtitles} different language tags (BCP 47), such as en or de-CH");
            tags.Add(tag);
        }
        subtitles = string.Join(' ', tags);
        return null;
    }

    private static Problem? CheckTexts(string name, string? title)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > Channel.MaxNameLength || name.Any(char.IsControl))
            return Problems.Invalid("name", $"1 to {Channel.MaxNameLength} characters without control characters");
        if (title is not null && (title.Length > Channel.MaxTitleLength || title.Any(char.IsControl)))
            return Problems.Invalid("title", $"at most {Channel.MaxTitleLength} characters without control characters");
        return null;
    }

    private static IResult Json(ChannelView view, int status = 200) => Results.Json(view, ServerJson.Default.ChannelView, statusCode: status);

    private static IResult Json(ChannelList list) => Results.Json(list, ServerJson.Default.ChannelList);
}
