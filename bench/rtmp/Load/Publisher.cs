using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.RtmpLoad;

/// <summary>One encoder: a session on a socket, sending a clip over and over in its time.</summary>
internal sealed class Publisher : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly RtmpClientSession _session;
    private readonly Clip _clip;
    private readonly byte[] _buffer = new byte[256 << 10];
    private readonly long _phase;
    private long _turn;
    private int _next;

    public Publisher(EndPoint server, string app, string key, Clip clip, long phase)
    {
        _clip = clip;
        _phase = phase;
        _socket.SendBufferSize = 1 << 20;
        _socket.Connect(server);
        _session = new RtmpClientSession(new RtmpClientOptions(app, key, $"rtmp://{server}/{app}"), (ulong)phase, Instant.Zero);
    }

    public long BytesSent { get; private set; }

    public void Dispose() => _socket.Dispose();

    public void Begin()
    {
        while (!_session.IsPublishing)
        {
            Flush();
            var read = _socket.Receive(_buffer);
            if (read == 0) throw new IOException($"The server closed the connection: {_session.Error}.");
            Take(read);
        }

        foreach (var tag in _clip.Configurations) _session.TrySendMedia(tag.Kind, 0, tag.Message);
        Flush();
    }

    /// <summary>When the next message is due, in microseconds.</summary>
    public long NextDue => (_turn * _clip.Duration + _clip.Media[_next].Milliseconds) * 1000 + _phase;

    /// <summary>Sends what is due, each message with a system call of its own, as encoders do.</summary>
    public void Advance(long microseconds)
    {
        while (true)
        {
            var tag = _clip.Media[_next];
            var due = _turn * _clip.Duration + tag.Milliseconds;
            if (due * 1000 + _phase > microseconds) break;
            if (!_session.TrySendMedia(tag.Kind, due, tag.Message)) throw new IOException($"The session takes no more: {_session.Error}.");
            Flush();
            if (++_next < _clip.Media.Count) continue;
            _next = 0;
            _turn++;
        }

        if (_socket.Available > 0) Take(_socket.Receive(_buffer));
    }

    private void Take(int read)
    {
        _session.Handle(_buffer.AsSpan(0, read), out _);
        while (_session.TryTakeEvent(out var told))
        {
            if (told.Kind == RtmpClientEventKind.Closed) throw new IOException($"The server ended the session: {_session.Error}.");
        }
    }

    private void Flush()
    {
        while (_session.TryTakeOutput(_buffer, out var written))
        {
            BytesSent += written;
            _socket.Send(_buffer.AsSpan(0, written));
        }
    }
}
