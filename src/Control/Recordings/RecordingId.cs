namespace Sluice.Control.Recordings;

/// <summary>
/// Names a recording: 32 hexadecimal digits, made here and ordered by time. Folders and object keys are built of it, so nothing else is ever taken for one.
/// </summary>
public static class RecordingId
{
    /// <summary>Digits of an id.</summary>
    public const int Length = 32;

    /// <summary>A new one; later ones sort behind earlier ones.</summary>
    public static string New(DateTimeOffset now) => Guid.CreateVersion7(now).ToString("N");

    /// <summary>True where the text has the shape of an id.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length != Length)
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
                return false;
        }
        return true;
    }
}
