using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

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

    public static bool CanShape { get; } = IsAvailable && CanShapeHere();

    /// <summary>Makes the loopback device of the current namespace slow; packets wait in the sender's buffer.</summary>
    public static bool Shape()
    {
        try
        {
            // A child is forked from this thread and so finds itself in its network.
            using var tc = Process.Start(new ProcessStartInfo("tc", "qdisc add dev lo root tbf rate 20mbit burst 10kb limit 100mb") { RedirectStandardError = true });
            tc!.WaitForExit();
            return tc.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

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

    private static bool CanShapeHere()
    {
        var can = false;
        Run(65536, () => can = Shape());
        return can;
    }

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
