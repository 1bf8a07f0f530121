using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Protocols.Sockets.Linux;

/// <summary>Waits by epoll, level-triggered; an eventfd wakes it, edge-triggered, so that nobody need read it. Nanosecond timeouts where the system has epoll_pwait2, else rounded up to milliseconds.</summary>
internal sealed unsafe class EpollPoller : Poller
{
    private const int MaxEvents = 128;

    // struct epoll_event is packed on x86 alone.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8;
    private static readonly int EventBytes = DataOffset + 8;

    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _wake;
    private readonly byte[] _events = GC.AllocateArray<byte>(MaxEvents * 16, pinned: true);
    private bool _precise = true;

    public EpollPoller()
    {
        _epoll = new SafeFileHandle(Check(Libc.EpollCreate(Libc.CloseOnExec)), ownsHandle: true);
        _wake = new SafeFileHandle(Check(Libc.EventDescriptor(0, Libc.CloseOnExec | Libc.NonBlock)), ownsHandle: true);
        Control(Libc.EpollAdd, (int)_wake.DangerousGetHandle(), Libc.EpollIn | Libc.EpollEdge, ReadySource.Wake, 0);
    }

    public override void Watch(Socket socket, ReadySource source, int index) =>
        Control(Libc.EpollAdd, (int)socket.Handle, Libc.EpollIn, source, index);

    public override void WatchWritable(Socket socket, ReadySource source, int index, bool writable) =>
        Control(Libc.EpollModify, (int)socket.Handle, Libc.EpollIn | (writable ? Libc.EpollOut : 0), source, index);

    /// <summary>Says anew what is watched for; with neither, only errors are told.</summary>
    public void Change(Socket socket, ReadySource source, int index, bool readable, bool writable) =>
        Control(Libc.EpollModify, (int)socket.Handle, (readable ? Libc.EpollIn : 0) | (writable ? Libc.EpollOut : 0), source, index);

    public override void Forget(Socket socket) => Control(Libc.EpollDelete, (int)socket.Handle, 0, default, 0);

    protected override int WaitForEvents(long nanoseconds, Span<Ready> ready)
    {
        var found = Sleep(nanoseconds, Math.Min(MaxEvents, ready.Length));
        var count = 0;
        for (var i = 0; i < found; i++)
        {
            var entry = _events.AsSpan(i * EventBytes, EventBytes);
            var mask = MemoryMarshal.Read<uint>(entry);
            var data = MemoryMarshal.Read<ulong>(entry[DataOffset..]);
            var source = (ReadySource)(data >> 32);
            if (source == ReadySource.Wake) continue;

            // An error is read off the socket by the next receive.
            var readable = (mask & (Libc.EpollIn | Libc.EpollErrorOrHangUp)) != 0;
            ready[count++] = new Ready(source, (int)data, readable, (mask & Libc.EpollOut) != 0);
        }

        return count;
    }

    public override void Dispose()
    {
        _wake.Dispose();
        _epoll.Dispose();
    }

    protected override void Signal()
    {
        try
        {
            ulong one = 1;
            Libc.Write(_wake, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The driver has stopped; there is nobody to wake.
        }
    }

    private int Sleep(long nanoseconds, int capacity)
    {
        var epoll = (int)_epoll.DangerousGetHandle();
        var events = MessageBatch.PointerTo(_events, 0);
        if (_precise)
        {
            try
            {
                var time = new Libc.TimeSpec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
                var found = Libc.EpollWaitPrecisely(epoll, events, capacity, nanoseconds < 0 ? null : &time, null, 0);
                if (found >= 0 || Marshal.GetLastPInvokeError() != Errno.NoSystemCall) return found;
                _precise = false;
            }
            catch (EntryPointNotFoundException)
            {
                _precise = false;
            }
        }

        var milliseconds = nanoseconds < 0 ? -1 : (int)Math.Min(int.MaxValue, (nanoseconds + 999_999) / 1_000_000);
        return Libc.EpollWait(epoll, events, capacity, milliseconds);
    }

    private void Control(int operation, int descriptor, uint mask, ReadySource source, int index)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = mask;
        *(ulong*)(entry + DataOffset) = (ulong)source << 32 | (uint)index;
        Check(Libc.EpollControl((int)_epoll.DangerousGetHandle(), operation, descriptor, entry));
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());
}
