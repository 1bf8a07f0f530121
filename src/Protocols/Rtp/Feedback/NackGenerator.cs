using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtp.Feedback;

/// <summary>How patient a <see cref="NackGenerator"/> is.</summary>
/// <param name="ReorderTime">A packet missing for so long is asked for, however few came after it.</param>
/// <param name="ReorderPackets">A packet is asked for as soon as a number so far behind it was seen.</param>
/// <param name="ShortestResend">The least time between two requests for one packet, even where the round trip is shorter.</param>
/// <param name="GiveUpAge">A packet missing for so long is given up.</param>
/// <param name="MostTries">A packet asked for so often is given up.</param>
public readonly record struct NackPolicy(
    TimeSpan ReorderTime, int ReorderPackets, TimeSpan ShortestResend, TimeSpan GiveUpAge, int MostTries)
{
    /// <summary>5 ms or 4 packets of reordering, resends 20 ms apart at least, given up after 1 s or 10 tries.</summary>
    public static NackPolicy Default => new(
        TimeSpan.FromMilliseconds(5), 4, TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1), 10);
}

/// <summary>
/// Finds the gaps in one incoming RTP stream and says which packets to ask for again, and when (RFC 4585 §6.2.1). A packet is first asked
/// for after a small tolerance for reordering, then once in a good round trip, until it comes or is given up; giving up video means that
/// only a keyframe helps. One thread uses it; it allocates at construction only.
/// <para>Bounds: the last <see cref="Window"/> sequence numbers are looked after. Older ones are given up; a jump ahead by more than
/// the window begins anew.</para>
/// </summary>
public sealed class NackGenerator
{
    /// <summary>How many of the newest sequence numbers are looked after.</summary>
    public const int Window = 1024;

    // A sender that restarts its numbers shows two packets in a row far behind (RFC 3550 §A.1, bad_seq).
    private const int NoRestart = -1;

    private readonly NackPolicy _policy;
    private readonly Missing[] _missing = new Missing[Window]; // slot = number modulo Window; not missing where Outstanding is false
    private bool _started;
    private long _highest;
    private long _oldest; // no number before this one is outstanding
    private int _restartSequence = NoRestart;

    private struct Missing
    {
        public bool Outstanding;
        public int Tries;
        public Instant Since;
        public Instant Due;
    }

    /// <summary>A generator with the default policy.</summary>
    public NackGenerator()
        : this(NackPolicy.Default)
    {
    }

    /// <summary>A generator with a policy of its own.</summary>
    public NackGenerator(NackPolicy policy) => _policy = policy;

    /// <summary>When <see cref="TakeNacks"/> may have something to say; <see cref="Instant.Never"/> while nothing is missing.</summary>
    public Instant NextTimeout { get; private set; } = Instant.Never;

    /// <summary>How many packets are missing now.</summary>
    public int Outstanding { get; private set; }

    /// <summary>Requests made, repetitions included.</summary>
    public long Requested { get; private set; }

    /// <summary>Packets asked for at least once.</summary>
    public long Nacked { get; private set; }

    /// <summary>Packets that came after they had been asked for.</summary>
    public long Recovered { get; private set; }

    /// <summary>Packets that came late by themselves, before they had been asked for.</summary>
    public long Reordered { get; private set; }

    /// <summary>Packets given up.</summary>
    public long GivenUp { get; private set; }

    /// <summary>
    /// True from the moment a packet was given up until <see cref="OnKeyframe"/>: the picture is broken. Audio ignores it.
    /// </summary>
    public bool KeyframeNeeded { get; private set; }

    /// <summary>Tells of an arrived packet, retransmissions (under their original number) and padding included.</summary>
    /// <param name="now">When it arrived.</param>
    /// <param name="sequence">Its sequence number.</param>
    /// <param name="isRetransmission">True where it came by RTX: such a packet says nothing about reordering.</param>
    public void OnPacket(Instant now, ushort sequence, bool isRetransmission)
    {
        if (!_started)
        {
            Begin(sequence);
            return;
        }

        var number = SerialNumber.Extend(_highest, sequence);
        if (number > _highest)
        {
            _restartSequence = NoRestart;
            Advance(now, number);
        }
        else if (number > _highest - Window)
        {
            _restartSequence = NoRestart;
            Fill(number, isRetransmission);
        }
        else if (!isRetransmission)
        {
            if (_restartSequence == sequence)
            {
                Abandon();
                Begin(sequence);
            }
            else
            {
                _restartSequence = (ushort)(sequence + 1);
            }
        }
    }

    /// <summary>
    /// Tells that a keyframe begins at a sequence number: what is missing before it is not needed any more, and
    /// <see cref="KeyframeNeeded"/> ends.
    /// </summary>
    public void OnKeyframe(ushort sequence)
    {
        KeyframeNeeded = false;
        if (!_started) return;
        var number = Math.Min(SerialNumber.Extend(_highest, sequence), _highest + 1);
        for (; _oldest < number; _oldest++)
        {
            Close(ref _missing[SlotOf(_oldest)]);
        }

        if (Outstanding == 0)
        {
            NextTimeout = Instant.Never;
        }
    }

    /// <summary>
    /// Takes the sequence numbers to ask for now, ascending, and counts them as asked for. Those that do not fit stay due.
    /// </summary>
    /// <param name="now">The present.</param>
    /// <param name="rtt">The round-trip time, which paces repetitions.</param>
    /// <param name="sequences">Where to put them.</param>
    /// <returns>How many there are.</returns>
    public int TakeNacks(Instant now, TimeSpan rtt, Span<ushort> sequences)
    {
        if (!NextTimeout.IsDue(now)) return 0;
        var taken = 0;
        var next = Instant.Never;
        var patience = rtt + rtt / 4; // an answer takes a round trip and some jitter
        var resend = patience > _policy.ShortestResend ? patience : _policy.ShortestResend;
        var oldest = _highest + 1;
        for (var number = _oldest; number <= _highest && Outstanding > 0; number++)
        {
            ref var slot = ref _missing[SlotOf(number)];
            if (!slot.Outstanding) continue;
            if (slot.Due.IsDue(now))
            {
                if (slot.Tries >= _policy.MostTries || now - slot.Since >= _policy.GiveUpAge)
                {
                    GiveUp(ref slot);
                    continue;
                }

                if (taken < sequences.Length)
                {
                    sequences[taken++] = (ushort)number;
                    Nacked += slot.Tries == 0 ? 1 : 0;
                    Requested++;
                    slot.Tries++;
                    slot.Due = now + resend;
                }
            }

            oldest = Math.Min(oldest, number);
            next = Instant.Min(next, slot.Due);
        }

        _oldest = oldest;
        NextTimeout = next;
        return taken;
    }

    private void Begin(ushort sequence)
    {
        _started = true;
        _highest = sequence;
        _oldest = _highest + 1;
        _restartSequence = NoRestart;
    }

    private void Advance(Instant now, long number)
    {
        if (number - _highest >= Window)
        {
            // Asking for a whole window again would only add to the congestion that lost it.
            GivenUp += number - _highest - 1;
            KeyframeNeeded = true;
            Abandon();
            Begin((ushort)number);
            return;
        }

        // What leaves the window is given up; what enters it anew was not seen.
        for (; _oldest <= number - Window; _oldest++)
        {
            ref var slot = ref _missing[SlotOf(_oldest)];
            if (slot.Outstanding)
            {
                GiveUp(ref slot);
            }
        }

        // One packet early by so many is no reordering: all of a long gap is asked for together and at once.
        var due = number - _highest > _policy.ReorderPackets ? now : now + _policy.ReorderTime;
        for (var gap = _highest + 1; gap < number; gap++)
        {
            _missing[SlotOf(gap)] = new Missing { Outstanding = true, Since = now, Due = due };
            Outstanding++;
        }

        if (number > _highest + 1)
        {
            NextTimeout = Instant.Min(NextTimeout, due);
        }

        var firstDue = Math.Max(_oldest, _highest - _policy.ReorderPackets + 1);
        _highest = number;
        if (Outstanding == 0)
        {
            _oldest = number + 1;
            return;
        }

        for (var late = firstDue; late <= number - _policy.ReorderPackets; late++)
        {
            ref var slot = ref _missing[SlotOf(late)];
            if (slot.Outstanding && slot.Tries == 0 && slot.Due > now)
            {
                slot.Due = now;
                NextTimeout = Instant.Min(NextTimeout, now);
            }
        }
    }

    private void Fill(long number, bool isRetransmission)
    {
        ref var slot = ref _missing[SlotOf(number)];
        if (number < _oldest || !slot.Outstanding) return;
        if (slot.Tries > 0)
        {
            Recovered++;
        }
        else if (!isRetransmission)
        {
            Reordered++;
        }

        Close(ref slot);
        if (Outstanding == 0)
        {
            NextTimeout = Instant.Never;
            _oldest = _highest + 1;
        }
    }

    private void Abandon()
    {
        for (; _oldest <= _highest; _oldest++)
        {
            ref var slot = ref _missing[SlotOf(_oldest)];
            if (slot.Outstanding)
            {
                GiveUp(ref slot);
            }
        }

        NextTimeout = Instant.Never;
    }

    private void GiveUp(ref Missing slot)
    {
        GivenUp++;
        KeyframeNeeded = true;
        Close(ref slot);
    }

    private void Close(ref Missing slot)
    {
        Outstanding -= slot.Outstanding ? 1 : 0;
        slot.Outstanding = false;
    }

    private static int SlotOf(long number) => (int)(number & (Window - 1));
}
