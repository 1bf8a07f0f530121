using Sluice.Control.Admission;
using Sluice.Control.Channels;
using Sluice.Server.Http;
using Sluice.Server.Live;
using Sluice.Server.Options;
using Sluice.Server.Startup;

namespace Sluice.Server.Api;

/// <summary>What is live, who watches, and what this node is.</summary>
internal static class StreamEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var streams = routes.MapGroup("/api/v1/streams").WithTags("Streams");
        streams.MapGet("", ListAsync).Produces<StreamList>().TakesBearer(isRequired: false).WithSummary("The live streams; those of private channels for the operator only");
        streams.MapGet("/{channel}", ShowAsync).Produces<StreamFigures>().TakesBearer(isRequired: false).Refuses(404)
            .WithSummary("One live stream");
        streams.MapGet("/{channel}/viewers", ViewersAsync).AddEndpointFilter(OperatorGate.FilterAsync).Produces<ViewerList>()
            .TakesBearer(isRequired: true).Refuses(404).WithSummary("How each viewer receives");
        routes.MapGet("/api/v1/node", (NodePorts ports, NodeClock clock) =>
                Results.Json(new NodeView(SluiceVersion.Text, clock.StartedAt, new SortedDictionary<string, int>(ports.All.ToDictionary())), ServerJson.Default.NodeView))
            .Produces<NodeView>().WithTags("Node").WithSummary("This node's version and ports");
    }

    private static async Task<IResult> ListAsync(HttpContext context, ChannelDirectory channels, ILiveStreams live, OperatorGate gate)
    {
        var all = live.All();
        var isOperator = context.Request.Headers.Authorization.Count > 0;
        if (isOperator && gate.Check(context) is { } refused)
            return refused;
        var shown = new List<StreamFigures>(all.Count);
        foreach (var stream in all)
        {
            if (await channels.FindAsync(stream.Channel, context.RequestAborted) is not { } channel)
                continue;
            if (isOperator || !channel.Settings.IsPrivate)
                shown.Add(Named(stream, channel));
        }
        return Results.Json(new StreamList(shown), ServerJson.Default.StreamList);
    }

    private static async Task<IResult> ShowAsync(
        HttpContext context, string channel, ChannelDirectory channels, ILiveStreams live, SessionGate gate, OperatorToken operators, LiveOptions options)
    {
        if (await channels.FindAsync(channel, context.RequestAborted) is not { } found)
            return Problems.UnknownChannel(channel);
        var isOperator = Requester.Bearer(context.Request) is { } bearer && operators.Matches(bearer);
        if (found.Settings.IsPrivate && !isOperator)
        {
            var (_, refused) = await gate.ForViewerAsync(context, channel, options.Current.Http);
            if (refused is not null)
                return refused;
        }
        return live.Find(channel) is { } stream
            ? Results.Json(Named(stream, found), ServerJson.Default.StreamFigures)
            : Problem.Of(404, "Not live", $"The channel {channel} is not live.", "Ask again when its owner streams.");
    }

    private static async Task<IResult> ViewersAsync(HttpContext context, string channel, ChannelDirectory channels, ILiveStreams live) =>
        await channels.FindAsync(channel, context.RequestAborted) is null
            ? Problems.UnknownChannel(channel)
            : Results.Json(new ViewerList(live.Viewers(channel)), ServerJson.Default.ViewerList);

    // Media knows channels by id; what people call them may change while a stream is on.
    private static StreamFigures Named(StreamFigures stream, Channel channel) => stream with { Name = channel.Name, Title = channel.Title };
}
