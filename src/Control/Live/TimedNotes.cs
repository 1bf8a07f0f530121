using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Live;

/// <summary>
/// The notes of one stream, as many readers take them, each in its own time. Safe for any thread. The newest are kept: a reader that is behind misses the oldest.
/// Who posts faster than twenty at once and ten a second is refused.
/// </summary>
public sealed class TimedNotes
{
    /// <summary>Notes that are kept.</summary>
    public const int Capacity = 64;

    private const double Burst = 20;
    private const double PerSecond = 10;

    private readonly Lock _gate = new();
    private readonly TimedNote?[] _notes = new TimedNote?[Capacity];
    private double _allowance = Burst;
    private Instant _filledAt;
    private long _count;

    /// <summary>Notes posted so far.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Posts a note; false where too many come, or this one is larger than notes may be.</summary>
    public bool TryPost(TimedNote note, Instant now)
    {
        if (note.Name.Length > TimedNote.MaxName || note.Data?.Length > TimedNote.MaxContent || Encoding.UTF8.GetByteCount(note.Text) > TimedNote.MaxContent) return false;
        lock (_gate)
        {
            if (now > _filledAt)
            {
                _allowance = Math.Min(Burst, _allowance + (now - _filledAt).TotalSeconds * PerSecond);
                _filledAt = now;
            }

            if (_allowance < 1) return false;
            _allowance--;
            _notes[_count % Capacity] = note;
            Volatile.Write(ref _count, _count + 1);
            return true;
        }
    }

    /// <summary>Takes the next note for a reader; false where there is none.</summary>
    /// <param name="position">How many it has taken or missed; 0 before the first.</param>
    /// <param name="note">The note.</param>
    public bool TryTake(ref long position, [NotNullWhen(true)] out TimedNote? note)
    {
        note = null;
        if (position >= Count) return false;
        lock (_gate)
        {
            position = Math.Max(position, _count - Capacity);
            note = _notes[position++ % Capacity]!;
            return true;
        }
    }
}
