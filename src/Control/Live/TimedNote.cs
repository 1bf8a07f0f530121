using System.Text;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Live;

/// <summary>Something said at a time of a stream, for players to show or to act on: a cue, a title, a score.</summary>
/// <param name="At">The wall-clock time of the pictures and sound it belongs to.</param>
/// <param name="Name">What it is: the name of the publisher's message, or what who posted it calls it.</param>
public sealed record TimedNote(NtpTime At, string Name)
{
    /// <summary>Characters of a name.</summary>
    public const int MaxName = 128;

    /// <summary>Bytes of a text in UTF-8, and of data.</summary>
    public const int MaxContent = 4096;

    /// <summary>What it says.</summary>
    public string Text { get; init; } = "";

    /// <summary>Bytes instead of a text; null where it is one.</summary>
    public byte[]? Data { get; init; }

    /// <summary>It is no larger than notes may be.</summary>
    public bool Fits => Name.Length <= MaxName && !(Data?.Length > MaxContent) && Encoding.UTF8.GetByteCount(Text) <= MaxContent;
}
