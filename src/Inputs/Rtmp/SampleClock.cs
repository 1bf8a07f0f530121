namespace Sluice.Inputs.Rtmp;

/// <summary>
/// Decoding times of sound, counted in samples, so that timestamps rounded to milliseconds leave no mark. A deviation is followed slowly, and at once where it
/// is a gap.
/// </summary>
internal struct SampleClock(int rate)
{
    // What rounding does stays below this; a drift pulls with a sixty-fourth of itself.
    private const int SlewFraction = 64;

    private readonly long _gap = rate / 10;
    private long _next;
    private bool _hasBegun;

    /// <summary>The decoding time of a packet.</summary>
    /// <param name="media">Its media time in samples, as its timestamp has it.</param>
    /// <param name="samples">Samples in it; 0 where that is not known.</param>
    /// <param name="isAfterGap">Sound is missing before it, or came twice.</param>
    public long Next(long media, int samples, out bool isAfterGap)
    {
        var error = media - _next;
        isAfterGap = _hasBegun && Math.Abs(error) > _gap;
        if (!_hasBegun || samples == 0 || isAfterGap) _next = media;
        else _next += error / SlewFraction;
        _hasBegun = true;
        var time = _next;
        _next += samples;
        return time;
    }
}
