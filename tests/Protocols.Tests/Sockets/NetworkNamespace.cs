using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Net.Sockets;

namespace Sluice.Protocols.Tests.Sockets;

/// <summary>
/// Runs a test on a thread with a network of its own: a loopback device with a chosen MTU and nothing else. Sockets keep the network they were opened in, whichever thread
/// uses them later.
/// </summary>
internal static unsafe partial class NetworkNamespace
{
    private const int NewNetwork = 0x40000000;
    private const ulong SetFlags = 0x8914;
    private const ulong SetMtu = 0x8922;
    private const short Up = 1;

    public static bool IsAvailable { get; } = OperatingSystem.IsLinux() && OnThread(static () => Unshare(NewNetwork) == 0);

    public static void Run(int loopbackMtu, Action test) => OnThread(() =>
    {
        Assert.Equal(0, Unshare(NewNetwork));
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            Span<byte> request = stackalloc byte[40];
            request.Clear();
            "lo"u8.CopyTo(request);
            MemoryMarshal.Write(request[16..], loopbackMtu);
            fixed (byte* at = request) Assert.Equal(0, Control((int)socket.Handle, SetMtu, at));
            request[16..].Clear();
            MemoryMarshal.Write(request[16..], Up);
            fixed (byte* at = request) Assert.Equal(0, Control((int)socket.Handle, SetFlags, at));
        }

        test();
        return true;
    });

    private static T OnThread<T>(Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception caught)
            {
                error = ExceptionDispatchInfo.Capture(caught);
            }
        });
        thread.Start();
        thread.Join();
        error?.Throw();
        return result;
    }

    [LibraryImport("libc", EntryPoint = "unshare")]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, ulong request, void* argument);
}
