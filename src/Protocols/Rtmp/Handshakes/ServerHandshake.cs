using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Rtmp.Sessions;

namespace Sluice.Protocols.Rtmp.Handshakes;

/// <summary>
/// The server's half of the handshake (RTMP 1.0 §5.2), simple or with digest as the client's first packet asks. Answers once version and C1
/// are whole; C2 is counted and not looked at, since clients of every kind send it wrong.
/// </summary>
internal sealed class ServerHandshake(ulong seed)
{
    private const byte Version = 3;
    private const byte EncryptedVersion = 6;
    private const byte TlsHandshake = 0x16;

    private readonly byte[] _first = new byte[1 + HandshakeDigest.PacketLength];
    private int _received;
    private int _answerLeft = HandshakeDigest.PacketLength;

    /// <summary>All was said by both sides.</summary>
    public bool IsDone => _answerLeft == 0;

    /// <summary>The client sent a digest.</summary>
    public bool HasDigest { get; private set; }

    /// <summary>Takes what belongs to the handshake off the front of the input.</summary>
    public RtmpError Handle(ref ReadOnlySpan<byte> input, OutputQueue output)
    {
        if (_received < _first.Length)
        {
            if (_received == 0 && input.Length > 0 && Check(input[0]) is var error && error != RtmpError.None) return error;
            Take(ref input, _first.AsSpan(_received), ref _received);
            if (_received < _first.Length) return RtmpError.None;
            if (!TryAnswer(output)) return RtmpError.OutputOverflow;
        }

        var count = Math.Min(input.Length, _answerLeft);
        _answerLeft -= count;
        input = input[count..];
        return RtmpError.None;
    }

    private static RtmpError Check(byte version) => version switch
    {
        Version => RtmpError.None,
        EncryptedVersion => RtmpError.EncryptedNotSupported,
        TlsHandshake => RtmpError.TlsOnPlainPort,
        _ => RtmpError.NotRtmp,
    };

    private static void Take(ref ReadOnlySpan<byte> input, Span<byte> destination, ref int received)
    {
        var count = Math.Min(input.Length, destination.Length);
        input[..count].CopyTo(destination);
        input = input[count..];
        received += count;
    }

    private bool TryAnswer(OutputQueue output)
    {
        const int length = HandshakeDigest.PacketLength;
        if (!output.TryReserve(1 + 2 * length, out var room)) return false;
        var c1 = _first.AsSpan(1);
        room[0] = Version;
        var s1 = room.Slice(1, length);
        var s2 = room.Slice(1 + length, length);
        HandshakeDigest.FillRandom(s1, seed);
        s1[..8].Clear(); // time and, for the simple form, zeros

        // A client without digest leaves the version after the time zero; some fill it and send none.
        var offset = 0;
        var scheme = 0;
        HasDigest = c1.Slice(4, 4).ContainsAnyExcept((byte)0) && HandshakeDigest.TryFind(c1, HandshakeDigest.ClientKey, out scheme, out offset);
        if (!HasDigest)
        {
            c1.CopyTo(s2);
            return true;
        }

        ((ReadOnlySpan<byte>)[4, 5, 0, 1]).CopyTo(s1[4..]);
        HandshakeDigest.Sign(s1, scheme, HandshakeDigest.ServerKey);
        HandshakeDigest.FillRandom(s2, ~seed);
        HandshakeDigest.SignAnswer(s2, c1.Slice(offset, HandshakeDigest.Length), HandshakeDigest.ServerFullKey);
        return true;
    }
}
