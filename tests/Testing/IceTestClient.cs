using System.Text;
using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.WebRtc.Stun;
using Sluice.Protocols.Wire;

namespace Sluice.Testing;

/// <summary>How a client nominates.</summary>
public enum IceNomination
{
    /// <summary>Checks first, then one nomination of the best path, repeated with every consent check as Chromium does.</summary>
    Regular,

    /// <summary>Every check nominates, as libnice does.</summary>
    Aggressive,

    /// <summary>One nomination, and consent checks without it, as pion does.</summary>
    Once,
}

/// <summary>
/// The controlling side of ICE, as small as simulations need it: checks every local address against one server address, nominates the path
/// with the highest priority that answers, and keeps asking for consent. A stand-in for a browser, not an implementation to ship.
/// </summary>
public sealed class IceTestClient : IDatagramMachine
{
    /// <summary>Between two consent checks, as Chromium has it.</summary>
    public static readonly TimeSpan ConsentInterval = TimeSpan.FromMilliseconds(2500);

    /// <summary>Between two checks of a path that has not answered.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Consent without an answer runs out after so long (RFC 7675 §5.1).</summary>
    public static readonly TimeSpan ConsentTimeout = TimeSpan.FromSeconds(30);

    private sealed class Pair(NetworkPath path, uint priority)
    {
        public NetworkPath Path { get; } = path;

        public uint Priority { get; } = priority;

        public Instant NextCheck { get; set; }

        public Instant LastAnswer { get; set; }

        public bool HasAnswered { get; set; }

        public bool IsNominated { get; set; }

        public NetworkAddress? Mapped { get; set; }

        public StunTransactionId LastTransaction { get; set; }
    }

    private readonly SeededRandom _random;
    private readonly List<Pair> _pairs = [];
    private readonly Queue<(NetworkPath Path, byte[] Datagram)> _out = new();
    private readonly ulong _tieBreaker;
    private IceCredentials _local;
    private IceCredentials _remote;
    private byte[] _password;
    private Pair? _selected;

    /// <summary>Makes a client that checks nothing until <see cref="AddPath"/>.</summary>
    public IceTestClient(SeededRandom random, IceCredentials local, IceCredentials remote)
    {
        _random = random;
        _tieBreaker = random.Next();
        _local = local;
        _remote = remote;
        _password = Encoding.UTF8.GetBytes(remote.Pwd);
    }

    /// <summary>How it nominates.</summary>
    public IceNomination Nomination { get; init; }

    /// <summary>False stops every check: a client that has gone silent without closing.</summary>
    public bool IsChecking { get; set; } = true;

    /// <summary>The path it nominated and got an answer on; null before.</summary>
    public NetworkPath? Selected => _selected?.Path;

    /// <summary>The address the server saw on the selected path.</summary>
    public NetworkAddress? MappedAddress => _selected?.Mapped;

    /// <summary>True once nothing answered for 30 seconds.</summary>
    public bool IsConsentLost { get; private set; }

    /// <summary>Success responses taken.</summary>
    public int Answers { get; private set; }

    /// <summary>Error responses taken, and answers that were not signed right.</summary>
    public int BadAnswers { get; private set; }

    /// <inheritdoc />
    public Instant NextTimeout { get; private set; } = Instant.Never;

    /// <summary>Begins to check a path; higher priorities are nominated first.</summary>
    public void AddPath(Instant now, in NetworkPath path, uint priority)
    {
        _pairs.Add(new Pair(path, priority) { NextCheck = now });
        NextTimeout = Instant.Min(NextTimeout, now);
    }

    /// <summary>Gives up a path, as when a phone leaves a network; the next best one is nominated.</summary>
    public void RemovePath(Instant now, NetworkPath path)
    {
        _pairs.RemoveAll(pair => pair.Path == path);
        if (_selected?.Path != path) return;

        _selected = null;
        Nominate(now);
    }

    /// <summary>Changes to new credentials and checks every path anew.</summary>
    public void Restart(Instant now, IceCredentials local, IceCredentials remote)
    {
        _local = local;
        _remote = remote;
        _password = Encoding.UTF8.GetBytes(remote.Pwd);
        _selected = null;
        foreach (var pair in _pairs)
        {
            pair.HasAnswered = false;
            pair.IsNominated = false;
            pair.NextCheck = now;
        }

        NextTimeout = now;
    }

    /// <summary>Takes answers to its own checks; everything else is refused, so that another machine may try.</summary>
    public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram)
    {
        if (!StunMessageView.TryParse(datagram, out var answer) || answer.Class is StunClass.Request or StunClass.Indication)
        {
            return Handling.Refused;
        }

        foreach (var pair in _pairs)
        {
            if (pair.Path != path || pair.LastTransaction != answer.TransactionId) continue;

            if (answer.Class == StunClass.Error || !answer.CheckIntegrity(_password) || !answer.CheckFingerprint())
            {
                BadAnswers++;
                return Handling.Handled;
            }

            Answers++;
            if (answer.TryGetXorMappedAddress(out var mapped)) pair.Mapped = mapped;
            pair.LastAnswer = now;
            pair.HasAnswered = true;
            pair.NextCheck = now + ConsentInterval;
            var isBetter = Nomination != IceNomination.Aggressive || _selected is null || _selected.Priority <= pair.Priority;
            if (pair.IsNominated && isBetter) _selected = pair;
            Nominate(now);
            return Handling.Handled;
        }

        return Handling.Handled; // late: a newer check is under way
    }

    /// <inheritdoc />
    public void HandleTimeout(Instant now)
    {
        NextTimeout = Instant.Never;
        foreach (var pair in _pairs)
        {
            if (pair.NextCheck <= now && IsChecking)
            {
                Check(pair);
                var isUrgent = !pair.HasAnswered || (pair.IsNominated && _selected != pair) || pair.LastAnswer + ConsentInterval + ConsentInterval <= now;
                pair.NextCheck = now + (isUrgent ? RetryInterval : ConsentInterval);
            }

            if (IsChecking) NextTimeout = Instant.Min(NextTimeout, pair.NextCheck);
        }

        if (_selected is { } selected && selected.LastAnswer + ConsentTimeout <= now) IsConsentLost = true;
    }

    /// <inheritdoc />
    public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
    {
        transmit = default;
        if (!_out.TryDequeue(out var next)) return false;

        next.Datagram.CopyTo(destination);
        transmit = new Transmit(next.Path, next.Datagram.Length);
        return true;
    }

    private void Nominate(Instant now)
    {
        if (Nomination == IceNomination.Aggressive) return;

        Pair? best = null;
        foreach (var pair in _pairs)
        {
            if (pair.HasAnswered && (best is null || pair.Priority > best.Priority)) best = pair;
        }

        if (best is null || best.IsNominated || (Nomination == IceNomination.Once && _selected is not null)) return;

        foreach (var pair in _pairs)
        {
            pair.IsNominated = pair == best;
        }

        best.NextCheck = now;
        NextTimeout = Instant.Min(NextTimeout, now);
    }

    private void Check(Pair pair)
    {
        var nominates = Nomination switch
        {
            IceNomination.Aggressive => true,
            IceNomination.Once => pair.IsNominated && _selected != pair,
            _ => pair.IsNominated,
        };
        pair.IsNominated |= nominates;
        pair.LastTransaction = new StunTransactionId((uint)_random.Next(), _random.Next());

        Span<byte> bytes = stackalloc byte[512];
        var writer = new StunMessageWriter(bytes, StunClass.Request, StunMethod.Binding, pair.LastTransaction);
        writer.AddUsername(Encoding.UTF8.GetBytes($"{_remote.Ufrag}:{_local.Ufrag}"));
        writer.AddIceControlling(_tieBreaker);
        if (nominates) writer.AddUseCandidate();
        writer.AddPriority(pair.Priority);
        writer.AddIntegrity(_password);
        writer.AddFingerprint();
        _out.Enqueue((pair.Path, writer.Written.ToArray()));
    }
}
