using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H264;
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

    public static async Task UntilAsync(Func<bool> isSo, string what)
    {
        var limit = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(limit.Elapsed < Patience, $"It does not happen that {what}.");
            await Task.Delay(20);
        }
    }

    public static Process Run(string program, string arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true })!;

    /// <summary>Reads frames of H.264 until the stream ends or there are enough, as a byte stream that any decoder takes.</summary>
    public static async Task<(byte[] Bytes, int Frames)> RecordAsync(LiveStream stream, int enough)
    {
        using var cursor = new FrameCursor(stream.Tracks[0]);
        var bytes = new MemoryStream();
        var frames = 0;
        var limit = Stopwatch.StartNew();
        while (frames < enough && limit.Elapsed < Patience)
        {
            var any = false;
            while (frames < enough && Take(cursor, bytes))
            {
                any = true;
                frames++;
            }

            if (!any && stream.HasEnded) break;
            if (!any) await Task.Delay(20);
        }

        return (bytes.ToArray(), frames);
    }

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

    private static bool Take(FrameCursor cursor, MemoryStream bytes)
    {
        if (!cursor.TryTake(out var frame)) return false;
        if (frame.IsKeyframe && AvcConfiguration.TryParse(frame.Format.Configuration, out var configuration))
        {
            var sets = configuration.SequenceSets;
            while (sets.TryRead(out var nal)) Write(bytes, nal);
            sets = configuration.PictureSets;
            while (sets.TryRead(out var nal)) Write(bytes, nal);
        }

        var reader = new LengthPrefixedReader(frame.Payload, 4);
        while (reader.TryRead(out var nal)) Write(bytes, nal);
        return true;
    }

    private static void Write(MemoryStream bytes, ReadOnlySpan<byte> nal)
    {
        bytes.Write([0, 0, 0, 1]);
        bytes.Write(nal);
    }
}

/// <summary>An encoder on a real connection.</summary>
internal sealed class SocketPublisher : IDisposable
{
    private readonly byte[] _buffer = new byte[64 << 10];

    public SocketPublisher(int port, string name)
    {
        Socket.Connect(IPAddress.Loopback, port);
        Socket.ReceiveTimeout = 20_000;
        Client = new RtmpClientSession(new RtmpClientOptions("live", name, "rtmp://127.0.0.1/live"), 9, Instant.Zero);
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
