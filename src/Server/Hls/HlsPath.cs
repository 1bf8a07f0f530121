using Sluice.Protocols.Hls.Playlists;

namespace Sluice.Server.Hls;

/// <summary>
/// A path below /hls/: <c>{channel}[/~{grant}]/{view}.m3u8</c> or <c>{channel}[/~{grant}]/{rendition}/{file}</c>.
/// </summary>
internal readonly ref struct HlsPath
{
    public const string Root = "/hls/";
    private const int LongestName = 64;

    public ReadOnlySpan<char> Channel { get; private init; }

    public ReadOnlySpan<char> Grant { get; private init; }

    /// <summary>Empty for the multivariant playlist.</summary>
    public ReadOnlySpan<char> Rendition { get; private init; }

    public ReadOnlySpan<char> File { get; private init; }

    /// <summary>Which playlist the file is; null where it is none.</summary>
    public PlaylistView? View => File switch
    {
        "index.m3u8" => PlaylistView.Live,
        "rewind.m3u8" => PlaylistView.Rewind,
        "event.m3u8" => PlaylistView.Event,
        _ => null,
    };

    public static bool TryParse(ReadOnlySpan<char> path, out HlsPath parsed)
    {
        parsed = default;
        if (!path.StartsWith(Root, StringComparison.Ordinal)) return false;
        path = path[Root.Length..];
        if (!TryCut(ref path, out var channel)) return false;
        ReadOnlySpan<char> grant = default;
        if (path.StartsWith("~"))
        {
            if (!TryCut(ref path, out grant)) return false;
            grant = grant[1..];
        }

        ReadOnlySpan<char> rendition = default;
        if (path.Contains('/') && !TryCut(ref path, out rendition)) return false;
        if (path.Length is 0 or > LongestName || path.Contains('/')) return false;
        parsed = new HlsPath { Channel = channel, Grant = grant, Rendition = rendition, File = path };
        return true;
    }

    private static bool TryCut(scoped ref ReadOnlySpan<char> path, out ReadOnlySpan<char> name)
    {
        var slash = path.IndexOf('/');
        name = slash > 0 ? path[..slash] : default;
        if (slash is <= 0 or > LongestName) return false;
        path = path[(slash + 1)..];
        return true;
    }
}
