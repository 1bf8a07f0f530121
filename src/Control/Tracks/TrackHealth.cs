using Sluice.Protocols.Wire;

namespace Sluice.Control.Tracks;

/// <summary>
/// What a streamer should know of a track beyond its rates: how far keyframes are apart, how late it comes for its time, and whether it stalls. One thread
/// writes, any thread reads. Allocates nothing.
/// </summary>
public sealed class TrackHealth
{
    private const long Second = 1_000_000_000;

    // Of a window the earliest frame counts: the network only ever delays.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    // Encoders add keyframes at scene cuts: what viewers wait for is the longest of the last intervals, not the last.
    private const int Intervals = 8;

    // Longer without a frame nothing was sent: what lies between two keyframes is no picture group then.
    private const long Interruption = 3 * Second;

    private readonly long[] _intervals = new long[Intervals];
    private long _lastKeyframe = long.MinValue;
    private long _lastMedia = long.MinValue;
    private int _keyframes;
    private Instant _windowStart;
    private Instant _lastArrival = Instant.Never;
    private long _earliest = long.MaxValue;
    private long _longestPause;
    private long _lag = long.MinValue;
    private long _pause;
    private long _interval;

    /// <summary>The longest media time between two of the last nine keyframes that follow each other; zero while two have not come.</summary>
    public TimeSpan KeyframeInterval => TimeSpan.FromTicks(Volatile.Read(ref _interval) / 100);

    /// <summary>The longest time in the last full window that a frame was late after the one before, for their timestamps.</summary>
    public TimeSpan LongestPause => TimeSpan.FromTicks(Volatile.Read(ref _pause) / 100);

    /// <summary>
    /// Arrival minus media time of the frame that came earliest for its time, over the last full window; null before one was full. Only the difference between
    /// two tracks of a publisher means something, and only where these share a clock.
    /// </summary>
    public TimeSpan? Lag => Volatile.Read(ref _lag) is var lag && lag == long.MinValue ? null : TimeSpan.FromTicks(lag / 100);

    /// <summary>Notes the beginning of a frame.</summary>
    /// <param name="now">When it arrived.</param>
    /// <param name="timestamp">Its timestamp, without wrap-around.</param>
    /// <param name="clockRate">Ticks of the timestamp in a second.</param>
    /// <param name="isKeyframe">It is a keyframe of video.</param>
    public void Note(Instant now, long timestamp, int clockRate, bool isKeyframe)
    {
        var seconds = Math.DivRem(timestamp, clockRate, out var rest);
        var media = seconds * Second + rest * Second / clockRate;
        var step = _lastMedia == long.MinValue ? 0 : media - _lastMedia;
        _lastMedia = media;
        if (Math.Abs(step) > Interruption) _lastKeyframe = long.MinValue;
        if (isKeyframe) NoteKeyframe(media);
        if (_lastArrival == Instant.Never) _windowStart = now;
        else _longestPause = Math.Max(_longestPause, now.Nanoseconds - _lastArrival.Nanoseconds - Math.Max(step, 0));
        _lastArrival = now;
        _earliest = Math.Min(_earliest, now.Nanoseconds - media);
        if (now - _windowStart < Window) return;
        Volatile.Write(ref _lag, _earliest);
        Volatile.Write(ref _pause, _longestPause);
        _earliest = long.MaxValue;
        _longestPause = 0;
        _windowStart = now;
    }

    private void NoteKeyframe(long media)
    {
        var before = _lastKeyframe;
        _lastKeyframe = media;
        if (before == long.MinValue || media <= before) return;
        _intervals[_keyframes++ % Intervals] = media - before;
        var longest = 0L;
        foreach (var interval in _intervals) longest = Math.Max(longest, interval);
        Volatile.Write(ref _interval, longest);
    }
}
