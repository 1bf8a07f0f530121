using Sluice.Server.Live;

namespace Sluice.Server.Api;

/// <summary>The live streams.</summary>
public sealed record StreamList(IReadOnlyList<StreamFigures> Streams);

/// <summary>The viewers of one stream.</summary>
public sealed record ViewerList(IReadOnlyList<ViewerFigures> Viewers);

/// <summary>This node.</summary>
/// <param name="Version">The version of sluice.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Ports">The ports it listens on, by name.</param>
public sealed record NodeView(string Version, DateTimeOffset StartedAt, IReadOnlyDictionary<string, int> Ports);
