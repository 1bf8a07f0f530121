using System.Net.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Streams;

/// <summary>A port on Linux: the first thread accepts, and connections go round the threads, where they stay.</summary>
internal sealed class EpollStreamServer : StreamServer
{
    private const int AcceptsPerTurn = 32;

    private readonly EpollStreamThread[] _threads;
    private int _next;
    private bool _isStopped;

    public EpollStreamServer(StreamOptions options, IStreamListener listener, Socket[] sockets, ushort port)
        : base(options, listener, sockets, port)
    {
        _threads = [.. Enumerable.Range(0, Math.Max(1, options.Threads)).Select(i => new EpollStreamThread(options, listener, Places, i))];
    }

    public override void Start()
    {
        foreach (var socket in Sockets) socket.Blocking = false;
        foreach (var thread in _threads) thread.Start();
        _threads[0].Listen(Sockets, Accept);
    }

    public override async Task StopAsync()
    {
        if (_isStopped) return;
        _isStopped = true;
        foreach (var thread in _threads) thread.Stop();
        foreach (var thread in _threads) await thread.Stopped;
        foreach (var socket in Sockets) socket.Dispose();
    }

    // A few at a time; the rest makes the listener ready again.
    private void Accept(Socket listener)
    {
        for (var i = 0; i < AcceptsPerTurn && listener.Poll(0, SelectMode.SelectRead); i++)
        {
            Socket socket;
            try
            {
                socket = listener.Accept();
            }
            catch (SocketException)
            {
                return; // gone before it was accepted, or the process is out of descriptors: the next turn tries again
            }

            if (RemoteOf(socket) is not { } remote || !Places.TryTake(remote))
            {
                socket.Dispose();
                continue;
            }

            _next = (_next + 1) % _threads.Length;
            _threads[_next].Adopt(socket, remote);
        }
    }
}
