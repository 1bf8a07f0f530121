using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Streams;

/// <summary>A port by .NET's own sockets, with TLS where it is wanted: a connection's calls come from the thread pool, one at a time.</summary>
internal sealed class PortableStreamServer : StreamServer
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<PortableConnection, Task> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _loops = [];
    private Timer? _sweeper;

    public PortableStreamServer(StreamOptions options, IStreamListener listener, Socket[] sockets, ushort port)
        : base(options, listener, sockets, port)
    {
    }

    public override void Start()
    {
        foreach (var socket in Sockets) _loops.Add(Task.Run(() => AcceptAsync(socket)));
        _sweeper = new Timer(_ => Sweep(), null, SweepPeriod, SweepPeriod);
    }

    public override async Task StopAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync();
        if (_sweeper is not null) await _sweeper.DisposeAsync();
        foreach (var socket in Sockets) socket.Dispose();
        await Task.WhenAll(_loops);
        foreach (var (connection, _) in _connections) connection.Leave();
        await Task.WhenAll(_connections.Values);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // Out of descriptors, or gone before it was accepted: others may get through in a moment.
                await Task.Delay(SweepPeriod).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            if (RemoteOf(socket) is not { } remote || !Places.TryTake(remote))
            {
                socket.Dispose();
                continue;
            }

            var connection = new PortableConnection(socket, remote, Options);
            var running = new TaskCompletionSource();
            _connections[connection] = running.Task;
            _ = ServeAsync(connection, running);
        }
    }

    private async Task ServeAsync(PortableConnection connection, TaskCompletionSource running)
    {
        await Task.Yield();
        try
        {
            await connection.ServeAsync(Listener, _stopping.Token);
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException or ObjectDisposedException
            or System.Security.Authentication.AuthenticationException)
        {
            // The peer went, or spoke no TLS.
        }
        catch (Exception failure)
        {
            Options.Failed?.Invoke(failure);
        }
        finally
        {
            connection.Dispose();
            Places.Return(connection.Remote);
            _connections.TryRemove(connection, out _);
            running.SetResult();
        }
    }

    private void Sweep()
    {
        var now = MonotonicClock.Now;
        foreach (var (connection, _) in _connections)
        {
            if (connection.NextTimeout.IsDue(now)) connection.Wake();
        }
    }
}
