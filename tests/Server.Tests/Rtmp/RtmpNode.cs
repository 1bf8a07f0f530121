using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Control.Live;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Wire;
using Sluice.Server.Live;
using Sluice.Server.Startup;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>A whole node with its ports open, and what tests ask of it.</summary>
internal sealed class RtmpNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-rtmp").FullName;
    private readonly HttpClient _client = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly ReaderThread _reader;

    private RtmpNode() => _reader = new ReaderThread(() => _news.Release());

    public SluiceHost Host { get; private set; } = null!;

    public string Key => Host.Welcome.FirstChannel!.Key;

    public LiveChannel Channel => Host.App.Services.GetRequiredService<LiveChannels>().Open("live");

    public int Port => Host.App.Services.GetRequiredService<NodePorts>().All["rtmp"];

    public string Folder => _folder;

    public static async Task<RtmpNode> StartAsync(params string[] settings)
    {
        var node = new RtmpNode();
        node.Host = SluiceHost.Build(
            ["--Http:Port=0", "--Http:Address=127.0.0.1", "--WebRtc:Port=0", "--WebRtc:Workers=1", "--Rtmp:Port=0", "--Rtmp:Addresses=127.0.0.1", .. settings],
            new Dictionary<string, string> { ["SLUICE_DATA"] = Path.Combine(node._folder, "data"), ["SLUICE__Log__Level"] = "none" });
        await node.Host.StartAsync();
        node.Channel.Changed += _ => node._news.Release();
        node.Channel.AddReader(node._reader);
        node._client.BaseAddress = node.Host.LocalUrl;
        node._client.DefaultRequestHeaders.Authorization = new("Bearer", node.Host.Welcome.OperatorToken);
        return node;
    }

    public async Task<JsonElement> GetAsync(string path) =>
        JsonDocument.Parse(await _client.GetStringAsync(new Uri(path, UriKind.Relative))).RootElement;

    public async Task PatchAsync(string path, string json) =>
        (await _client.PatchAsync(new Uri(path, UriKind.Relative), new StringContent(json, System.Text.Encoding.UTF8, "application/json"))).EnsureSuccessStatusCode();

    public async Task PostAsync(string path) => (await _client.PostAsync(new Uri(path, UriKind.Relative), null)).EnsureSuccessStatusCode();

    public async Task<LiveStream> LiveAsync(LiveStream? other = null)
    {
        await UntilAsync(() => Channel.Stream is { } stream && !ReferenceEquals(stream, other), "a stream begins");
        return Channel.Stream!;
    }

    /// <summary>Makes a channel; its live state, and its key.</summary>
    public async Task<(LiveChannel Channel, string Key)> CreateAsync(string id)
    {
        var made = await _client.PostAsync(new Uri("/api/v1/channels", UriKind.Relative), new StringContent($$"""{"name":"{{id}}","id":"{{id}}"}""", System.Text.Encoding.UTF8, "application/json"));
        made.EnsureSuccessStatusCode();
        var channel = Host.App.Services.GetRequiredService<LiveChannels>().Open(id);
        channel.Changed += _ => _news.Release();
        channel.AddReader(_reader);
        return (channel, JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement.GetProperty("key").GetString()!);
    }

    /// <summary>The same of another channel that was made here.</summary>
    public Task UntilAsync(LiveChannel channel, Func<LiveChannel, bool> isSo, string what) => UntilAsync(() => isSo(channel), what);

    /// <summary>Waits for something to be so of the channel: it is asked whenever the stream changes or media has come.</summary>
    public async Task UntilAsync(Func<bool> isSo, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            while (_reader.TryTake(out _))
            {
                // What comes from now on wakes anew.
            }

            if (isSo()) return;
            try
            {
                await _news.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"It does not happen that {what}.");
            }
        }
    }

    public static Process Run(string program, string arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true })!;

    /// <summary>How many pictures a decoder makes of a byte stream, and what it complains of.</summary>
    public async Task<(int Pictures, string Complaints)> DecodeAsync(byte[] bytes)
    {
        var file = Path.Combine(_folder, Guid.NewGuid().ToString("N") + ".h264");
        await File.WriteAllBytesAsync(file, bytes);
        using var probe = Run("ffprobe", $"-v error -f h264 -count_frames -show_entries stream=nb_read_frames -of csv=p=0 {file}");
        var complaints = probe.StandardError.ReadToEndAsync();
        var count = await probe.StandardOutput.ReadToEndAsync();
        await probe.WaitForExitAsync();
        return (int.Parse(count.Trim().Split('\n')[0].Trim(','), System.Globalization.CultureInfo.InvariantCulture), await complaints);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Host.App.StopAsync();
        await Host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>An encoder on a real connection.</summary>
internal sealed class SocketPublisher : IDisposable
{
    private readonly byte[] _buffer = new byte[64 << 10];

    public SocketPublisher(int port, string name, string software = "FMLE/3.0 (compatible; Test)", RtmpCapabilities capabilities = RtmpCapabilities.None,
        string app = "live")
    {
        Socket.Connect(IPAddress.Loopback, port);
        Socket.ReceiveTimeout = 20_000;
        Client = new RtmpClientSession(new RtmpClientOptions(app, name, $"rtmp://127.0.0.1/{app}") { Software = software, Capabilities = capabilities }, 9, Instant.Zero);
    }

    public Socket Socket { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public RtmpClientSession Client { get; }

    public List<RtmpClientEvent> Told { get; } = [];

    public string Words => string.Join(" ", Told.Select(t => t.Description));

    /// <summary>Until the server lets it publish, or does not.</summary>
    public bool Begin()
    {
        Flush();
        while (!Client.IsPublishing && Hear())
        {
            Flush();
        }

        return Client.IsPublishing;
    }

    /// <summary>Reads what the server says until it hangs up.</summary>
    public void HearOut()
    {
        while (Hear())
        {
            // Everything it says is kept.
        }
    }

    public void Send(Protocols.Media.MediaKind kind, long timestamp, ReadOnlySpan<byte> message)
    {
        Client.TrySendMedia(kind, timestamp, message);
        Flush();
    }

    public void Dispose() => Socket.Dispose();

    private bool Hear()
    {
        int read;
        try
        {
            read = Socket.Receive(_buffer);
        }
        catch (SocketException)
        {
            read = 0;
        }

        if (read == 0) return false;
        Client.Handle(_buffer.AsSpan(0, read), out _);
        while (Client.TryTakeEvent(out var told)) Told.Add(told);
        return true;
    }

    private void Flush()
    {
        while (Client.TryTakeOutput(_buffer, out var written)) Socket.Send(_buffer.AsSpan(0, written));
    }
}
