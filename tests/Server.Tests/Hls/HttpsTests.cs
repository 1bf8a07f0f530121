using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.Server.Tests.Hls;

public sealed class HttpsTests
{
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public Task Playlists_and_waits_work_over_TLS(string version) => PlaysAsync(version);

    [QuicFact]
    public Task And_over_QUIC() => PlaysAsync("3.0");

    [Fact]
    public async Task Without_TLS_there_is_no_HTTP_2_and_who_assumes_it_is_told()
    {
        await using var node = await RunningNode.StartAsync();
        await LiveSource.StartAsync(node);
        await using var connection = await PlainConnection.OpenAsync(node);
        await connection.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

        // A frame of GOAWAY (RFC 9113 §6.8), with HTTP_1_1_REQUIRED, and the end.
        var said = new byte[17];
        for (var got = 0; got < said.Length;)
        {
            var more = await connection.ReadSomeAsync(said.AsMemory(got));
            Assert.True(more > 0);
            got += more;
        }

        Assert.Equal((7, 13), (said[3], said[16]));
        Assert.Equal(0, await connection.ReadSomeAsync(said));
    }

    private static async Task PlaysAsync(string version)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-https");
        try
        {
            var certificate = Path.Combine(folder.FullName, "site.pem");
            await File.WriteAllTextAsync(certificate, Make(out var print));
            await using var node = await RunningNode.StartAsync("--Http:TlsEnabled=true", "--Http:TlsPort=0", $"--Http:TlsCertificate={certificate}");
            var source = await LiveSource.StartAsync(node);
            var address = node.Host.App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(a => a.StartsWith("https", StringComparison.Ordinal));
            using var client = new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == print } })
            {
                BaseAddress = new Uri(address), DefaultRequestVersion = new Version(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };

            using var playlist = await client.GetAsync("/hls/live/video-0/index.m3u8");
            Assert.Equal((HttpStatusCode.OK, new Version(version)), (playlist.StatusCode, playlist.Version));
            var waits = Enumerable.Range(0, 50).Select(_ => client.GetStringAsync("/hls/live/video-0/index.m3u8?_HLS_msn=3&_HLS_part=4")).ToArray();
            await source.PlayAsync(1);
            Assert.All(await Task.WhenAll(waits), body => Assert.Contains(".3.4.m4s\"", body, StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Make(out string print)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        print = certificate.GetCertHashString();
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
