using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Rtmp.Sessions;

namespace Sluice.Protocols.Rtmp.Handshakes;

/// <summary>The client's half of the handshake (RTMP 1.0 §5.2), with or without digest; servers of either kind are understood.</summary>
internal sealed class ClientHandshake(ulong seed, int? digestScheme)
{
    private readonly byte[] _answer = new byte[1 + 2 * HandshakeDigest.PacketLength];
    private int _received;

    /// <summary>All was said by both sides.</summary>
    public bool IsDone => _received == _answer.Length;

    /// <summary>The server proved that it knows the digest; false after a simple handshake.</summary>
    public bool ServerSigned { get; private set; }

    private readonly byte[] _c1 = new byte[HandshakeDigest.PacketLength];

    /// <summary>Writes version and C1.</summary>
    public void Begin(OutputQueue output)
    {
        HandshakeDigest.FillRandom(_c1, seed);
        _c1.AsSpan(0, 8).Clear();
        if (digestScheme is { } scheme)
        {
            ((ReadOnlySpan<byte>)[9, 0, 124, 2]).CopyTo(_c1.AsSpan(4));
            HandshakeDigest.Sign(_c1, scheme, HandshakeDigest.ClientKey);
        }

        output.TryWrite([3]);
        output.TryWrite(_c1);
    }

    /// <summary>Takes what belongs to the handshake off the front of the input; writes C2 once S0 to S2 are whole.</summary>
    public RtmpError Handle(ref ReadOnlySpan<byte> input, OutputQueue output)
    {
        if (_received == 0 && input.Length > 0 && input[0] != 3) return RtmpError.NotRtmp;
        var count = Math.Min(input.Length, _answer.Length - _received);
        input[..count].CopyTo(_answer.AsSpan(_received));
        input = input[count..];
        _received += count;
        if (!IsDone) return RtmpError.None;

        var s1 = _answer.AsSpan(1, HandshakeDigest.PacketLength);
        var s2 = _answer.AsSpan(1 + HandshakeDigest.PacketLength);
        if (digestScheme is { } scheme && HandshakeDigest.TryFind(s1, HandshakeDigest.ServerKey, out _, out var offset))
        {
            var own = _c1.AsSpan(HandshakeDigest.OffsetOf(_c1, scheme), HandshakeDigest.Length);
            ServerSigned = HandshakeDigest.IsAnswer(s2, own, HandshakeDigest.ServerFullKey);
            Span<byte> c2 = stackalloc byte[HandshakeDigest.PacketLength];
            HandshakeDigest.FillRandom(c2, ~seed);
            HandshakeDigest.SignAnswer(c2, s1.Slice(offset, HandshakeDigest.Length), HandshakeDigest.ClientFullKey);
            return output.TryWrite(c2) ? RtmpError.None : RtmpError.OutputOverflow;
        }

        return output.TryWrite(s1) ? RtmpError.None : RtmpError.OutputOverflow;
    }
}
