using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Server.Api;

namespace Sluice.Server.Http;

/// <summary>Every type that crosses the API. Reading is strict: unknown members, wrong case and doubled members are errors.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ChannelView))]
[JsonSerializable(typeof(ChannelList))]
[JsonSerializable(typeof(PublicChannelView))]
[JsonSerializable(typeof(PublishingView))]
[JsonSerializable(typeof(CreateChannelBody))]
[JsonSerializable(typeof(UpdateChannelBody))]
[JsonSerializable(typeof(CreateWatchTokenBody))]
[JsonSerializable(typeof(WatchTokenView))]
[JsonSerializable(typeof(WatchTokenList))]
[JsonSerializable(typeof(StreamList))]
[JsonSerializable(typeof(Live.StreamFigures))]
[JsonSerializable(typeof(ViewerList))]
[JsonSerializable(typeof(NodeView))]
[JsonSerializable(typeof(RecordingView))]
[JsonSerializable(typeof(RecordingList))]
[JsonSerializable(typeof(RecordingStatus))]
[JsonSerializable(typeof(ClipBody))]
[JsonSerializable(typeof(LayerBody))]
[JsonSerializable(typeof(MetadataBody))]
[JsonSerializable(typeof(CaptionBody))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ServerJson : JsonSerializerContext;
