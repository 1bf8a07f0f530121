using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Outputs.Whep;
using Sluice.Protocols.Media;
using Sluice.Server.Http;

namespace Sluice.Server.Media;

/// <summary>What a viewer's session shows, as the events of the WHEP extensions put it.</summary>
internal static class WhepEvents
{
    public static IEnumerable<WhepEvent> Describe(LiveChannel channel, IReadOnlyList<WhepLine> lines)
    {
        var stream = channel.Stream;
        yield return new WhepEvent(stream is null ? "inactive" : "active", "{}");
        yield return new WhepEvent("viewercount", new JsonObject { ["viewercount"] = channel.ViewerCount }.ToJsonString());
        if (stream is not null && lines.Count > 0) yield return new WhepEvent("layers", Layers(stream, lines).ToJsonString());
    }

    private static JsonObject Layers(LiveStream stream, IReadOnlyList<WhepLine> lines)
    {
        var media = new JsonObject();
        foreach (var line in lines)
        {
            if (line.Kind != MediaKind.Video) continue;
            var active = new JsonArray();
            var layers = new JsonArray();
            foreach (var track in stream.Tracks)
            {
                if (track.Id.Kind != line.Kind || track.Id.Number != line.Number) continue;
                layers.Add(Layer(track));
                if (track.Id.EncodingId == line.EncodingId) active.Add(Layer(track));
            }

            media[line.Mid] = new JsonObject { ["active"] = active, ["layers"] = layers };
        }

        return media;
    }

    // Rounded, so that an event is sent for a change and not for the noise of measuring.
    private static JsonObject Layer(Track track) => new()
    {
        ["encodingId"] = track.Id.EncodingId,
        ["width"] = track.Resolution.Width,
        ["height"] = track.Resolution.Height,
        ["bitrate"] = (long)(Math.Round(track.Statistics.Bitrate / 100_000) * 100_000),
    };
}
