using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Server.Tests.Hls;

/// <summary>A connection on which a test writes what it likes, and reads answers as they come.</summary>
internal sealed class PlainConnection : IAsyncDisposable
{
    private readonly NetworkStream _stream;
    private readonly BufferedStream _reader;

    private PlainConnection(Socket socket)
    {
        Socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new BufferedStream(_stream);
    }

    public Socket Socket { get; }

    public static async Task<PlainConnection> OpenAsync(RunningNode node, int receiveBuffer = 0)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0) socket.ReceiveBufferSize = receiveBuffer;
        await socket.ConnectAsync(node.Host.LocalUrl.Host, node.Host.LocalUrl.Port);
        return new PlainConnection(socket);
    }

    public async Task WriteAsync(string text) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>The next answer; null where the connection has ended.</summary>
    public async Task<PlainAnswer?> ReadAsync()
    {
        if (await ReadLineAsync() is not { } status) return null;
        var headers = new List<string>();
        var date = false;
        while (await ReadLineAsync() is { Length: > 0 } line)
        {
            // The second may have changed between two answers.
            if (line.StartsWith("Date:", StringComparison.Ordinal)) date = true;
            else headers.Add(line);
        }

        var length = headers.Find(h => h.StartsWith("Content-Length: ", StringComparison.Ordinal)) is { } said
            ? int.Parse(said["Content-Length: ".Length..], CultureInfo.InvariantCulture)
            : 0;
        var body = new byte[length];
        await _reader.ReadExactlyAsync(body);
        return new PlainAnswer(status, [.. headers.Order(StringComparer.Ordinal)], body, date);
    }

    public async Task<PlainAnswer?> AskAsync(string text)
    {
        await WriteAsync(text);
        return await ReadAsync();
    }

    /// <summary>Whatever comes next; 0 at the end.</summary>
    public async Task<int> ReadSomeAsync(Memory<byte> buffer) => await _reader.ReadAsync(buffer);

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _stream.DisposeAsync();
    }

    private async Task<string?> ReadLineAsync()
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await _reader.ReadAsync(one) == 1)
        {
            if (one[0] == '\n') return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
        }

        return line.Length > 0 ? line.ToString() : null;
    }
}

/// <summary>An answer as it came; the date apart.</summary>
internal sealed record PlainAnswer(string Status, string[] Headers, byte[] Body, bool HasDate);
