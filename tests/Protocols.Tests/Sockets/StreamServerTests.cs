using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Sockets.Streams;
using Sluice.Protocols.Wire;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Sockets;

[Collection(SocketsCollection.Name)]
public sealed class StreamServerTests
{
    private const int Connections = 20;
    private const int BytesEach = 700_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [BothPaths]
    public async Task What_many_send_at_once_comes_whole_and_in_order_to_the_session_of_each(bool portable)
    {
        var sessions = await ReceiveAsync(portable, appetite: int.MaxValue);
        Assert.All(sessions, s => Assert.Equal(Said(s.Received[0]), s.Received));
    }

    [Theory]
    [BothPaths]
    public async Task What_a_session_leaves_is_given_again_before_what_came_after_it(bool portable)
    {
        var sessions = await ReceiveAsync(portable, appetite: 20_000);
        Assert.All(sessions, s => Assert.Equal(Said(s.Received[0]), s.Received));
    }

    [LinuxFact]
    public async Task Before_bytes_are_handed_over_their_session_is_asked_to_fetch_step_by_step()
    {
        var sessions = await ReceiveAsync(portable: false, appetite: int.MaxValue);
        Assert.All(sessions, s => Assert.Equal((0, true), (s.Unprepared, s.Prepared > 0)));
    }

    private static async Task<Gatherer[]> ReceiveAsync(bool portable, int appetite)
    {
        var listener = new Listener(appetite);
        var failures = new ConcurrentQueue<Exception>();
        var options = new StreamOptions { BindAddresses = [IPAddress.Loopback], ForcePortable = portable, Failed = failures.Enqueue };
        await using var server = StreamServer.Open(options, listener);
        server.Start();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(i => SendAsync(server.Port, Said((byte)i))));
        await Task.WhenAll(listener.Sessions.Select(s => s.Ended)).WaitAsync(Patience);
        Assert.Empty(failures);
        Assert.Equal(Connections, listener.Sessions.Select(s => s.Received[0]).Distinct().Count());
        return [.. listener.Sessions];
    }

    // It hangs up only when all was taken: a connection that goes takes with it what was not.
    private static async Task SendAsync(ushort port, byte[] said)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var rest = said.AsMemory();
        while (!rest.IsEmpty) rest = rest[await socket.SendAsync(rest)..];
        Assert.Equal(1, await socket.ReceiveAsync(new byte[1]).WaitAsync(Patience));
    }

    // The first byte says whose they are.
    private static byte[] Said(byte speaker)
    {
        var said = new byte[BytesEach];
        new Random(speaker).NextBytes(said);
        said[0] = speaker;
        return said;
    }

    private sealed class Listener(int appetite) : IStreamListener
    {
        public ConcurrentQueue<Gatherer> Sessions { get; } = new();

        public IStreamSession Accept(Instant now, IStreamConnection connection)
        {
            var session = new Gatherer(connection, appetite);
            Sessions.Enqueue(session);
            return session;
        }
    }

    /// <summary>Keeps what it gets, takes no more at once than its appetite before it was woken, and says one byte when it has all.</summary>
    private sealed class Gatherer(IStreamConnection connection, int appetite) : IStreamSession
    {
        private readonly List<byte> _received = [];
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly int _appetite = appetite;
        private int _left = appetite;
        private int _step;
        private bool _isGivenAgain;
        private bool _owesAnAnswer = true;

        public byte[] Received => [.. _received];

        public Task Ended => _ended.Task;

        public int Prepared { get; private set; }

        public int Unprepared { get; private set; }

        public bool IsOver { get; private set; }

        public Instant NextTimeout => Instant.Never;

        public int Handle(Instant now, ReadOnlySpan<byte> bytes)
        {
            if (!_isGivenAgain && _step == 3) Prepared++;
            else if (!_isGivenAgain) Unprepared++;
            _step = 0;
            var taken = Math.Min(_left, bytes.Length);
            _received.AddRange(bytes[..taken]);
            _left -= taken;
            _isGivenAgain = taken < bytes.Length;
            if (_isGivenAgain) connection.Wake();
            return taken;
        }

        public void HandleTimeout(Instant now) => _left = _appetite;

        public void HandleClosed(Instant now)
        {
            IsOver = true;
            _ended.SetResult();
        }

        public bool TryTakeOutput(Span<byte> destination, out int written)
        {
            written = _owesAnAnswer && _received.Count == BytesEach ? 1 : 0;
            if (written == 0) return false;
            destination[0] = 1;
            _owesAnAnswer = false;
            return true;
        }

        public void Fetch(int step) => _step = step == _step ? step + 1 : -1;
    }
}
