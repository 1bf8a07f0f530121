using System.Runtime.CompilerServices;

namespace Sluice.Protocols.Rtp.Payloads.Depacketizers;

/// <summary>
/// Makes decoding times from presentation times in decoding order. Where at most n pictures overtake a picture, its decoding time is the
/// smallest presentation time not yet given out while n later ones wait: it grows and never passes the picture's own.
/// </summary>
/// <remarks>
/// Where the stream does not say n, it begins at 0 and grows with each picture that proves it too small. That picture's decoding time, and
/// those of a few after it, are then one tick after the one before, and may pass their presentation. n stays below 17.
/// </remarks>
internal struct DecodeClock
{
    private const int MaxDepth = 16;
    private const int StepBeforeStart = 3000; // at 90 kHz a thirtieth of a second

    private Waiting _waiting; // ascending
    private Recent _recent;
    private int _count;
    private int _depth;
    private int _seen;
    private long _last;

    /// <summary>Begins anew at a keyframe: nothing before it is shown after it.</summary>
    /// <param name="depth">n; -1 where the stream does not say.</param>
    public void Restart(int depth)
    {
        if (depth >= 0) _depth = Math.Min(depth, MaxDepth);
        _count = 0;
        _seen = 0;
    }

    /// <summary>The decoding time of the next picture in decoding order.</summary>
    public long Next(long presentation)
    {
        if (_seen == 0)
        {
            _last = long.MinValue;
            for (var i = _depth; i > 0; i--) _waiting[_count++] = presentation - (long)i * StepBeforeStart;
        }

        var overtaken = 0;
        for (var i = 0; i < Math.Min(_seen, MaxDepth); i++)
        {
            if (_recent[i] > presentation) overtaken++;
        }

        _recent[_seen++ % MaxDepth] = presentation;
        if (_seen == 2 * MaxDepth) _seen = MaxDepth; // the ring is full, its turn the same
        Insert(presentation);
        if (overtaken > _depth)
        {
            _depth++;
            return ++_last;
        }

        var time = _waiting[0];
        _count--;
        for (var i = 0; i < _count; i++) _waiting[i] = _waiting[i + 1];
        return _last = Math.Max(time, _last + 1);
    }

    private void Insert(long presentation)
    {
        var at = _count++;
        for (; at > 0 && _waiting[at - 1] > presentation; at--) _waiting[at] = _waiting[at - 1];
        _waiting[at] = presentation;
    }

    [InlineArray(MaxDepth + 1)]
    private struct Waiting
    {
        private long _first;
    }

    [InlineArray(MaxDepth)]
    private struct Recent
    {
        private long _first;
    }
}
