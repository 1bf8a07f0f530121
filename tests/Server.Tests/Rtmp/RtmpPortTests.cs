using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Control.Live;
using Sluice.Protocols.Media;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>The node with its RTMP port open: keys, takeovers, limits, rude peers.</summary>
public sealed class RtmpPortTests : IAsyncLifetime
{
    private RtmpNode? _node;

    private RtmpNode Node => _node!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_node is not null) await _node.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publisher_with_the_key_is_live_and_one_without_is_not(bool isPortable)
    {
        _node = await RtmpNode.StartAsync($"--Rtmp:ForcePortableSockets={isPortable}");
        using var wrong = new SocketPublisher(Node.Port, "live-wrong");
        Assert.False(wrong.Begin());
        Assert.Contains("stream key is wrong", wrong.Words, StringComparison.Ordinal);
        using var none = new SocketPublisher(Node.Port, "live");
        Assert.False(none.Begin());
        Assert.Contains("No stream key", none.Words, StringComparison.Ordinal);
        using var other = new SocketPublisher(Node.Port, "nothere-" + Node.Key.Split('-')[1]);
        Assert.False(other.Begin());
        Assert.Null(Node.Channel.Stream);

        var channel = await Node.GetAsync("/api/v1/channels/live");
        Assert.Contains("No stream key", channel.GetProperty("lastPublishError").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal($"rtmp://localhost:{Node.Port}/live".Replace("localhost", Node.Host.LocalUrl.Host, StringComparison.Ordinal),
            channel.GetProperty("publish").GetProperty("rtmp").GetString());

        using var right = new SocketPublisher(Node.Port, Node.Key);
        Assert.True(right.Begin(), right.Words);
        Publish(right);
        await Node.LiveAsync();
        var stream = await Node.GetAsync("/api/v1/streams/live");
        Assert.Equal("rtmp", stream.GetProperty("publisher").GetProperty("protocol").GetString());
        Assert.Equal(2, stream.GetProperty("tracks").GetArrayLength());
        Assert.False(stream.GetProperty("health").GetProperty("hasBFrames").GetBoolean());
    }

    [Theory]
    [InlineData("live", "{key}", true)]
    [InlineData("live", "live?key={secret}", true)]
    [InlineData("live", "live?key={key}", true)]
    [InlineData("live", "live?lang=en&key={secret}", true)]
    [InlineData("live?key={secret}", "live", true)]
    [InlineData("any/where", "{key}", true)]
    [InlineData("live/{key}", "", true)]
    [InlineData("live", "{key}-", false)]
    [InlineData("live", "{key}-and-more", false)]
    [InlineData("live", "live-{key}", false)]
    [InlineData("live", "live--{secret}", false)]
    [InlineData("live", "live?key={secret}-more", false)]
    [InlineData("live", "live?key=more-{secret}", false)]
    [InlineData("live", "live?key=live-{secret}-more", false)]
    [InlineData("live", "{key} ", false)]
    public async Task A_key_is_taken_whole_or_refused_with_the_reason(string app, string name, bool isTaken)
    {
        _node = await RtmpNode.StartAsync();
        string Filled(string text) => text.Replace("{key}", Node.Key, StringComparison.Ordinal).Replace("{secret}", Node.Key.Split('-')[1], StringComparison.Ordinal);
        using var publisher = new SocketPublisher(Node.Port, Filled(name), app: Filled(app));
        Assert.Equal(isTaken, publisher.Begin());
        if (isTaken) return;
        Assert.Contains(publisher.Told, t => t.Code == "NetStream.Publish.BadName" && t.Description.Contains("stream key", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(Node.Key.Split('-')[1], publisher.Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_publisher_takes_over_unless_the_channel_refuses(bool isPortable)
    {
        _node = await RtmpNode.StartAsync($"--Rtmp:ForcePortableSockets={isPortable}");
        using var first = new SocketPublisher(Node.Port, Node.Key);
        Assert.True(first.Begin());
        Publish(first);
        var stream = await Node.LiveAsync();
        using var second = new SocketPublisher(Node.Port, Node.Key);
        Assert.True(second.Begin());
        Publish(second);
        var next = await Node.LiveAsync(stream);
        Assert.Equal(StreamEnd.TakenOver, stream.EndReason);
        first.HearOut();
        Assert.Contains("taken the stream over", first.Words, StringComparison.Ordinal);

        await Node.PatchAsync("/api/v1/channels/live", "{\"refuseTakeover\":true}");
        using var third = new SocketPublisher(Node.Port, Node.Key, "another encoder");
        Assert.False(third.Begin());
        Assert.Contains("refuse a second publisher", third.Words, StringComparison.Ordinal);
        Assert.False(next.HasEnded);
        var channel = await Node.GetAsync("/api/v1/channels/live");
        Assert.Contains("second publisher", channel.GetProperty("lastPublishError").GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rotated_key_ends_the_stream()
    {
        _node = await RtmpNode.StartAsync();
        using var publisher = new SocketPublisher(Node.Port, Node.Key);
        Assert.True(publisher.Begin());
        Publish(publisher);
        var stream = await Node.LiveAsync();
        await Node.PostAsync("/api/v1/channels/live/rotate-secret");
        publisher.HearOut();
        Assert.Equal(StreamEnd.Ended, stream.EndReason);
    }

    [Fact]
    public async Task Guessing_keys_is_stopped_before_the_right_one_is_looked_at()
    {
        _node = await RtmpNode.StartAsync("--Http:FailedLoginsPerMinutePerAddress=5");
        for (var i = 0; i < 5; i++)
        {
            using var guess = new SocketPublisher(Node.Port, $"live-guess{i}");
            Assert.False(guess.Begin());
        }

        using var right = new SocketPublisher(Node.Port, Node.Key);
        Assert.False(right.Begin());
        Assert.Contains("Too many wrong", right.Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_flood_of_connections_is_bounded_and_the_publisher_stays(bool isPortable)
    {
        _node = await RtmpNode.StartAsync("--Rtmp:MaxConnectionsPerAddress=20", $"--Rtmp:ForcePortableSockets={isPortable}");
        using var publisher = new SocketPublisher(Node.Port, Node.Key);
        Assert.True(publisher.Begin());
        Publish(publisher);
        var stream = await Node.LiveAsync();
        var flood = new List<Socket>();
        var closed = 0;
        var beyond = new TaskCompletionSource();
        for (var i = 0; i < 300; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            flood.Add(socket);
            socket.Connect(IPAddress.Loopback, Node.Port);
            _ = UntilClosedAsync(socket, () =>
            {
                if (Interlocked.Increment(ref closed) == 281) beyond.SetResult();
            });
        }

        // Those beyond the limit are closed at once; the others wait for their handshake.
        await beyond.Task.WaitAsync(TimeSpan.FromSeconds(40));
        Assert.InRange(flood.Count(s => !IsClosed(s)), 1, 19);
        publisher.Send(MediaKind.Video, 40, [0x27, 1, 0, 0, 0, .. LabMedia.Slice]);
        await Node.UntilAsync(() => stream.Tracks[0].Frames.Count == 2, "the publisher goes on");
        flood.ForEach(s => s.Dispose());
        Assert.True(SpinWait.SpinUntil(HasRoom, TimeSpan.FromSeconds(40)), "There is room again.");
    }

    private bool HasRoom()
    {
        using var again = new SocketPublisher(Node.Port, "live-x");
        again.Begin();
        return again.Words.Length > 0;
    }

    private static async Task UntilClosedAsync(Socket socket, Action isClosed)
    {
        try
        {
            await socket.ReceiveAsync(new byte[1]);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Reset is as good as closed; the test closes the rest.
        }

        isClosed();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Garbage_ends_its_own_connection_only(bool isPortable)
    {
        _node = await RtmpNode.StartAsync($"--Rtmp:ForcePortableSockets={isPortable}");
        using var publisher = new SocketPublisher(Node.Port, Node.Key);
        Assert.True(publisher.Begin());
        Publish(publisher);
        var stream = await Node.LiveAsync();
        var random = new Random(3);
        for (var i = 0; i < 20; i++)
        {
            using var rude = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };
            rude.Connect(IPAddress.Loopback, Node.Port);
            var bytes = new byte[20_000];
            random.NextBytes(bytes);
            if (i % 2 == 0) bytes[0] = 3; // a handshake, and then nonsense
            try
            {
                rude.Send(bytes);
                while (rude.Receive(bytes) > 0)
                {
                    // Its part of a handshake.
                }
            }
            catch (SocketException)
            {
                // Reset is as good as closed.
            }
        }

        publisher.Send(MediaKind.Video, 40, [0x27, 1, 0, 0, 0, .. LabMedia.Slice]);
        await Node.UntilAsync(() => stream.Tracks[0].Frames.Count == 2, "the publisher goes on");
    }

    [Fact]
    public async Task A_publisher_that_is_not_carried_reads_why_though_it_goes_on_sending()
    {
        _node = await RtmpNode.StartAsync();
        using var publisher = new SocketPublisher(Node.Port, Node.Key);
        Assert.True(publisher.Begin());
        for (var i = 0; i < 50; i++)
        {
            try
            {
                publisher.Send(MediaKind.Audio, i * 26, [0x2f, .. new byte[400]]);
            }
            catch (SocketException)
            {
                break; // the server has had enough
            }
        }

        publisher.HearOut();
        Assert.Contains("MP3", publisher.Words, StringComparison.Ordinal);
        var channel = await Node.GetAsync("/api/v1/channels/live");
        Assert.Contains("MP3", channel.GetProperty("lastPublishError").GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tls_carries_the_same_and_follows_its_files()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-tls").FullName;
        var (certificate, key) = (Path.Combine(folder, "c.pem"), Path.Combine(folder, "k.pem"));
        WriteCertificate(certificate, key, "first.example.org");
        _node = await RtmpNode.StartAsync("--Rtmp:TlsEnabled=true", "--Rtmp:TlsPort=0", $"--Rtmp:TlsCertificate={certificate}", $"--Rtmp:TlsKey={key}");
        var port = (await Node.GetAsync("/api/v1/node")).GetProperty("ports").GetProperty("rtmps").GetInt32();
        Assert.Contains("first.example.org", await NameAsync(port), StringComparison.Ordinal);
        WriteCertificate(certificate, key, "second.example.org");
        File.SetLastWriteTimeUtc(certificate, DateTime.UtcNow.AddSeconds(5));
        Assert.Contains("second.example.org", await NameAsync(port), StringComparison.Ordinal);
        await File.WriteAllTextAsync(certificate, "nonsense");
        File.SetLastWriteTimeUtc(certificate, DateTime.UtcNow.AddSeconds(9));
        Assert.Contains("second.example.org", await NameAsync(port), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> NameAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        X509Certificate? seen = null;
        await using var stream = new System.Net.Security.SslStream(client.GetStream(), false, (_, shown, _, _) => (seen = shown) is not null);
        await stream.AuthenticateAsClientAsync("localhost");
        return seen!.Subject;
    }

    private static void WriteCertificate(string certificate, string key, string name)
    {
        using var secret = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", secret, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(certificate, made.ExportCertificatePem());
        File.WriteAllText(key, secret.ExportPkcs8PrivateKeyPem());
    }

    private static bool IsClosed(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static void Publish(SocketPublisher publisher)
    {
        publisher.Send(MediaKind.Video, 0, [0x17, 0, 0, 0, 0, .. Convert.FromHexString(LabMedia.Baseline)]);
        publisher.Send(MediaKind.Audio, 0, [0xaf, 0, .. Convert.FromHexString(LabMedia.Aac)]);
        publisher.Send(MediaKind.Video, 0, [0x17, 1, 0, 0, 0, .. LabMedia.Idr]);
    }
}
