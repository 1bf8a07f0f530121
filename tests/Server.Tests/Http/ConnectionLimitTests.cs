using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Server.Http;
using Sluice.Server.Options;

namespace Sluice.Server.Tests.Http;

public sealed class ConnectionLimitTests : IDisposable
{
    private const string One = "198.51.100.1";

    private readonly HandTime _time = new();
    private readonly KeptLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task Past_the_limit_a_connection_is_closed_unseen_and_one_that_ends_makes_room()
    {
        var limit = Make(2);
        var first = Arrive(limit, One);
        var second = Arrive(limit, One);
        var third = Arrive(limit, One);
        Assert.False(third.WasSeen);
        Assert.True(third.IsClosed);
        Assert.True(third.Run.IsCompletedSuccessfully);
        Assert.True(Arrive(limit, "198.51.100.2").WasSeen);
        Assert.Equal((3, 1L), (limit.Count, limit.TurnedAway));

        first.End();
        await first.Run;
        Assert.True(Arrive(limit, One).WasSeen);
        Assert.False(second.IsClosed);
        Assert.Equal((3, 1L), (limit.Count, limit.TurnedAway));
    }

    [Fact]
    public async Task However_connections_end_none_stays_counted()
    {
        var limit = Make(4);
        for (var round = 0; round < 50; round++)
        {
            var good = Arrive(limit, One);
            var broken = Arrive(limit, One);
            var stopped = Arrive(limit, One);
            await Assert.ThrowsAsync<InvalidOperationException>(() => limit.RunAsync(new DefaultConnectionContext(), At(One), () => throw new InvalidOperationException("At once.")));
            Assert.Equal(3, limit.Count);
            good.End();
            broken.Fail(new IOException("Reset."));
            stopped.Fail(new OperationCanceledException());
            await good.Run;
            await Assert.ThrowsAsync<IOException>(() => broken.Run);
            await Assert.ThrowsAsync<OperationCanceledException>(() => stopped.Run);
        }

        Assert.Equal((0, 0L), (limit.Count, limit.TurnedAway));
    }

    [Fact]
    public async Task Who_was_turned_away_is_not_counted_down_either()
    {
        var limit = Make(1);
        var first = Arrive(limit, One);
        for (var i = 0; i < 10; i++) Assert.False(Arrive(limit, One).WasSeen);
        first.End();
        await first.Run;
        Assert.Equal(0, limit.Count);
        Assert.True(Arrive(limit, One).WasSeen);
        Assert.False(Arrive(limit, One).WasSeen);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.3.2.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("::ffff:10.1.2.3")]
    [InlineData(null)]
    public void This_machine_and_trusted_proxies_have_no_limit(string? address)
    {
        var limit = Make(1, "10.0.0.0/8");
        for (var i = 0; i < 5; i++) Assert.True(Arrive(limit, address).WasSeen);
        Assert.Equal((0, 0L), (limit.Count, limit.TurnedAway));
    }

    [Fact]
    public void A_private_address_is_like_any_other()
    {
        var limit = Make(1);
        Assert.True(Arrive(limit, "192.168.1.5").WasSeen);
        Assert.False(Arrive(limit, "192.168.1.5").WasSeen);
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        var limit = Make(0);
        for (var i = 0; i < 2000; i++) Assert.True(Arrive(limit, One).WasSeen);
        Assert.Equal((0, 0L), (limit.Count, limit.TurnedAway));
    }

    [Fact]
    public async Task A_proxy_that_is_trusted_or_not_any_more_while_it_is_connected_confuses_no_count()
    {
        var root = Root(2, "");
        var options = Read(root);
        var limit = new ConnectionLimit(options, _time, Log());
        var counted = Arrive(limit, One);
        root["Http:TrustedProxies"] = One;
        options.Reload();
        var exempt = Enumerable.Range(0, 5).Select(_ => Arrive(limit, One)).ToList();
        Assert.All(exempt, e => Assert.True(e.WasSeen));
        counted.End();
        await counted.Run;
        Assert.Equal(0, limit.Count);

        root["Http:TrustedProxies"] = "";
        options.Reload();
        exempt.ForEach(e => e.End());
        await Task.WhenAll(exempt.Select(e => e.Run));
        Assert.Equal(0, limit.Count);
        Assert.True(Arrive(limit, One).WasSeen);
        Assert.True(Arrive(limit, One).WasSeen);
        Assert.False(Arrive(limit, One).WasSeen);
    }

    [Fact]
    public void One_network_of_IPv6_is_one_address_and_mapped_IPv4_is_IPv4()
    {
        var limit = Make(1);
        Assert.True(Arrive(limit, "2001:db8::1").WasSeen);
        Assert.False(Arrive(limit, "2001:db8::ffff:1").WasSeen);
        Assert.True(Arrive(limit, "2001:db8:0:1::1").WasSeen);
        Assert.True(Arrive(limit, One).WasSeen);
        Assert.False(Arrive(limit, $"::ffff:{One}").WasSeen);
    }

    [Fact]
    public void The_log_names_the_address_once_a_minute_at_most()
    {
        var limit = Make(1);
        for (var i = 0; i < 100; i++) Arrive(limit, One);
        Assert.Single(_log.Text.Split('\n'), line => line.Contains(One, StringComparison.Ordinal));
        _time.Advance(TimeSpan.FromSeconds(59));
        Arrive(limit, One);
        Assert.Single(_log.Text.Split('\n'));
        _time.Advance(TimeSpan.FromSeconds(1));
        Arrive(limit, One);
        Assert.Equal(2, _log.Text.Split('\n').Length);
    }

    [OwnAddressFact]
    public async Task The_fourth_connection_from_another_address_is_closed_before_it_is_heard_and_the_metrics_tell()
    {
        await using var node = await RunningNode.StartAsync("--Http:Address=*", "--Http:MaxConnectionsPerAddress=3");
        var limit = node.Host.App.Services.GetRequiredService<ConnectionLimit>();
        string[] requests = ["GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "GET /hls/live/video-0/index.m3u8 HTTP/1.1\r\nHost: a\r\n\r\n", "nonsense\r\n\r\n"];
        for (var round = 0; round < 5; round++)
        {
            var sockets = requests.Select(_ => Connect(node)).ToList();
            for (var i = 0; i < sockets.Count; i++)
            {
                await sockets[i].SendAsync(Encoding.ASCII.GetBytes(requests[i]));
                Assert.StartsWith("HTTP/1.1 ", await HearAsync(sockets[i]), StringComparison.Ordinal);
            }

            // What makes no sense has been answered and closed; silence takes its place.
            await UntilAsync(() => limit.Count == 2);
            sockets.Add(Connect(node));
            await UntilAsync(() => limit.Count == 3);
            using (var tooMany = Connect(node)) Assert.Equal("", await HearAsync(tooMany));
            Assert.Equal(round + 1, limit.TurnedAway);

            // From the machine itself it goes on, and says so.
            Assert.Contains($"sluice_http_connections_turned_away_total {round + 1}\n", (await node.SendAsync("GET", "/metrics")).Body, StringComparison.Ordinal);

            // By a farewell, and by resets.
            sockets[0].Shutdown(SocketShutdown.Both);
            foreach (var socket in sockets.Skip(1)) socket.LingerState = new LingerOption(true, 0);
            sockets.ForEach(s => s.Dispose());
            await UntilAsync(() => limit.Count == 0);
        }
    }

    private static Socket Connect(RunningNode node)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(OwnAddressFactAttribute.Find()!, node.Host.LocalUrl.Port);
        return socket;
    }

    // What comes first; nothing where the connection is closed, by whatever means.
    private static async Task<string> HearAsync(Socket socket)
    {
        var buffer = new byte[4096];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30)));
        }
        catch (SocketException)
        {
            return "";
        }
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (var until = Environment.TickCount64 + 30_000; !isSo(); await Task.Yield()) Assert.True(Environment.TickCount64 < until);
    }

    private static IPEndPoint? At(string? address) => address is null ? null : new IPEndPoint(IPAddress.Parse(address), 50_000);

    private static Arrival Arrive(ConnectionLimit limit, string? address) => new(limit, At(address));

    private static IConfigurationRoot Root(int most, string proxies) => new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?> { ["Http:MaxConnectionsPerAddress"] = $"{most}", ["Http:TrustedProxies"] = proxies }).Build();

    private static LiveOptions Read(IConfigurationRoot root)
    {
        Assert.True(OptionReader.TryRead(root, out var start, out var error), error);
        var options = new LiveOptions(root, start);
        options.Watch(new KeptLog().CreateLogger("options"));
        return options;
    }

    private ConnectionLimit Make(int most, string proxies = "") => new(Read(Root(most, proxies)), _time, Log());

    private ILogger<ConnectionLimit> Log() => LoggerFactory.Create(logging => logging.AddProvider(_log)).CreateLogger<ConnectionLimit>();

    /// <summary>A connection that lasts until the test ends it.</summary>
    private sealed class Arrival
    {
        private readonly TaskCompletionSource _end = new();

        public Arrival(ConnectionLimit limit, EndPoint? remote)
        {
            Run = limit.RunAsync(new Connection(this), remote, () =>
            {
                WasSeen = true;
                return _end.Task;
            });
        }

        public Task Run { get; }

        public bool WasSeen { get; private set; }

        public bool IsClosed { get; private set; }

        public void End() => _end.SetResult();

        public void Fail(Exception failure) => _end.SetException(failure);

        private sealed class Connection(Arrival arrival) : DefaultConnectionContext
        {
            public override void Abort(ConnectionAbortedException abortReason) => arrival.IsClosed = true;
        }
    }
}

/// <summary>A fact about who comes from elsewhere, which needs an address of this machine that is not a loopback.</summary>
public sealed class OwnAddressFactAttribute : FactAttribute
{
    public OwnAddressFactAttribute()
    {
        if (Find() is null) Skip = "this machine has no address but loopback";
    }

    public static IPAddress? Find() => NetworkInterface.GetAllNetworkInterfaces().Where(i => i.OperationalStatus == OperationalStatus.Up)
        .SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)
        .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
}
