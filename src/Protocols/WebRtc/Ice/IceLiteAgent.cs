using Sluice.Protocols.WebRtc.Stun;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Ice;

/// <summary>
/// The lite side of ICE for one peer and one component (RFC 8445 §2.5): it answers connectivity checks, learns paths from them, follows
/// the peer's nomination, and ends when the peer's checks end (RFC 7675 seen from the lite side). It sends nothing by itself, so it needs
/// no remote candidates: trickled ones (RFC 8838) can be ignored.
/// <para>
/// Handle one thing, then take all events, then sleep until <see cref="NextTimeout"/>. One thread drives an agent. UDP and framed TCP
/// paths are alike. A check counts only with the right MESSAGE-INTEGRITY; a check whose transaction was seen before is answered and
/// changes nothing, so that an overheard one does not move the path to whoever sends it again.
/// </para>
/// </summary>
public sealed partial class IceLiteAgent
{
    /// <summary>Validated paths kept at most. When full, the one heard longest ago makes room, nominated ones last, the selected one never.</summary>
    public const int MaxPaths = 16;

    /// <summary>The longest answer ever written: how much room <see cref="HandleStun"/> needs.</summary>
    public const int MaxResponseLength = 128;

    /// <summary>Events kept untaken at most; past that the oldest is forgotten, for <see cref="State"/> and <see cref="Selected"/> tell the rest.</summary>
    public const int MaxEvents = 32;

    private readonly IcePathTable _paths = new();
    private readonly RecentTransactions _transactions = new();
    private readonly Queue<IceEvent> _events = new();
    private TimerTable<IceTimer> _timers;
    private IceSession _session;
    private IceSession? _previous;

    /// <summary>Begins an ICE session; checks may come at once.</summary>
    /// <param name="now">When; without a nomination the session fails <see cref="ConsentTimeout"/> later.</param>
    /// <param name="local">Ours: what the peer's checks are proven with.</param>
    /// <param name="remote">The peer's; null while its description is still awaited, and checks from any fragment count until it is known.</param>
    public IceLiteAgent(Instant now, IceCredentials local, IceCredentials? remote = null)
    {
        _session = new IceSession(local, remote, generation: 0);
        _timers.Set(IceTimer.Nomination, now + ConsentTimeout);
    }

    /// <summary>
    /// A selected path without a check for so long is left for a living one, or the state becomes <see cref="IceState.Disconnected"/>.
    /// Browsers check every 2.5 to 6 seconds.
    /// </summary>
    public static TimeSpan SilenceTimeout { get; } = TimeSpan.FromSeconds(8);

    /// <summary>How long a check is consent to send (RFC 7675 §5.1).</summary>
    public static TimeSpan ConsentTimeout { get; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// For so long after its last nomination the selected path yields to higher priorities only: a peer that nominates every pair does so
    /// within moments, a peer that changes its mind does so later.
    /// </summary>
    public static TimeSpan AggressiveWindow { get; } = TimeSpan.FromSeconds(1);

    /// <summary>True where the peer said <c>a=ice-lite</c>: then its claim to be controlled is no role conflict.</summary>
    public bool RemoteIsLite { get; init; }

    /// <summary>Where the agent stands.</summary>
    public IceState State { get; private set; }

    /// <summary>Our credentials of the current ICE session.</summary>
    public IceCredentials Local => _session.Local;

    /// <summary>The peer's credentials; null until known.</summary>
    public IceCredentials? Remote => _session.Remote;

    /// <summary>Our credentials before a restart, while they still count; null else. Whoever routes by fragment routes both.</summary>
    public IceCredentials? PreviousLocal => _previous?.Local;

    /// <summary>The path everything is to be sent on; null before the first nomination and after failure.</summary>
    public NetworkPath? Selected => _paths.Selected == IcePathTable.None ? null : _paths[_paths.Selected].Path;

    /// <summary>How many paths are validated.</summary>
    public int PathCount => _paths.Count;

    /// <summary>When to call <see cref="HandleTimeout"/>.</summary>
    public Instant NextTimeout => _timers.Next();

    /// <summary>One validated path; the order changes with every Handle call.</summary>
    public NetworkPath PathAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_paths.Count, nameof(index));
        return _paths[index].Path;
    }

    /// <summary>
    /// True where a path was proven by a valid check and has not expired. Take DTLS and SRTP from such paths only: whoever can send to our
    /// port could otherwise break a handshake he has no part in.
    /// </summary>
    public bool IsValidated(in NetworkPath path) => _paths.Find(path) != IcePathTable.None;

    /// <summary>When the peer last proved itself on a path; <see cref="Instant.Zero"/> where it has not, or not for so long that the path has expired.</summary>
    public Instant LastHeard(in NetworkPath path) => _paths.Find(path) is var index and not IcePathTable.None ? _paths[index].LastHeard : Instant.Zero;

    /// <summary>Gives the peer's credentials once its description has come; checks from other fragments are refused from then on.</summary>
    public void SetRemote(IceCredentials remote) => _session = new IceSession(_session.Local, remote, _session.Generation);

    /// <summary>
    /// Begins a new ICE session with new credentials on both sides (RFC 8445 §9). The old credentials and paths stay in use until the first
    /// check with the new ones nominates. An agent that had failed starts from nothing.
    /// </summary>
    public void Restart(Instant now, IceCredentials local, IceCredentials? remote)
    {
        // A second restart before the first has taken hold replaces it: the session in use stays the fallback.
        if (State != IceState.Failed) _previous ??= _session;
        _session = new IceSession(local, remote, _session.Generation + 1);
        if (State == IceState.Failed) SetState(IceState.Checking);
        if (_paths.Selected == IcePathTable.None) _timers.Set(IceTimer.Nomination, now + ConsentTimeout);
    }

    /// <summary>
    /// Says that traffic of the peer, authenticated by its keys, came on a path: as good a proof of life as a check, for peers that stop
    /// checking while they send. Nothing happens on paths that are not validated.
    /// </summary>
    public void NoteTraffic(Instant now, in NetworkPath path)
    {
        var index = _paths.Find(path);
        if (index == IcePathTable.None) return;

        _paths[index].LastHeard = now;
        Revive(now, index);
    }

    /// <summary>Takes the next event; false when all were taken.</summary>
    public bool TryTakeEvent(out IceEvent @event) => _events.TryDequeue(out @event);

    /// <summary>Lets time pass; calling it early is harmless.</summary>
    public void HandleTimeout(Instant now)
    {
        while (_timers.TryExpire(now, out var timer))
        {
            switch (timer)
            {
                case IceTimer.Silence:
                    OnSilence(now);
                    break;
                case IceTimer.Consent:
                    OnConsent(now);
                    break;
                case IceTimer.Nomination:
                    Fail();
                    break;
            }
        }
    }

    // Timers run lazily: a check only moves its path's LastHeard, and a timer that fires too early for it is set again.
    private void OnSilence(Instant now)
    {
        if (_paths.Selected == IcePathTable.None) return;

        var deadline = _paths[_paths.Selected].LastHeard + SilenceTimeout;
        if (deadline > now)
        {
            _timers.Set(IceTimer.Silence, deadline);
            return;
        }

        var living = _paths.FindBest(heardAfter: now - SilenceTimeout);
        if (living != IcePathTable.None) Select(living);
        else SetState(IceState.Disconnected);
    }

    private void OnConsent(Instant now)
    {
        for (var i = _paths.Count - 1; i >= 0; i--)
        {
            if (_paths[i].LastHeard + ConsentTimeout > now) continue;

            var wasSelected = i == _paths.Selected;
            Drop(i);
            if (!wasSelected) continue;

            var next = _paths.FindBest(heardAfter: now - ConsentTimeout);
            if (next == IcePathTable.None)
            {
                Fail();
                return;
            }

            // It has been silent too, or the silence timer would have moved there: that timer will say so.
            Select(next);
        }

        if (_paths.Count > 0) _timers.Set(IceTimer.Consent, _paths.OldestHeard() + ConsentTimeout);
    }

    private void Revive(Instant now, int index)
    {
        if (State != IceState.Disconnected) return;

        if (index != _paths.Selected) Select(index);
        SetState(IceState.Connected);
        _timers.Set(IceTimer.Silence, now + SilenceTimeout);
    }

    private void Select(int index)
    {
        _paths.Selected = index;
        _timers.Set(IceTimer.Silence, _paths[index].LastHeard + SilenceTimeout);
        _timers.Stop(IceTimer.Nomination);
        Tell(new IceEvent(IceEventKind.SelectedChanged, State, _paths[index].Path));
    }

    private void Drop(int index)
    {
        var path = _paths[index].Path;
        _paths.RemoveAt(index);
        Tell(new IceEvent(IceEventKind.PathDropped, State, path));
    }

    private void Fail()
    {
        while (_paths.Count > 0)
        {
            Drop(_paths.Count - 1);
        }

        _previous = null;
        _timers = default;
        SetState(IceState.Failed);
    }

    private void SetState(IceState state)
    {
        if (State == state) return;

        State = state;
        Tell(new IceEvent(IceEventKind.StateChanged, state, default));
    }

    private void Tell(in IceEvent @event)
    {
        if (_events.Count == MaxEvents) _events.Dequeue();
        _events.Enqueue(@event);
    }
}
