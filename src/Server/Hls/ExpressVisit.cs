using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Connections;
using Sluice.Outputs.Hls;
using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Server.Hls;

/// <summary>
/// A connection while it is the short way's: what was asked, and how long what is under way may take. Its connection's task uses it, and while that waits for a part
/// the thread that wakes the crowd.
/// </summary>
internal sealed class ExpressVisit(HlsExpress express, ConnectionContext connection, Socket socket) : HlsWaiter, IValueTaskSource<HlsReadiness>
{
    public readonly byte[] Head = new byte[ExpressHead.LongestMedia];
    public readonly ArraySegment<byte>[] Pieces = new ArraySegment<byte>[2];
    public IPAddress? Address;

    // Bytes of a request have come: more of them do not buy more time.
    public bool HasBegun;

    public HlsChannel Channel = null!;
    public HlsRendition Rendition = null!;
    public PlaylistView View;
    public DeliveryDirectives Directives;
    public HlsEncoding Encoding;
    public bool IsPrivate;
    public int Length;
    public ReadOnlyMemory<byte> Media;

    private ManualResetValueTaskSourceCore<HlsReadiness> _settled;
    private HlsReadiness _found;
    private Exception? _failure;
    private int _releases;

    // When what is under way began: waiting for a request, for the rest of one, or for the client to take an answer.
    private long _since;
    private long _allowed;

    public ConnectionContext Connection => connection;

    /// <summary>The answer with a playlist, on its way.</summary>
    public ValueTask<int> Sending { get; private set; }

    public void Begin(Instant now, TimeSpan allowed)
    {
        Volatile.Write(ref _allowed, allowed.Ticks * 100);
        Volatile.Write(ref _since, now.Nanoseconds);
    }

    /// <summary>What is under way has taken more time than it may.</summary>
    public bool IsLate(Instant now) => Volatile.Read(ref _allowed) is > 0 and var allowed && now.Nanoseconds - Volatile.Read(ref _since) > allowed;

    /// <summary>Waits for what was asked for and begins to send it, where it is to be had; otherwise nothing is sent.</summary>
    public ValueTask<HlsReadiness> AnswerAsync()
    {
        _releases = Rendition.Releases;
        var waits = false;
        while (true)
        {
            var place = Rendition.WaitFor(Directives);
            var step = place.Step;
            if (TrySettle())
            {
                if (waits) express.Unqueue();
                return _failure is null ? ValueTask.FromResult(_found) : ValueTask.FromException<HlsReadiness>(_failure);
            }

            if (!waits && !express.TryQueue()) return ValueTask.FromResult(HlsReadiness.NotYet);
            if (!waits)
            {
                waits = true;
                _settled.Reset();
                Begin(MonotonicClock.Now, Timeout.InfiniteTimeSpan);
            }

            if (place.TryJoin(this, step)) return new ValueTask<HlsReadiness>(this, _settled.Version);
        }
    }

    protected override bool TrySettle()
    {
        try
        {
            if (!HlsMiddleware.IsSettled(Channel, Rendition, Directives, _releases, out _found)) return false;
            if (_found != HlsReadiness.Ready) return true;
            Begin(MonotonicClock.Now, HlsExpress.SendTime);
            express.Count();
            Keep(socket.SendAsync(new ReadOnlyMemory<byte>(express.MessageOf(this)), SocketFlags.None));
        }
        catch (Exception failure)
        {
            // The connection's task is the one to hear of it.
            _failure = failure;
        }

        return true;
    }

    protected override void Continue()
    {
        express.Unqueue();
        if (_failure is null) _settled.SetResult(_found);
        else _settled.SetException(_failure);
    }

    // Awaited once, by the connection's task.
    private void Keep(ValueTask<int> sending) => Sending = sending;

    HlsReadiness IValueTaskSource<HlsReadiness>.GetResult(short token) => _settled.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<HlsReadiness>.GetStatus(short token) => _settled.GetStatus(token);

    void IValueTaskSource<HlsReadiness>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _settled.OnCompleted(continuation, state, token, flags);
}
