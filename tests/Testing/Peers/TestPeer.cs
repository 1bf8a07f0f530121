using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.Wire;

namespace Sluice.Testing.Peers;

/// <summary>
/// A small WebRTC client as a machine without I/O, made of our own parts in the other role: it offers in SDP, checks as the controlling side
/// of ICE, shakes hands in DTLS, and sends and takes SRTP. What it is for, its subclasses say.
/// </summary>
public abstract class TestPeer : IDatagramMachine, IDisposable
{
    /// <summary>All clients of a simulation show one certificate: to make one costs more than a handshake.</summary>
    private static readonly Lazy<DtlsContext> SharedContext = new(static () => new DtlsContext(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    private const int MaxPacket = 1500;

    private readonly NetworkAddress _address;
    private readonly Queue<(byte[] Buffer, int Length)> _out = new();
    private readonly Stack<byte[]> _buffers = new();
    private NetworkPath _path;
    private SrtpReceiver? _receiver;
    private bool _started;

    /// <param name="random">Where its numbers come from.</param>
    /// <param name="address">Its own address.</param>
    /// <param name="clock">Virtual time against the wall, the same for all.</param>
    protected TestPeer(SeededRandom random, NetworkAddress address, WallClock clock)
    {
        Random = random;
        _address = address;
        Clock = clock;
        Credentials = NewCredentials();
    }

    /// <summary>Its ICE credentials.</summary>
    public IceCredentials Credentials { get; private set; }

    /// <summary>The server's, from the answer.</summary>
    public IceCredentials? ServerCredentials { get; private set; }

    /// <summary>Its side of ICE; null before the answer.</summary>
    public IceTestClient? Ice { get; private set; }

    /// <summary>Its side of DTLS; null before the answer.</summary>
    public DtlsSession? Dtls { get; private set; }

    /// <summary>What it sends with; null before the handshake is done. Tests use it to send what no honest client would.</summary>
    public SrtpSender? Sender { get; private set; }

    /// <summary>When the handshake was done.</summary>
    public Instant ConnectedAt { get; private set; } = Instant.Never;

    /// <summary>True between the end of the handshake and the end of the session.</summary>
    public bool IsConnected => Sender is not null && !IsClosed;

    /// <summary>True once the server has closed, or the handshake failed.</summary>
    public bool IsClosed => Dtls?.State is DtlsState.Closed or DtlsState.Failed;

    /// <summary>Packets whose authentication failed, of a working session always zero.</summary>
    public long Forged { get; private set; }

    /// <summary>Packets that came twice.</summary>
    public long Replayed { get; private set; }

    /// <summary>Holds DTLS back although ICE is done: a peer that never finishes.</summary>
    public bool IsDtlsHeld { get; set; }

    /// <summary>The role its offer asks for: <c>actpass</c>, <c>active</c> or <c>passive</c>.</summary>
    public string Setup { get; init; } = "actpass";

    /// <summary>A certificate and SRTP profiles of its own; null for those that all clients share.</summary>
    public DtlsContext? Certificate { get; init; }

    private DtlsContext Context => Certificate ?? SharedContext.Value;

    /// <summary>Its random source.</summary>
    protected SeededRandom Random { get; }

    /// <summary>Virtual time against the wall.</summary>
    protected WallClock Clock { get; }

    /// <summary>When <see cref="HandleMediaTimeout"/> wants to be called.</summary>
    protected abstract Instant NextMediaTimeout { get; }

    /// <inheritdoc />
    public Instant NextTimeout
    {
        get
        {
            if (!_started || IsClosed) return Instant.Never;
            var next = Instant.Min(Ice!.NextTimeout, Dtls!.NextTimeout);
            return Sender is null ? next : Instant.Min(next, NextMediaTimeout);
        }
    }

    /// <summary>Begins with the server's answer to the offer.</summary>
    public void Accept(Instant now, string answer)
    {
        if (SessionDescription.TryParse(answer, out var description) is { } error) throw new InvalidDataException(error.ToString());
        var media = description.Media.First(static m => !m.IsRejected);
        var candidate = description.Media.SelectMany(static m => m.Attributes.Candidates).First();
        if (!candidate.TryGetAddress(out var server)) throw new InvalidDataException("The answer has no address.");
        ServerCredentials = new IceCredentials(description.Inherited(media, "ice-ufrag")!, description.Inherited(media, "ice-pwd")!);
        var fingerprint = description.FingerprintsOf(media)[0];
        if (!DtlsFingerprint.TryCreate(fingerprint.Algorithm, fingerprint.ToBytes(), out var expected)) throw new InvalidDataException("No fingerprint.");
        _path = new NetworkPath(TransportProtocol.Udp, _address, server);
        Ice = new IceTestClient(Random.Fork(), Credentials, ServerCredentials);
        Dtls = new DtlsSession(Context, description.SetupOf(media) == SdpSetup.Active ? DtlsRole.Server : DtlsRole.Client, expected!);
        Ice.AddPath(now, _path, 2_122_194_687);
        HandleAnswer(description);
        _started = true;
    }

    /// <summary>New ICE credentials for a restart; offer them, then <see cref="AcceptRestart"/>.</summary>
    public string OfferRestart()
    {
        Credentials = NewCredentials();
        return $"a=ice-ufrag:{Credentials.Ufrag}\r\na=ice-pwd:{Credentials.Pwd}\r\n";
    }

    /// <summary>Changes to the credentials of an answered restart.</summary>
    public void AcceptRestart(Instant now, string fragment)
    {
        var ufrag = After(fragment, "a=ice-ufrag:");
        ServerCredentials = new IceCredentials(ufrag, After(fragment, "a=ice-pwd:"));
        Ice!.Restart(now, Credentials, ServerCredentials);
    }

    /// <summary>Closes politely: a DTLS close_notify.</summary>
    public void Close() => Dtls?.Close();

    /// <inheritdoc />
    public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram)
    {
        if (!_started) return Handling.Refused;
        switch (PacketDemux.Classify(datagram))
        {
            case PacketKind.Stun:
                var handling = Ice!.HandleDatagram(now, path, datagram);
                if (Ice.Selected is not null && !IsDtlsHeld) Dtls!.Start(now);
                return handling;
            case PacketKind.Dtls:
                if (IsDtlsHeld) return Handling.Handled;
                Dtls!.HandleDatagram(now, datagram);
                FollowDtls(now);
                return Handling.Handled;
            case PacketKind.Rtp when _receiver is not null:
                if (Count(_receiver.UnprotectRtp(datagram, out var length))) HandleRtp(now, datagram[..length]);
                return Handling.Handled;
            case PacketKind.Rtcp when _receiver is not null:
                if (Count(_receiver.UnprotectRtcp(datagram, out length))) HandleRtcp(now, datagram[..length]);
                return Handling.Handled;
            default:
                return Handling.Refused;
        }
    }

    /// <inheritdoc />
    public void HandleTimeout(Instant now)
    {
        if (!_started) return;
        if (Ice!.NextTimeout <= now) Ice.HandleTimeout(now);
        if (Dtls!.NextTimeout <= now)
        {
            Dtls.HandleTimeout(now);
            FollowDtls(now);
        }

        if (IsConnected && NextMediaTimeout <= now) HandleMediaTimeout(now);
    }

    /// <inheritdoc />
    public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
    {
        transmit = default;
        if (!_started) return false;
        if (Ice!.TryTakeTransmit(now, destination, out transmit)) return true;
        if (!IsDtlsHeld && Ice.Selected is { } selected && Dtls!.TryTakeTransmit(destination, out var length))
        {
            transmit = new Transmit(selected, length);
            return true;
        }

        if (!_out.TryDequeue(out var next)) return false;
        next.Buffer.AsSpan(0, next.Length).CopyTo(destination);
        transmit = new Transmit(_path, next.Length);
        _buffers.Push(next.Buffer);
        return true;
    }

    /// <summary>Frees OpenSSL's memory.</summary>
    public void Dispose()
    {
        Dtls?.Dispose();
        Sender?.Dispose();
        _receiver?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sends bytes as they are, whatever they are.</summary>
    public void SendRaw(ReadOnlySpan<byte> datagram)
    {
        var buffer = Rent();
        datagram.CopyTo(buffer);
        _out.Enqueue((buffer, datagram.Length));
    }

    /// <summary>Protects and sends an RTP packet whose header has this length.</summary>
    public void SendRtp(ReadOnlySpan<byte> packet, int headerLength, long extendedSequence)
    {
        if (!IsConnected) return;
        var buffer = Rent();
        packet.CopyTo(buffer);
        _out.Enqueue((buffer, Sender!.ProtectRtp(buffer, headerLength, buffer.AsSpan(headerLength, packet.Length - headerLength), (uint)(extendedSequence >> 16))));
    }

    /// <summary>Protects and sends an RTCP packet.</summary>
    public void SendRtcp(ReadOnlySpan<byte> packet)
    {
        if (!IsConnected) return;
        var buffer = Rent();
        packet.CopyTo(buffer);
        _out.Enqueue((buffer, Sender!.ProtectRtcp(buffer, packet.Length)));
    }

    /// <summary>The lines of an offer that say how to reach and to know it.</summary>
    protected string TransportLines() =>
        $"a=ice-ufrag:{Credentials.Ufrag}\r\na=ice-pwd:{Credentials.Pwd}\r\na=fingerprint:{Context.Fingerprint}\r\na=setup:{Setup}\r\na=rtcp-mux\r\na=rtcp-rsize\r\n";

    /// <summary>The answer's sections.</summary>
    protected virtual void HandleAnswer(SessionDescription answer)
    {
    }

    /// <summary>Keys are set.</summary>
    protected abstract void HandleConnected(Instant now);

    /// <summary>One RTP packet in the clear.</summary>
    protected abstract void HandleRtp(Instant now, Span<byte> packet);

    /// <summary>One RTCP packet in the clear.</summary>
    protected abstract void HandleRtcp(Instant now, ReadOnlySpan<byte> packet);

    /// <summary>Media's time has come.</summary>
    protected abstract void HandleMediaTimeout(Instant now);

    private void FollowDtls(Instant now)
    {
        if (Dtls!.State != DtlsState.Connected || Sender is not null) return;
        if (!Dtls.TryExportKeys(out var local, out var remote)) throw new InvalidOperationException("No keys after a handshake.");
        Sender = new SrtpSender(local!);
        _receiver = new SrtpReceiver(remote!);
        ConnectedAt = now;
        HandleConnected(now);
    }

    private bool Count(SrtpError error)
    {
        if (error == SrtpError.Replayed) Replayed++;
        else if (error != SrtpError.None) Forged++;
        return error == SrtpError.None;
    }

    private byte[] Rent() => _buffers.TryPop(out var buffer) ? buffer : new byte[MaxPacket];

    private IceCredentials NewCredentials()
    {
        Span<byte> entropy = stackalloc byte[IceCredentials.EntropyLength];
        Random.Fill(entropy);
        return IceCredentials.Generate(entropy);
    }

    private static string After(string text, string name)
    {
        var at = text.IndexOf(name, StringComparison.Ordinal) + name.Length;
        return text[at..text.IndexOfAny(['\r', '\n'], at)];
    }
}
