namespace Sluice.Control.Channels;

/// <summary>The lasting thing a person owns and streams on. Its secret is not here: nothing that shows a channel can leak it.</summary>
/// <param name="Id">The public id, see <see cref="ChannelId"/>.</param>
/// <param name="Number">The public number that protocols without names use (FTL): from 1 to 2^31-2, never used twice.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Title">What is on now; may be empty.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Settings">The owner's choices.</param>
public sealed record Channel(string Id, int Number, string Name, string Title, DateTimeOffset CreatedAt, ChannelSettings Settings)
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>The longest title, in characters.</summary>
    public const int MaxTitleLength = 200;
}

/// <summary>The owner's choices for a channel.</summary>
/// <param name="IsPrivate">Watching needs a watch token, and the channel is not listed for strangers.</param>
/// <param name="RefusesTakeover">A second publisher with the right key is refused, instead of taking the live stream over.</param>
public sealed record ChannelSettings(bool IsPrivate, bool RefusesTakeover)
{
    /// <summary>Anyone may watch; the newest publisher with the right key wins.</summary>
    public static ChannelSettings Default { get; } = new(IsPrivate: false, RefusesTakeover: false);

    /// <summary>Whether its streams are recorded; null follows the node's default.</summary>
    public bool? Records { get; init; }

    /// <summary>Languages of which there are subtitles, as tags with a space between them (<see cref="LanguageTag"/>); empty where there are none.</summary>
    public string Subtitles { get; init; } = "";

    /// <summary>Captions within its pictures are announced before any was found.</summary>
    public bool HasClosedCaptions { get; init; }

    /// <summary>Languages of subtitles at most.</summary>
    public const int MaxSubtitles = 8;
}
