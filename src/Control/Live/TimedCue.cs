using Sluice.Protocols.Wire;

namespace Sluice.Control.Live;

/// <summary>A text to be read along with a stream: what is spoken, or its translation.</summary>
/// <param name="At">The wall-clock time of the pictures and sound it belongs to.</param>
/// <param name="Duration">How long it is to be seen.</param>
/// <param name="Language">The language as its sender names it; empty where it names none.</param>
/// <param name="Text">What is to be read: plain text, whatever is in it.</param>
public sealed record TimedCue(NtpTime At, TimeSpan Duration, string Language, string Text)
{
    /// <summary>Characters of a text.</summary>
    public const int MaxText = 1000;

    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);

    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    // Fifteen characters a second are read without haste.
    private static readonly TimeSpan PerCharacter = TimeSpan.FromSeconds(1) / 15;
    private static readonly TimeSpan LeastRead = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MostRead = TimeSpan.FromSeconds(8);

    /// <summary>A cue; null where there is nothing to read, or too much.</summary>
    /// <param name="at">When it begins.</param>
    /// <param name="text">What is to be read.</param>
    /// <param name="language">Its language, or empty.</param>
    /// <param name="seconds">How long it is to be seen; not a number where that is not said: as long as it takes to read.</param>
    public static TimedCue? Of(NtpTime at, string text, string language, double seconds = double.NaN)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaxText) return null;
        var duration = double.IsNaN(seconds)
            ? TimeSpan.FromTicks(Math.Clamp(PerCharacter.Ticks * text.Length, LeastRead.Ticks, MostRead.Ticks))
            : TimeSpan.FromSeconds(Math.Clamp(seconds, Shortest.TotalSeconds, Longest.TotalSeconds));
        return new TimedCue(at, duration, language, text);
    }
}
