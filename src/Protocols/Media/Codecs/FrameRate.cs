namespace Sluice.Protocols.Media.Codecs;

/// <summary>Frames a second as a fraction. The default value stands for "not announced".</summary>
/// <param name="Numerator">Frames.</param>
/// <param name="Denominator">Seconds.</param>
public readonly record struct FrameRate(uint Numerator, uint Denominator)
{
    /// <summary>True where none was announced.</summary>
    public bool IsEmpty => Numerator == 0 || Denominator == 0;

    /// <summary>Frames a second; 0 where none was announced.</summary>
    public double PerSecond => IsEmpty ? 0 : (double)Numerator / Denominator;
}
