using System.Text.Json.Serialization;
using Sluice.Server.Live;

namespace Sluice.Server.Api;

/// <summary>A channel to make. Without an id, one is made from the name.</summary>
public sealed record CreateChannelBody(
    string Name, string? Id = null, string? Title = null, bool? Private = null, bool? RefuseTakeover = null, bool? Record = null, string[]? Subtitles = null, bool? ClosedCaptions = null);

/// <summary>What to change of a channel; what is absent stays.</summary>
public sealed record UpdateChannelBody(
    string? Name = null, string? Title = null, bool? Private = null, bool? RefuseTakeover = null, bool? Record = null, string[]? Subtitles = null, bool? ClosedCaptions = null);

/// <summary>A channel as its operator sees it. Secret and key are there after creation and rotation only.</summary>
public sealed record ChannelView(
    string Id,
    int Number,
    string Name,
    string Title,
    DateTimeOffset CreatedAt,
    bool Private,
    bool RefuseTakeover,
    bool Record,
    string[] Subtitles,
    bool ClosedCaptions,
    bool Live,
    PublishUrls Publish,
    PlayUrls Play)
{
    /// <summary>Why the last publisher was turned away or put out; absent where none was since the node started.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PublishErrorFigures? LastPublishError { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }
}

/// <summary>Where to publish. A protocol this node does not speak is absent.</summary>
public sealed record PublishUrls(string Whip)
{
    /// <summary>The server of an encoder; its stream key is the channel's key.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rtmp { get; init; }

    /// <summary>The same over TLS.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rtmps { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rtsp { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Srt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Ftl { get; init; }
}

/// <summary>Where to watch. A protocol this node does not speak is absent.</summary>
public sealed record PlayUrls(string Whep, string Page)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Hls { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rtmp { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rtsp { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Srt { get; init; }
}

/// <summary>Every channel, by number.</summary>
public sealed record ChannelList(IReadOnlyList<ChannelView> Channels);

/// <summary>A channel as a stranger sees it.</summary>
public sealed record PublicChannelView(string Id, string Name, string Title, bool Live, bool Private);

/// <summary>A channel as its streamer sees it: who has the stream key, and no more.</summary>
public sealed record PublishingView(string Id, string Name, bool Live, PublishUrls Publish)
{
    /// <summary>Why the last publisher was turned away or put out; absent where none was since the node started.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PublishErrorFigures? LastPublishError { get; init; }
}

/// <summary>A watch token to make.</summary>
public sealed record CreateWatchTokenBody(string? Label = null);

/// <summary>A watch token; the token itself is there after creation only.</summary>
public sealed record WatchTokenView(string Id, string Label, DateTimeOffset CreatedAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }
}

/// <summary>The watch tokens of a channel.</summary>
public sealed record WatchTokenList(IReadOnlyList<WatchTokenView> WatchTokens);
