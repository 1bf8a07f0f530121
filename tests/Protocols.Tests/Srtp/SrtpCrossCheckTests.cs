using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Protocols.Tests.Srtp;

/// <summary>Every way of computing gives the bytes of .NET's own cryptography, for all lengths a datagram can have and more.</summary>
public class SrtpCrossCheckTests
{
    private const int Longest = 1400;

    [Theory]
    [MemberData(nameof(CryptoPathRows.Paths), MemberType = typeof(CryptoPathRows))]
    public void Gcm_agrees_at_every_length(string path)
    {
        var random = new Random(1);
        foreach (var keyLength in new[] { 16, 32 })
        {
            for (var length = 0; length <= Longest; length++) CheckGcm(path, random, keyLength, length, random.Next(0, 81));
            for (var associated = 0; associated <= 600; associated++) CheckGcm(path, random, keyLength, random.Next(300), associated);
            CheckGcm(path, random, keyLength, 65_535, 12);
        }
    }

    [Theory]
    [MemberData(nameof(CryptoPathRows.Paths), MemberType = typeof(CryptoPathRows))]
    public void Gcm_refuses_every_single_changed_bit(string path)
    {
        var random = new Random(2);
        var key = Bytes(random, 16);
        using var cipher = AesGcmCipher.Create(key, CryptoPathRows.Parse(path));
        var nonce = Bytes(random, 12);
        var associated = Bytes(random, 20);
        var text = Bytes(random, 300);
        var tag = new byte[16];
        cipher.Seal(nonce, associated, text, text, tag);
        foreach (var part in new[] { nonce, associated, text, tag })
        {
            for (var bit = 0; bit < part.Length * 8; bit++)
            {
                part[bit / 8] ^= (byte)(1 << bit % 8);
                Assert.False(cipher.TryOpen(nonce, associated, (byte[])text.Clone(), tag));
                Assert.False(cipher.TryOpenPacket(new GcmNonce(nonce), Packet(), associated.Length));
                part[bit / 8] ^= (byte)(1 << bit % 8);
            }
        }

        Assert.True(cipher.TryOpenPacket(new GcmNonce(nonce), Packet(), associated.Length));
        Assert.True(cipher.TryOpen(nonce, associated, text, tag));

        byte[] Packet() => [.. associated, .. text, .. tag];
    }

    [Theory]
    [MemberData(nameof(CryptoPathRows.Paths), MemberType = typeof(CryptoPathRows))]
    public void Gcm_leaves_no_plaintext_of_what_it_refuses(string path)
    {
        var random = new Random(5);
        using var cipher = AesGcmCipher.Create(Bytes(random, 16), CryptoPathRows.Parse(path));
        var nonce = Bytes(random, 12);
        var tag = new byte[16];
        foreach (var length in new[] { 16, 47, 64, 100, 127, 128, 129, 200, 256, 383, 1200 })
        {
            var source = Bytes(random, length);
            var text = (byte[])source.Clone();
            cipher.Seal(nonce, [], text, text, tag);
            tag[15] ^= 1;
            byte[] packet = [.. text, .. tag];
            Assert.False(cipher.TryOpen(nonce, [], text, tag));
            Assert.False(cipher.TryOpenPacket(new GcmNonce(nonce), packet, headerLength: 0));
            for (var at = 0; at + 8 <= length; at++)
            {
                Assert.False(text.AsSpan(at, 8).SequenceEqual(source.AsSpan(at, 8)), $"{length} bytes, at {at}");
                Assert.False(packet.AsSpan(at, 8).SequenceEqual(source.AsSpan(at, 8)), $"packet of {length} bytes, at {at}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(CryptoPathRows.Paths), MemberType = typeof(CryptoPathRows))]
    public void Counter_mode_agrees_at_every_length(string path)
    {
        var random = new Random(3);
        foreach (var keyLength in new[] { 16, 32 })
        {
            for (var length = 0; length <= Longest; length++)
            {
                var key = Bytes(random, keyLength);
                var counter = Bytes(random, 16);
                counter[14] = counter[15] = 0;
                var source = Bytes(random, length);
                using var cipher = AesCounterCipher.Create(key, CryptoPathRows.Parse(path));
                var fence = Bytes(random, length + 8);
                var destination = (byte[])fence.Clone();
                cipher.Apply(counter, source, destination.AsSpan(0, length));
                Assert.Equal(ReferenceCounterMode(key, counter, source), destination[..length]);
                Assert.Equal(fence[length..], destination[length..]);
                cipher.Apply(counter, destination.AsSpan(0, length), destination.AsSpan(0, length));
                Assert.Equal(source, destination[..length]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(CryptoPathRows.Paths), MemberType = typeof(CryptoPathRows))]
    [SuppressMessage("Security", "CA5350", Justification = "RFC 3711 prescribes it.")]
    public void Hmac_agrees_at_every_length(string path)
    {
        var random = new Random(4);
        for (var length = 0; length <= Longest; length++)
        {
            var key = Bytes(random, 20);
            var message = Bytes(random, length);
            using var hmac = HmacSha1.Create(key, CryptoPathRows.Parse(path));
            var hash = new byte[HmacSha1.HashLength];
            for (var repeat = 0; repeat < 2; repeat++)
            {
                hmac.Compute(message, hash);
                Assert.Equal(HMACSHA1.HashData(key, message), hash);
            }
        }
    }

    private static void CheckGcm(string path, Random random, int keyLength, int length, int associatedLength)
    {
        var key = Bytes(random, keyLength);
        var nonce = Bytes(random, 12);
        var associated = Bytes(random, associatedLength);
        var source = Bytes(random, length);
        var expected = new byte[length];
        var expectedTag = new byte[16];
        using (var reference = new AesGcm(key, 16)) reference.Encrypt(nonce, source, expected, expectedTag, associated);

        using var cipher = AesGcmCipher.Create(key, CryptoPathRows.Parse(path));
        var fence = Bytes(random, length + 16 + 8); // what lies behind must not be touched
        var sealedText = (byte[])fence.Clone();
        cipher.Seal(nonce, associated, source, sealedText.AsSpan(0, length), sealedText.AsSpan(length, 16));
        Assert.True(sealedText.AsSpan(0, length).SequenceEqual(expected), $"text of {length} bytes, {associatedLength} associated");
        Assert.True(sealedText.AsSpan(length, 16).SequenceEqual(expectedTag), $"tag at {length} bytes, {associatedLength} associated");
        Assert.True(sealedText.AsSpan(length + 16).SequenceEqual(fence.AsSpan(length + 16)));

        var inPlace = (byte[])source.Clone();
        cipher.Seal(nonce, associated, inPlace, inPlace, sealedText.AsSpan(length, 16));
        Assert.True(inPlace.AsSpan().SequenceEqual(expected));

        Assert.True(cipher.TryOpen(nonce, associated, sealedText.AsSpan(0, length), expectedTag));
        Assert.True(sealedText.AsSpan(0, length).SequenceEqual(source));
        Assert.True(sealedText.AsSpan(length + 16).SequenceEqual(fence.AsSpan(length + 16)));

        // The same as a packet: from elsewhere, in its own place, and back.
        byte[] packet = [.. associated, .. fence];
        cipher.SealPacket(new GcmNonce(nonce), ref packet[0], associatedLength, source);
        CheckPacket(expected, expectedTag);
        source.CopyTo(packet, associatedLength);
        cipher.SealPacket(new GcmNonce(nonce), ref packet[0], associatedLength, packet.AsSpan(associatedLength, length));
        CheckPacket(expected, expectedTag);
        Assert.True(cipher.TryOpenPacket(new GcmNonce(nonce), packet.AsSpan(0, associatedLength + length + 16), associatedLength));
        CheckPacket(source, expectedTag);

        void CheckPacket(byte[] text, byte[] tag) =>
            Assert.True(packet.AsSpan().SequenceEqual((byte[])[.. associated, .. text, .. tag, .. fence[(length + 16)..]]), $"packet of {associatedLength} and {length} bytes");
    }

    private static byte[] ReferenceCounterMode(byte[] key, byte[] counter, byte[] source)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        var result = (byte[])source.Clone();
        var block = (byte[])counter.Clone();
        for (var at = 0; at < result.Length; at += 16)
        {
            (block[14], block[15]) = ((byte)(at / 16 >> 8), (byte)(at / 16));
            var stream = aes.EncryptEcb(block, PaddingMode.None);
            for (var i = at; i < Math.Min(at + 16, result.Length); i++) result[i] ^= stream[i - at];
        }

        return result;
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
