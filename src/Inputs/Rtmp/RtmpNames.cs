using Sluice.Protocols.Rtmp.Sessions;

namespace Sluice.Inputs.Rtmp;

/// <summary>Which channel a publishing name means: <c>{channel}-{secret}</c>, split at the first dash, or <c>{channel}?key={secret}</c>.</summary>
internal static class RtmpNames
{
    /// <summary>Reads a request; the key is null where none was given.</summary>
    public static (string ChannelId, string? Key) Read(RtmpPublish publish)
    {
        // With an empty stream key encoders send the last part of the address as part of the application.
        var name = publish.Name.Length > 0 ? publish.Name : publish.App[(publish.App.LastIndexOf('/') + 1)..];
        if (KeyIn(publish.Query) is { } key) return (name, key);
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? (name, null) : (name[..dash], name);
    }

    private static string? KeyIn(string query)
    {
        foreach (var part in query.Split('&'))
        {
            if (part.StartsWith("key=", StringComparison.Ordinal)) return Uri.UnescapeDataString(part[4..]);
        }

        return null;
    }
}
