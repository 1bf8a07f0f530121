namespace Sluice.Control.Pictures;

/// <summary>What is to be made of the key pictures of a movie: one JPEG, or one sheet of many.</summary>
/// <param name="Width">Width of a picture in pixels.</param>
/// <param name="Height">Its height; 0 keeps the proportions.</param>
/// <param name="Columns">Pictures side by side.</param>
/// <param name="Rows">Rows of them.</param>
public readonly record struct PictureSheet(int Width, int Height = 0, int Columns = 1, int Rows = 1);

/// <summary>Decodes key pictures and gives them out as JPEG.</summary>
public interface IPictureDecoder
{
    /// <summary>False where this machine has no decoder.</summary>
    bool IsAvailable { get; }

    /// <summary>Decodes; null where that does not succeed in time. Blocks; one thread, which outlives the call.</summary>
    /// <param name="movie">A fragmented MP4 with nothing but key pictures of one track.</param>
    /// <param name="sheet">What to make of them.</param>
    byte[]? Decode(ReadOnlyMemory<byte> movie, PictureSheet sheet);
}
