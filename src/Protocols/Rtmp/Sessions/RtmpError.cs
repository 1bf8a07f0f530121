using Sluice.Protocols.Rtmp.Chunks;

namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>Why a session ended that did not end well.</summary>
public enum RtmpError : byte
{
    /// <summary>It did not.</summary>
    None = 0,

    /// <summary>The first byte is none of RTMP's.</summary>
    NotRtmp,

    /// <summary>The client speaks TLS on the port without it: rtmps:// instead of rtmp://.</summary>
    TlsOnPlainPort,

    /// <summary>The client asks for RTMPE, which is broken and not spoken here.</summary>
    EncryptedNotSupported,

    /// <summary>The handshake took too long.</summary>
    HandshakeTimeout,

    /// <summary>The client connected and published nothing.</summary>
    CommandTimeout,

    /// <summary>The client fell silent.</summary>
    IdleTimeout,

    /// <summary>A chunk leaves out what no chunk before it said.</summary>
    MissingChunkHeader,

    /// <summary>Too many chunk streams.</summary>
    TooManyChunkStreams,

    /// <summary>A message longer than allowed.</summary>
    MessageTooLong,

    /// <summary>Partial messages take too much memory.</summary>
    TooMuchBuffered,

    /// <summary>A chunk size out of range.</summary>
    BadChunkSize,

    /// <summary>A protocol control message cut short.</summary>
    BadControlMessage,

    /// <summary>A command that cannot be read, or lacks what it must say.</summary>
    BadCommand,

    /// <summary>A command longer than allowed.</summary>
    CommandTooLong,

    /// <summary>A command that may not come in this state, such as publish before connect.</summary>
    UnexpectedCommand,

    /// <summary>The peer does not read its answers.</summary>
    OutputOverflow,

    /// <summary>The host refused the connection or the publication.</summary>
    Refused,

    /// <summary>The server refused what the client asked; for clients.</summary>
    RefusedByServer,
}

/// <summary>Words for the log.</summary>
public static class RtmpErrors
{
    /// <summary>The error in a sentence.</summary>
    public static string Describe(RtmpError error) => error switch
    {
        RtmpError.None => "The session ended without an error.",
        RtmpError.NotRtmp => "The peer does not speak RTMP.",
        RtmpError.TlsOnPlainPort => "The peer speaks TLS on the port for plain RTMP.",
        RtmpError.EncryptedNotSupported => "The peer asks for RTMPE; use RTMPS.",
        RtmpError.HandshakeTimeout => "The handshake took too long.",
        RtmpError.CommandTimeout => "The peer connected and did not publish.",
        RtmpError.IdleTimeout => "The peer fell silent.",
        RtmpError.MissingChunkHeader => "A chunk leaves out what no chunk before it said.",
        RtmpError.TooManyChunkStreams => "The peer uses too many chunk streams.",
        RtmpError.MessageTooLong => "A message is longer than allowed.",
        RtmpError.TooMuchBuffered => "Partial messages take too much memory.",
        RtmpError.BadChunkSize => "The peer set an impossible chunk size.",
        RtmpError.BadControlMessage => "A protocol control message is cut short.",
        RtmpError.BadCommand => "A command cannot be read.",
        RtmpError.CommandTooLong => "A command is longer than allowed.",
        RtmpError.UnexpectedCommand => "A command came before its time.",
        RtmpError.OutputOverflow => "The peer does not read its answers.",
        RtmpError.Refused => "The connection or publication was refused.",
        RtmpError.RefusedByServer => "The server refused.",
        _ => "Unknown error.",
    };

    internal static RtmpError From(ChunkError error) => error switch
    {
        ChunkError.None => RtmpError.None,
        ChunkError.MissingHeader => RtmpError.MissingChunkHeader,
        ChunkError.TooManyChunkStreams => RtmpError.TooManyChunkStreams,
        ChunkError.MessageTooLong => RtmpError.MessageTooLong,
        ChunkError.TooMuchBuffered => RtmpError.TooMuchBuffered,
        ChunkError.BadChunkSize => RtmpError.BadChunkSize,
        ChunkError.BadControlMessage => RtmpError.BadControlMessage,
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };
}
