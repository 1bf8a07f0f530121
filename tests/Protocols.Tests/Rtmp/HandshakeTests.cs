using System.Security.Cryptography;
using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Rtmp.Handshakes;
using Sluice.Protocols.Rtmp.Sessions;

namespace Sluice.Protocols.Tests.Rtmp;

public sealed class HandshakeTests
{
    private const int Length = HandshakeDigest.PacketLength;

    [Fact]
    public void A_simple_client_gets_its_own_packet_back()
    {
        var c1 = new byte[Length];
        new Random(3).NextBytes(c1.AsSpan(8));
        var answer = Answer([3, .. c1], out var handshake);
        Assert.Equal(3, answer[0]);
        Assert.Equal(c1, answer[(1 + Length)..]);
        Assert.False(handshake.HasDigest);
    }

    [Fact]
    public void The_answer_comes_with_the_last_byte_of_the_first_packet_and_not_before()
    {
        var handshake = new ServerHandshake(1);
        var output = new OutputQueue(1 << 16);
        byte[] hello = [3, .. new byte[Length]];
        for (var i = 0; i < hello.Length; i++)
        {
            Assert.Equal(0, output.Count);
            ReadOnlySpan<byte> one = hello.AsSpan(i, 1);
            Assert.Equal(RtmpError.None, handshake.Handle(ref one, output));
        }

        Assert.Equal(1 + 2 * Length, output.Count);
        Assert.False(handshake.IsDone);
        ReadOnlySpan<byte> rest = new byte[Length + 5];
        handshake.Handle(ref rest, output);
        Assert.True(handshake.IsDone);
        Assert.Equal(5, rest.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_digest_is_answered_as_the_formula_says(int scheme)
    {
        var c1 = SignedC1(scheme);
        var answer = Answer([3, .. c1], out var handshake);
        Assert.True(handshake.HasDigest);

        // Written out here once more, from the description of the variant, with other primitives than the room's own.
        var s1 = answer.AsSpan(1, Length);
        var block = scheme == 0 ? 8 : 772;
        var at = block + 4 + (s1[block] + s1[block + 1] + s1[block + 2] + s1[block + 3]) % 728;
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, "Genuine Adobe Flash Media Server 001"u8);
        hash.AppendData(s1[..at]);
        hash.AppendData(s1[(at + 32)..]);
        Assert.Equal(Convert.ToHexString(hash.GetHashAndReset()), Convert.ToHexString(s1.Slice(at, 32)));

        var clientAt = block + 4 + (c1[block] + c1[block + 1] + c1[block + 2] + c1[block + 3]) % 728;
        var full = Convert.FromHexString(
            "47656E75696E652041646F626520466C617368204D656469612053657276657220303031"
            + "F0EEC24A8068BEE82E00D0D1029E7E576EEC5D2D29806FAB93B8E636CFEB31AE");
        var key = HMACSHA256.HashData(full, c1.AsSpan(clientAt, 32));
        var s2 = answer.AsSpan(1 + Length);
        Assert.Equal(Convert.ToHexString(HMACSHA256.HashData(key, s2[..^32])), Convert.ToHexString(s2[^32..]));
    }

    [Fact]
    public void A_version_without_a_valid_digest_is_a_simple_client()
    {
        var c1 = SignedC1(0);
        c1[1000] ^= 1;
        var answer = Answer([3, .. c1], out var handshake);
        Assert.False(handshake.HasDigest);
        Assert.Equal(c1, answer[(1 + Length)..]);
    }

    [Theory]
    [InlineData(6, RtmpError.EncryptedNotSupported)]
    [InlineData(0x16, RtmpError.TlsOnPlainPort)]
    [InlineData('G', RtmpError.NotRtmp)]
    [InlineData(0, RtmpError.NotRtmp)]
    [InlineData(4, RtmpError.NotRtmp)]
    public void Other_first_bytes_are_told_apart(int first, RtmpError error)
    {
        ReadOnlySpan<byte> input = [(byte)first];
        Assert.Equal(error, new ServerHandshake(1).Handle(ref input, new OutputQueue(10_000)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(1)]
    public void Client_and_server_understand_each_other(int? scheme)
    {
        var toServer = new OutputQueue(1 << 16);
        var toClient = new OutputQueue(1 << 16);
        var client = new ClientHandshake(5, scheme);
        var server = new ServerHandshake(6);
        client.Begin(toServer);
        var buffer = new byte[700];
        for (var i = 0; i < 20; i++)
        {
            if (toServer.TryTake(buffer, out var count))
            {
                ReadOnlySpan<byte> bytes = buffer.AsSpan(0, count);
                Assert.Equal(RtmpError.None, server.Handle(ref bytes, toClient));
            }

            if (toClient.TryTake(buffer, out count))
            {
                ReadOnlySpan<byte> bytes = buffer.AsSpan(0, count);
                Assert.Equal(RtmpError.None, client.Handle(ref bytes, toServer));
            }
        }

        Assert.True(client.IsDone && server.IsDone);
        Assert.Equal(scheme is not null, server.HasDigest);
        Assert.Equal(scheme is not null, client.ServerSigned);
    }

    private static byte[] SignedC1(int scheme)
    {
        var c1 = new byte[Length];
        new Random(scheme).NextBytes(c1);
        c1[4] = 9;
        HandshakeDigest.Sign(c1, scheme, HandshakeDigest.ClientKey);
        return c1;
    }

    private static byte[] Answer(byte[] hello, out ServerHandshake handshake)
    {
        handshake = new ServerHandshake(1);
        var output = new OutputQueue(1 << 16);
        ReadOnlySpan<byte> input = hello;
        Assert.Equal(RtmpError.None, handshake.Handle(ref input, output));
        var answer = new byte[output.Count];
        output.TryTake(answer, out _);
        return answer;
    }
}
