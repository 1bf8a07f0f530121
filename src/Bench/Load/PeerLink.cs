using System.Security.Cryptography;
using System.Text;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.WebRtc.Stun;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Load;

/// <summary>Where a client stands.</summary>
internal enum LinkState
{
    /// <summary>No answer yet.</summary>
    Idle = 0,

    /// <summary>Checks are sent, none is answered.</summary>
    Checking,

    /// <summary>The DTLS handshake is under way.</summary>
    Handshaking,

    /// <summary>Keys are there.</summary>
    Up,

    /// <summary>Over: failed, or closed by the server.</summary>
    Dead,
}

/// <summary>
/// The way from one client to the server: ICE as the controlling side with a single path, DTLS, and the keys to send with. It sends through its socket
/// from its own address.
/// </summary>
internal sealed class PeerLink(LoadSocket socket, uint address, DtlsContext context) : IDisposable
{
    private const uint HostPriority = 2_130_706_431;
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ConsentInterval = TimeSpan.FromMilliseconds(2500);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(20);

    private readonly ulong _tieBreaker = (ulong)Random.Shared.NextInt64();
    private byte[] _username = [];
    private byte[] _password = [];
    private DtlsSession? _dtls;
    private NetworkAddress _server;
    private Instant _nextCheck = Instant.Never;
    private Instant _giveUp = Instant.Never;
    private uint _checks;

    public LinkState State { get; private set; }

    public IceCredentials Credentials { get; } = NewCredentials();

    /// <summary>This client's IPv4 address.</summary>
    public uint Address => address;

    public LoadSocket Socket => socket;

    public SrtpSender? Sender { get; private set; }

    /// <summary>The server's keys, for a client that decrypts; null where none is wanted.</summary>
    public SrtpReceiver? Receiver { get; private set; }

    /// <summary>True for a client that decrypts.</summary>
    public bool WantsReceiver { get; init; }

    /// <summary>What went wrong; empty while nothing did.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Checks that were answered.</summary>
    public long Answered { get; private set; }

    /// <summary>Begins to connect with the server's answer.</summary>
    public void Begin(Instant now, PeerAnswer answer)
    {
        _server = answer.Server;
        _username = Encoding.ASCII.GetBytes($"{answer.Credentials.Ufrag}:{Credentials.Ufrag}");
        _password = Encoding.ASCII.GetBytes(answer.Credentials.Pwd);
        _dtls = new DtlsSession(context, answer.OwnRole, answer.Fingerprint);
        _giveUp = now + ConnectLimit;
        State = LinkState.Checking;
        Check(now);
    }

    /// <summary>Is connected at once, to a floor that shakes hands with nobody.</summary>
    /// <param name="server">Where it is.</param>
    /// <param name="sender">The keys to send with; null for a client that sends nothing.</param>
    /// <param name="receiver">The keys to decrypt with; null for a client that does not.</param>
    public void BeginWithout(NetworkAddress server, SrtpSender? sender, SrtpReceiver? receiver)
    {
        _server = server;
        Sender = sender;
        Receiver = receiver;
        State = LinkState.Up;
    }

    /// <summary>Ends it with a reason.</summary>
    public void Fail(string problem)
    {
        if (State == LinkState.Dead) return;
        Problem = problem;
        State = LinkState.Dead;
    }

    /// <summary>Takes a datagram that is no media.</summary>
    public void HandleControl(Instant now, ReadOnlySpan<byte> datagram)
    {
        switch (PacketDemux.Classify(datagram))
        {
            case PacketKind.Stun when StunMessageView.TryParse(datagram, out var message):
                if (message.Class != StunClass.Success) break;
                Answered++;
                if (State != LinkState.Checking) break;
                State = LinkState.Handshaking;
                _dtls!.Start(now);
                FollowDtls(now);
                break;
            case PacketKind.Dtls when _dtls is not null:
                _dtls.HandleDatagram(now, datagram);
                FollowDtls(now);
                break;
        }
    }

    /// <summary>Sends checks and repeats flights that are due.</summary>
    public void HandleTimeout(Instant now)
    {
        if (State is LinkState.Idle or LinkState.Dead) return;
        if (_nextCheck <= now) Check(now);
        if (State == LinkState.Up) return;
        if (_giveUp <= now)
        {
            Fail(State == LinkState.Checking ? "no answer to connectivity checks" : "the DTLS handshake did not end");
        }
        else if (_dtls!.NextTimeout <= now)
        {
            _dtls.HandleTimeout(now);
            FollowDtls(now);
        }
    }

    /// <summary>Queues what stands in the socket's next buffer, protected already.</summary>
    public void Send(int length) => socket.Send(address, _server, length);

    /// <summary>Protects and sends the RTCP packet that stands in the socket's next buffer.</summary>
    public void SendRtcp(int length)
    {
        if (State == LinkState.Up && Sender is not null) Send(Sender.ProtectRtcp(socket.Next, length));
    }

    /// <summary>Says goodbye to the server, where it can be told.</summary>
    public void Close()
    {
        if (State != LinkState.Up) return;
        _dtls?.Close();
        if (_dtls is not null) TakeDtls();
        State = LinkState.Dead;
    }

    public void Dispose()
    {
        _dtls?.Dispose();
        Sender?.Dispose();
        Receiver?.Dispose();
    }

    private void Check(Instant now)
    {
        var wait = State == LinkState.Checking ? CheckInterval : ConsentInterval * (0.8 + 0.4 * Random.Shared.NextDouble());
        _nextCheck = now + wait;
        var transaction = new StunTransactionId((uint)_tieBreaker, _tieBreaker ^ (ulong)_checks++ << 32);
        var writer = new StunMessageWriter(socket.Next, StunClass.Request, StunMethod.Binding, transaction);
        writer.AddUsername(_username);
        writer.AddIceControlling(_tieBreaker);
        writer.AddUseCandidate();
        writer.AddPriority(HostPriority);
        writer.AddIntegrity(_password);
        writer.AddFingerprint();
        Send(writer.Length);
    }

    private void FollowDtls(Instant now)
    {
        TakeDtls();
        switch (_dtls!.State)
        {
            case DtlsState.Connected when State == LinkState.Handshaking:
                if (!_dtls.TryExportKeys(out var local, out var remote)) throw new InvalidOperationException("No keys after a handshake.");
                Sender = new SrtpSender(local!);
                if (WantsReceiver) Receiver = new SrtpReceiver(remote!);
                local!.Dispose();
                remote!.Dispose();
                State = LinkState.Up;
                _nextCheck = now + ConsentInterval * Random.Shared.NextDouble();
                break;
            case DtlsState.Failed:
                Fail($"DTLS: {_dtls.Failure}");
                break;
            case DtlsState.Closed:
                Fail("closed by the server");
                break;
        }
    }

    private void TakeDtls()
    {
        while (_dtls!.TryTakeTransmit(socket.Next, out var length)) Send(length);
    }

    private static IceCredentials NewCredentials()
    {
        Span<byte> entropy = stackalloc byte[IceCredentials.EntropyLength];
        RandomNumberGenerator.Fill(entropy);
        return IceCredentials.Generate(entropy);
    }
}
