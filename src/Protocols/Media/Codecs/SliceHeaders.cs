namespace Sluice.Protocols.Media.Codecs;

/// <summary>Finds where the headers of a format's slices end and coded pictures begin. One thread.</summary>
internal abstract class SliceHeaders
{
    /// <summary>The longest header that is measured; those of use have a few dozen bytes.</summary>
    protected const int MaxBytes = 2048;

    /// <summary>The unit holds a part of a coded picture.</summary>
    public abstract bool IsSlice(ReadOnlySpan<byte> nal);

    /// <summary>
    /// Measures the header of a slice: bytes from the front of the unit to the first whole byte behind the header, escapes included. False where the slice is damaged,
    /// the parameter sets it names are not known, or it is of a kind that is not understood.
    /// </summary>
    public abstract bool TryMeasure(ReadOnlySpan<byte> nal, out int length);
}
