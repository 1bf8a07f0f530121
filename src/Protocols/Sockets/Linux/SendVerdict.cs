namespace Sluice.Protocols.Sockets.Linux;

/// <summary>What to do after the kernel refused the first message of a send call.</summary>
internal enum SendVerdict : byte
{
    /// <summary>Ask again at once.</summary>
    Retry = 0,

    /// <summary>The kernel's buffer is full: wait a little, then ask again, then drop.</summary>
    AwaitRoom,

    /// <summary>The run may be to blame: send its datagrams one by one.</summary>
    SplitRun,

    /// <summary>Drop: no way to the peer.</summary>
    DropUnreachable,

    /// <summary>Drop: longer than the path takes.</summary>
    DropTooLong,

    /// <summary>Drop: the kernel does not like it for another reason.</summary>
    DropInvalid,
}

/// <summary>The table from error numbers to verdicts.</summary>
internal static class SendVerdicts
{
    /// <summary>
    /// Judges an error. A run is refused with EMSGSIZE (a segment is longer than the path takes), EINVAL (older kernels for the same, and too many segments) or EIO
    /// (the device cannot checksum): see udp(7) under UDP_SEGMENT.
    /// </summary>
    public static SendVerdict Judge(int error, bool isRun) => error switch
    {
        Errno.Interrupted => SendVerdict.Retry,
        Errno.Again or Errno.NoBuffers or Errno.NoMemory => SendVerdict.AwaitRoom,
        Errno.MessageTooLong or Errno.Invalid or Errno.InputOutput or Errno.NotSupported when isRun => SendVerdict.SplitRun,
        Errno.MessageTooLong => SendVerdict.DropTooLong,
        Errno.NotPermitted or Errno.AccessDenied or Errno.ConnectionRefused or Errno.AddressNotAvailable or Errno.NetworkDown
            or Errno.NetworkUnreachable or Errno.HostDown or Errno.HostUnreachable => SendVerdict.DropUnreachable,
        _ => SendVerdict.DropInvalid,
    };
}
