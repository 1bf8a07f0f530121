using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Server.Options;

namespace Sluice.Server.Doctor;

/// <summary>Ports and addresses: whether they are free, and whether this host reaches itself at what it will offer.</summary>
internal static class NetworkChecks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static async Task<IReadOnlyList<Finding>> RunAsync(SluiceOptions options)
    {
        var bound = options.WebRtc.Addresses is [var first, ..] ? first : null;
        var findings = new List<Finding>
        {
            await PortAsync("Http:Port", options.Http.Address, options.Http.Port, ProtocolType.Tcp, options.Http.Port),
            await PortAsync("WebRtc:Port", bound, options.WebRtc.Port, ProtocolType.Udp, options.Http.Port),
        };
        if (options.WebRtc.Tcp)
            findings.Add(await PortAsync("WebRtc:Port", bound, options.WebRtc.Port, ProtocolType.Tcp, options.Http.Port));
        if (options.Rtmp.Enabled)
            findings.Add(await PortAsync("Rtmp:Port", options.Rtmp.Addresses is [var rtmp, ..] ? rtmp : null, options.Rtmp.Port, ProtocolType.Tcp, options.Http.Port));
        if (options.Rtmp is { Enabled: true, TlsEnabled: true })
            findings.AddRange(await RtmpsAsync(options));
        var addresses = Offered(options.WebRtc);
        if (addresses.All(IPAddress.IsLoopback))
        {
            findings.Add(Finding.Warn(
                "addresses", "only this machine itself", "Connect a network, or set WebRtc:PublicAddresses where the server is behind NAT."));
        }
        foreach (var address in addresses)
            findings.Add(await ReachAsync(address));
        foreach (var address in options.WebRtc.PublicAddresses.Except(addresses))
            findings.Add(Finding.Ok($"public {address}", "offered as configured; whether the world reaches it must be tried from outside"));
        return findings;
    }

    private static async Task<IReadOnlyList<Finding>> RtmpsAsync(SluiceOptions options)
    {
        var rtmp = options.Rtmp;
        var port = await PortAsync("Rtmp:TlsPort", rtmp.Addresses is [var bound, ..] ? bound : null, rtmp.TlsPort, ProtocolType.Tcp, options.Http.Port);
        if (rtmp.TlsCertificate is null)
            return [port, Finding.Fail("Rtmp:TlsCertificate", "not set", "Name a PEM file with the certificate and its chain, or set Rtmp:TlsEnabled to false.")];
        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(rtmp.TlsCertificate, rtmp.TlsKey);
            var days = (certificate.NotAfter.ToUniversalTime() - DateTime.UtcNow).TotalDays;
            return [port, days > 7
                ? Finding.Ok("Rtmp:TlsCertificate", $"good for {days:0} days")
                : Finding.Warn("Rtmp:TlsCertificate", days < 0 ? "expired" : $"ends in {days:0} days", "Renew the certificate; the files are read again by themselves.")];
        }
        catch (Exception failure) when (failure is IOException or CryptographicException or UnauthorizedAccessException)
        {
            return [port, Finding.Fail("Rtmp:TlsCertificate", failure.Message, "Name PEM files that can be read, the key in the same file or as Rtmp:TlsKey.")];
        }
    }

    /// <summary>The local addresses that a session offers.</summary>
    private static List<IPAddress> Offered(WebRtcOptions options)
    {
        if (options.Addresses.Count > 0 && !options.Addresses.Any(a => a.Equals(IPAddress.Any) || a.Equals(IPAddress.IPv6Any)))
            return [.. options.Addresses];
        return
        [
            .. NetworkInterface.GetAllNetworkInterfaces()
                .Where(one => one.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                .SelectMany(one => one.GetIPProperties().UnicastAddresses)
                .Select(unicast => unicast.Address)
                .Where(address => !address.IsIPv6LinkLocal && (options.OfferLoopback || !IPAddress.IsLoopback(address)))
                .Distinct(),
        ];
    }

    internal static async Task<Finding> PortAsync(string key, IPAddress? address, int port, ProtocolType protocol, int httpPort)
    {
        var subject = $"{key} {port}/{(protocol == ProtocolType.Udp ? "udp" : "tcp")}";
        if (port == 0)
            return Finding.Ok(subject, "picked at start");
        try
        {
            using var socket = Bind(address ?? IPAddress.Any, port, protocol);
            return Finding.Ok(subject, "free");
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return await IsSluiceAsync(httpPort)
                ? Finding.Ok(subject, "in use by a sluice that is running")
                : Finding.Fail(subject, "in use by another program", $"See which with: ss -lntup | grep :{port}; stop it or set {key} to another port.");
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AccessDenied)
        {
            return Finding.Fail(subject, "not allowed", $"Ports below 1024 need root or CAP_NET_BIND_SERVICE; or set {key} to a higher one.");
        }
        catch (SocketException failure)
        {
            return Finding.Fail(subject, failure.Message, "Bind an address that this machine has.");
        }
    }

    /// <summary>Sends this host a datagram and opens a connection to it, at an address it will offer.</summary>
    internal static async Task<Finding> ReachAsync(IPAddress address)
    {
        var subject = $"address {address}";
        try
        {
            using var udp = Bind(address, 0, ProtocolType.Udp);
            using var sender = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            using var patience = new CancellationTokenSource(Patience);
            await sender.SendToAsync(new byte[] { 1 }, udp.LocalEndPoint!, patience.Token);
            await udp.ReceiveAsync(new byte[1], patience.Token);
            using var tcp = Bind(address, 0, ProtocolType.Tcp);
            using var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(tcp.LocalEndPoint!, patience.Token);
            return Finding.Ok(subject, "reached over UDP and TCP");
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            return Finding.Warn(
                subject, $"not reached from this host ({(failure is SocketException ? failure.Message : "no answer in a second")})",
                "Look at the firewall, or name the addresses to use with WebRtc:Addresses.");
        }
    }

    private static Socket Bind(IPAddress address, int port, ProtocolType protocol)
    {
        var socket = new Socket(address.AddressFamily, protocol == ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, protocol);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            if (protocol == ProtocolType.Tcp)
                socket.Listen();
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<bool> IsSluiceAsync(int httpPort)
    {
        try
        {
            using var client = new HttpClient { Timeout = Patience };
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{httpPort}/api/v1/node"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
