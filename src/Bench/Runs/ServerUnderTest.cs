using System.Globalization;
using System.Security.Cryptography;

namespace Sluice.Bench.Runs;

/// <summary>The server that is measured: a child with a data directory of its own, or one that runs already.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Child? _child;
    private readonly string? _folder;

    private ServerUnderTest(Uri url, int process, string? token, Child? child, string? folder)
    {
        Url = url;
        Process = process;
        Token = token;
        _child = child;
        _folder = folder;
    }

    public Uri Url { get; }

    /// <summary>Its process; 0 where it is not known.</summary>
    public int Process { get; }

    /// <summary>The operator's token.</summary>
    public string? Token { get; }

    /// <summary>True where it ends with this run, and everything in it.</summary>
    public bool IsOurs => _child is not null;

    /// <summary>Takes a server that runs already.</summary>
    public static ServerUnderTest Existing(Uri url, int process, string? token) => new(url, process, token, null, null);

    /// <summary>Starts one with the settings a load needs, and those given.</summary>
    public static async Task<ServerUnderTest> StartAsync(IReadOnlyList<string> self, int httpPort, int udpPort, IEnumerable<string> settings)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-bench-").FullName;
        var token = Convert.ToHexString(RandomNumberGenerator.GetBytes(24));
        string[] arguments =
        [
            "serve",
            string.Create(CultureInfo.InvariantCulture, $"--Http:Port={httpPort}"), "--Http:Address=127.0.0.1",
            string.Create(CultureInfo.InvariantCulture, $"--WebRtc:Port={udpPort}"), "--Rtmp:Port=0",
            // One address stands for thousands of people here.
            "--Http:RequestsPerMinutePerAddress=0", "--Http:SessionsPerMinutePerAddress=0", "--WebRtc:MaxSessionsPerAddress=1000000",
            // What is made of a stream beside forwarding it is measured by itself (bench/rtmp, bench/Hls).
            "--Hls:Enabled=false", "--Thumbnails:Enabled=false",
            "--Log:Level=warning",
            .. settings,
        ];
        var child = Child.Start(self, arguments, new Dictionary<string, string> { ["SLUICE_DATA"] = folder, ["SLUICE_ADMIN_TOKEN"] = token });
        var line = await child.ReadUntilAsync("http://", StartLimit);
        if (line is null || !Uri.TryCreate(line[line.IndexOf("http://", StringComparison.Ordinal)..].Trim(), UriKind.Absolute, out var url))
        {
            await child.DisposeAsync();
            throw new BenchException("The server did not start.");
        }

        // What else it prints must be taken, or it would wait for room.
        _ = child.ReadUntilAsync("\0", Timeout.InfiniteTimeSpan);
        return new ServerUnderTest(url, child.Id, token, child, folder);
    }

    public async ValueTask DisposeAsync()
    {
        if (_child is not null) await _child.DisposeAsync();
        if (_folder is null) return;
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A directory in /tmp that stays is no reason to fail.
        }
    }
}
