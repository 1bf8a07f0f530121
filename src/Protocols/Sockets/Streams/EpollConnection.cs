using System.Net.Sockets;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets.Streams;

/// <summary>One accepted connection of an epoll thread: its socket, its session, what the session left and what the kernel did not take.</summary>
internal sealed class EpollConnection(Socket socket, NetworkAddress remote, EpollStreamThread thread) : IStreamConnection
{
    /// <summary>Cache lines of an instance.</summary>
    public const int ObjectLines = 2;

    private int _isWoken;

    public NetworkAddress Remote { get; } = remote;

    public Socket Socket { get; } = socket;

    public int Descriptor { get; } = (int)socket.Handle;

    public IStreamSession Session { get; set; } = null!;

    public int Slot { get; set; } = -1;

    /// <summary>Bytes the session did not take yet; nothing is read while there are any.</summary>
    public byte[] Rest { get; set; } = [];

    /// <summary>Bytes the kernel did not take yet; no more output is taken while there are any.</summary>
    public byte[] Unsent { get; set; } = [];

    /// <summary>What the poller watches for.</summary>
    public bool IsReading { get; set; } = true;

    public bool IsWriting { get; set; }

    /// <summary>The session is over and its last words are sent: only the peer's hanging up is waited for.</summary>
    public bool SaidFarewell { get; set; }

    /// <summary>When the connection is closed though the peer still has it; never, before the session is over.</summary>
    public Instant Deadline { get; set; } = Instant.Never;

    public void Wake()
    {
        if (Interlocked.Exchange(ref _isWoken, 1) == 0) thread.Wake(this);
    }

    public void TakeWake() => Volatile.Write(ref _isWoken, 0);

    /// <summary>Reads once; -1 where there is nothing, 0 where the connection ended or broke.</summary>
    public unsafe int Receive(Span<byte> room)
    {
        fixed (byte* bytes = room)
        {
            var read = Libc.Receive(Descriptor, bytes, (nuint)room.Length, Libc.MsgDontWait);
            if (read >= 0) return (int)read;
        }

        return System.Runtime.InteropServices.Marshal.GetLastPInvokeError() is Errno.Again or Errno.Interrupted ? -1 : 0;
    }

    /// <summary>Sends; the number of bytes the kernel took, -1 where the connection broke.</summary>
    public unsafe int Send(ReadOnlySpan<byte> data)
    {
        var sent = 0;
        fixed (byte* bytes = data)
        {
            while (sent < data.Length)
            {
                var taken = Libc.Send(Descriptor, bytes + sent, (nuint)(data.Length - sent), Libc.MsgDontWait | Libc.MsgNoSignal);
                if (taken < 0)
                {
                    var error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
                    if (error == Errno.Interrupted) continue;
                    return error == Errno.Again ? sent : -1;
                }

                sent += (int)taken;
            }
        }

        return sent;
    }
}
