using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Dtls;

/// <summary>
/// A client and a server in virtual time with a network between them that a test may bend: it is asked about every datagram in order of
/// sending and answers with the copies to deliver.
/// </summary>
internal sealed class DtlsPair : IDisposable
{
    private static readonly DateTimeOffset Today = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DtlsContext ClientContext = new(Today);
    public static readonly DtlsContext ServerContext = new(Today);
    private readonly byte[] _buffer = new byte[1500];
    private readonly List<(Instant At, bool ToServer, byte[] Datagram)> _flying = [];

    public DtlsPair(
        DtlsContext? clientContext = null,
        DtlsContext? serverContext = null,
        DtlsFingerprint? clientExpects = null,
        DtlsFingerprint? serverExpects = null)
    {
        clientContext ??= ClientContext;
        serverContext ??= ServerContext;
        Client = new DtlsSession(clientContext, DtlsRole.Client, clientExpects ?? serverContext.Fingerprint);
        Server = new DtlsSession(serverContext, DtlsRole.Server, serverExpects ?? clientContext.Fingerprint);
    }

    public DtlsSession Client { get; }

    public DtlsSession Server { get; }

    public Instant Now { get; private set; } = Instant.FromMilliseconds(1000);

    /// <summary>Datagrams sent so far by both sides.</summary>
    public List<(bool ToServer, byte[] Datagram)> Sent { get; } = [];

    /// <summary>How many copies of the n-th datagram arrive, and how late.</summary>
    public Func<int, (int Copies, TimeSpan Delay)> Network { get; set; } = static _ => (1, TimeSpan.FromMilliseconds(10));

    public void Start()
    {
        Server.Start(Now);
        Client.Start(Now);
    }

    /// <summary>Runs until both sides rest or the time is over.</summary>
    public void Run(TimeSpan limit)
    {
        var end = Now + limit;
        while (true)
        {
            TakeAll();
            var next = Instant.Min(Client.NextTimeout, Server.NextTimeout);
            foreach (var (at, _, _) in _flying) next = Instant.Min(next, at);
            if (next > end)
            {
                Now = end;
                return;
            }

            if (next > Now) Now = next;
            for (var i = 0; i < _flying.Count; i++)
            {
                var (at, toServer, datagram) = _flying[i];
                if (at > Now) continue;
                _flying.RemoveAt(i--);
                (toServer ? Server : Client).HandleDatagram(Now, datagram);
            }

            if (Client.NextTimeout.IsDue(Now)) Client.HandleTimeout(Now);
            if (Server.NextTimeout.IsDue(Now)) Server.HandleTimeout(Now);
        }
    }

    /// <summary>Starts both sides and gives them five seconds.</summary>
    public void Handshake()
    {
        Start();
        Run(TimeSpan.FromSeconds(5));
    }

    public void Connect()
    {
        Handshake();
        AssertConnected();
    }

    public void AssertConnected()
    {
        Assert.Equal(DtlsState.Connected, Client.State);
        Assert.Equal(DtlsState.Connected, Server.State);
    }

    public void AssertFailed(DtlsFailure client, DtlsFailure server)
    {
        Assert.Equal((DtlsState.Failed, client), (Client.State, Client.Failure));
        Assert.Equal((DtlsState.Failed, server), (Server.State, Server.Failure));
        Assert.False(Client.TryExportKeys(out _, out _));
        Assert.False(Server.TryExportKeys(out _, out _));
    }

    public void AssertKeysMatchCrosswise()
    {
        Assert.True(Client.TryExportKeys(out var clientLocal, out var clientRemote));
        Assert.True(Server.TryExportKeys(out var serverLocal, out var serverRemote));
        AssertSame(clientLocal!, serverRemote!);
        AssertSame(serverLocal!, clientRemote!);
        Assert.False(clientLocal!.MasterKey.SequenceEqual(clientRemote!.MasterKey));
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    private static void AssertSame(SrtpKeys a, SrtpKeys b)
    {
        Assert.Equal(a.Profile, b.Profile);
        Assert.Equal(a.MasterKey.ToArray(), b.MasterKey.ToArray());
        Assert.Equal(a.MasterSalt.ToArray(), b.MasterSalt.ToArray());
    }

    private void TakeAll()
    {
        foreach (var session in (ReadOnlySpan<DtlsSession>)[Client, Server])
        {
            while (session.TryTakeTransmit(_buffer, out var length))
            {
                Assert.InRange(length, 1, 1200);
                var datagram = _buffer[..length];
                var (copies, delay) = Network(Sent.Count);
                Sent.Add((session == Client, datagram));
                for (var i = 0; i < copies; i++) _flying.Add((Now + delay, session == Client, datagram));
            }
        }
    }
}
