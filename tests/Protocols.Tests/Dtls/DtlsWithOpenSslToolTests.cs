using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Dtls;

/// <summary>
/// Our sessions against the <c>openssl</c> program on loopback, where it is installed: another process, another clock, other flights.
/// </summary>
public sealed partial class DtlsWithOpenSslToolTests : IDisposable
{
    private const string Tool = OpenSslToolTheoryAttribute.Tool;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly string _folder = Directory.CreateTempSubdirectory("dtls").FullName;
    private readonly List<Process> _launched = [];
    private EndPoint? _lastPeer;

    [OpenSslToolTheory]
    [InlineData("SRTP_AEAD_AES_128_GCM", SrtpProfile.AeadAes128Gcm)]
    [InlineData("SRTP_AES128_CM_SHA1_80", SrtpProfile.Aes128CmSha1_80)]
    public void Our_server_takes_the_tools_client(string name, SrtpProfile profile)
    {
        var fingerprint = MakeCertificate();
        using var socket = Bound();
        using var context = new DtlsContext(DateTimeOffset.UtcNow);
        using var session = new DtlsSession(context, DtlsRole.Server, fingerprint);
        var client = Launch(
            $"s_client -dtls1_2 -connect 127.0.0.1:{PortOf(socket)} -use_srtp {name} -cert {_folder}/cert.pem -key {_folder}/key.pem" +
            $" -keymatexport EXTRACTOR-dtls_srtp -keymatexportlen {profile.ExportLength()}");
        Drive(socket, session, remote: null, static s => s.State != DtlsState.Handshaking);
        AssertConnectedWithToolsKeys(client, session, profile, localIsClient: false);

        client.StandardInput.WriteLine("Q"); // the tool's client says good-bye with close_notify
        client.StandardInput.Flush();
        Drive(socket, session, remote: _lastPeer, static s => s.State == DtlsState.Closed);
        Assert.Equal(DtlsState.Closed, session.State);
    }

    [OpenSslToolTheory]
    [InlineData("SRTP_AEAD_AES_256_GCM", SrtpProfile.AeadAes256Gcm)]
    [InlineData("SRTP_AES128_CM_SHA1_80", SrtpProfile.Aes128CmSha1_80)]
    public void Our_client_takes_the_tools_server(string name, SrtpProfile profile)
    {
        var fingerprint = MakeCertificate();
        int port;
        using (var probe = Bound()) port = PortOf(probe);
        using var context = new DtlsContext(DateTimeOffset.UtcNow);
        var server = Launch(
            $"s_server -dtls1_2 -naccept 1 -accept 127.0.0.1:{port} -use_srtp {name} -cert {_folder}/cert.pem -key {_folder}/key.pem -Verify 1" +
            $" -keymatexport EXTRACTOR-dtls_srtp -keymatexportlen {profile.ExportLength()}");
        using var socket = Bound();
        using var session = new DtlsSession(context, DtlsRole.Client, fingerprint);
        Drive(socket, session, new IPEndPoint(IPAddress.Loopback, port), static s => s.State != DtlsState.Handshaking);
        AssertConnectedWithToolsKeys(server, session, profile, localIsClient: true);

        session.Close();
        Drive(socket, session, new IPEndPoint(IPAddress.Loopback, port), static _ => true);
        Assert.True(server.WaitForExit(Patience)); // it serves one connection, and that one is over
    }

    public void Dispose()
    {
        foreach (var process in _launched)
        {
            if (!process.HasExited) process.Kill();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static void AssertConnectedWithToolsKeys(Process tool, DtlsSession session, SrtpProfile profile, bool localIsClient)
    {
        Assert.Equal((DtlsState.Connected, DtlsFailure.None), (session.State, session.Failure));
        Assert.Equal(profile, session.SrtpProfile);
        Assert.True(session.TryExportKeys(out var local, out var remote));

        // The tool prints what it exported; the same bytes, split, must be our keys.
        while (tool.StandardOutput.ReadLine() is { } line)
        {
            if (KeyingMaterial().Match(line) is not { Success: true } match) continue;
            SrtpKeys.Split(profile, Convert.FromHexString(match.Groups[1].Value), localIsClient, out var expectedLocal, out var expectedRemote);
            Assert.Equal(expectedLocal.MasterKey.ToArray(), local!.MasterKey.ToArray());
            Assert.Equal(expectedLocal.MasterSalt.ToArray(), local.MasterSalt.ToArray());
            Assert.Equal(expectedRemote.MasterKey.ToArray(), remote!.MasterKey.ToArray());
            Assert.Equal(expectedRemote.MasterSalt.ToArray(), remote.MasterSalt.ToArray());
            return;
        }

        Assert.Fail("The tool printed no keying material.");
    }

    [GeneratedRegex("Keying material: ([0-9A-F]+)")]
    private static partial Regex KeyingMaterial();

    private DtlsFingerprint MakeCertificate()
    {
        var tool = Launch(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=tool" +
            $" -keyout {_folder}/key.pem -out {_folder}/cert.pem");
        Assert.True(tool.WaitForExit(Patience));
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile($"{_folder}/cert.pem");
        return DtlsFingerprint.OfCertificate(certificate.RawData);
    }

    private Process Launch(string arguments)
    {
        var start = new ProcessStartInfo(Tool, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        _launched.Add(process);
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 50 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private void Drive(Socket socket, DtlsSession session, EndPoint? remote, Func<DtlsSession, bool> done)
    {
        var clock = Stopwatch.StartNew();
        Instant Now() => new((clock.Elapsed + TimeSpan.FromSeconds(1)).Ticks * 100);
        var buffer = new byte[4096];
        session.Start(Now());
        while (true)
        {
            while (session.TryTakeTransmit(buffer, out var length))
            {
                if (remote is not null) socket.SendTo(buffer.AsSpan(0, length), remote);
            }

            if (done(session) || clock.Elapsed > Patience) break;
            try
            {
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                var received = socket.ReceiveFrom(buffer, ref from);
                remote = _lastPeer = from;
                session.HandleDatagram(Now(), buffer.AsSpan(0, received));
            }
            catch (SocketException)
            {
                // Nothing came, or the tool does not listen yet.
            }

            if (session.NextTimeout.IsDue(Now())) session.HandleTimeout(Now());
        }
    }
}
