using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets;

/// <summary>
/// Decides whether a driver's thread is bound to a processor of its own. Bound while it mostly waits: woken by another driver it then runs beside that one and not after it. Free while it
/// is busy, or does not get the processor it is bound to: then the scheduler must be able to move it.
/// </summary>
internal sealed class ThreadBinding
{
    /// <summary>How often it is decided.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Between the two it stays as it is.
    private const double BindBelow = 0.3;
    private const double FreeAbove = 0.45;

    private Instant _since;
    private long _waited;

    /// <summary>What was decided last; free at first.</summary>
    public bool IsBound { get; private set; }

    /// <summary>Notes one turn: when the thread began to wait and when it went on. Time without the processor counts as busy.</summary>
    /// <returns>True where <see cref="IsBound"/> has changed.</returns>
    public bool Note(Instant began, Instant ended)
    {
        _waited += ended.Nanoseconds - began.Nanoseconds;
        var length = ended.Nanoseconds - _since.Nanoseconds;
        if (length < Interval.Ticks * 100) return false;
        var busy = 1 - (double)_waited / length;
        var isFirst = _since == Instant.Zero;
        _since = ended;
        _waited = 0;
        if (isFirst || IsBound == (IsBound ? busy <= FreeAbove : busy < BindBelow)) return false;
        IsBound = !IsBound;
        return true;
    }
}
