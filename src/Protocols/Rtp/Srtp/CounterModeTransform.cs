using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// AES_CM_128_HMAC_SHA1_80 (RFC 3711 §4.1.1, §4.2.1). RTP: header | ciphertext | tag, where the tag also covers the rollover counter.
/// RTCP: 8 bytes | ciphertext | E and index | tag.
/// </summary>
internal sealed class CounterModeTransform : SrtpTransform
{
    private const int TagLength = 10;
    private const int SaltLength = 14;
    private readonly AesCounterCipher _rtpCipher;
    private readonly AesCounterCipher _rtcpCipher;
    private readonly HmacSha1 _rtpHash;
    private readonly HmacSha1 _rtcpHash;
    private readonly UInt128 _rtpSalt;
    private readonly UInt128 _rtcpSalt;

    public CounterModeTransform(SrtpKeys keys, CryptoPath path)
    {
        Span<byte> secret = stackalloc byte[HmacSha1.HashLength];
        var key = secret[..keys.Profile.KeyLength()];
        keys.Derive(SrtpKeyLabel.RtpEncryption, key);
        _rtpCipher = AesCounterCipher.Create(key, path);
        keys.Derive(SrtpKeyLabel.RtcpEncryption, key);
        _rtcpCipher = AesCounterCipher.Create(key, path);
        keys.Derive(SrtpKeyLabel.RtpAuthentication, secret);
        _rtpHash = HmacSha1.Create(secret, path);
        keys.Derive(SrtpKeyLabel.RtcpAuthentication, secret);
        _rtcpHash = HmacSha1.Create(secret, path);
        _rtpSalt = DeriveSalt(keys, SrtpKeyLabel.RtpSalt);
        _rtcpSalt = DeriveSalt(keys, SrtpKeyLabel.RtcpSalt);
        CryptographicOperations.ZeroMemory(secret);
    }

    public override unsafe void SealRtp(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, ulong index, SrtpBatch? batch = null)
    {
        var body = packet.Slice(headerLength, payload.Length);
        Apply(_rtpCipher, _rtpSalt, SsrcOfRtp(packet), index, payload, body);

        // The counter takes the tag's place while the hash runs, so that the hash sees one run of bytes.
        var end = headerLength + payload.Length;
        BinaryPrimitives.WriteUInt32BigEndian(packet[end..], (uint)(index >> 16));
        if (batch is not null && _rtpHash is OpenSslHmacSha1 shared)
        {
            batch.Add((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(packet)), end + sizeof(uint), shared);
            return;
        }

        Span<byte> hash = stackalloc byte[HmacSha1.HashLength];
        _rtpHash.Compute(packet[..(end + 4)], hash);
        hash[..TagLength].CopyTo(packet[end..]);
    }

    public override void Prefetch()
    {
        _rtpCipher.Prefetch();
        (_rtpHash as OpenSslHmacSha1)?.Prefetch();
    }

    public override bool TryOpenRtp(Span<byte> packet, int headerLength, ulong index)
    {
        var end = packet.Length - TagLength;
        Span<byte> tag = stackalloc byte[TagLength];
        packet[end..].CopyTo(tag);
        BinaryPrimitives.WriteUInt32BigEndian(packet[end..], (uint)(index >> 16));
        Span<byte> hash = stackalloc byte[HmacSha1.HashLength];
        _rtpHash.Compute(packet[..(end + 4)], hash);
        if (!CryptographicOperations.FixedTimeEquals(hash[..TagLength], tag)) return false;

        var body = packet[headerLength..end];
        Apply(_rtpCipher, _rtpSalt, SsrcOfRtp(packet), index, body, body);
        return true;
    }

    public override void SealRtcp(Span<byte> packet, int length, uint index)
    {
        var body = packet[RtcpHeaderLength..length];
        Apply(_rtcpCipher, _rtcpSalt, SsrcOfRtcp(packet), index, body, body);
        BinaryPrimitives.WriteUInt32BigEndian(packet[length..], index | RtcpEncryptedFlag);
        Span<byte> hash = stackalloc byte[HmacSha1.HashLength];
        _rtcpHash.Compute(packet[..(length + 4)], hash);
        hash[..TagLength].CopyTo(packet[(length + 4)..]);
    }

    public override bool TryOpenRtcp(Span<byte> packet, uint index)
    {
        var end = packet.Length - TagLength;
        Span<byte> hash = stackalloc byte[HmacSha1.HashLength];
        _rtcpHash.Compute(packet[..end], hash);
        if (!CryptographicOperations.FixedTimeEquals(hash[..TagLength], packet[end..])) return false;

        var body = packet[RtcpHeaderLength..(end - 4)];
        Apply(_rtcpCipher, _rtcpSalt, SsrcOfRtcp(packet), index, body, body);
        return true;
    }

    public override uint ReadRtcpIndex(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[^(TagLength + 4)..]);

    public override void Dispose()
    {
        _rtpCipher.Dispose();
        _rtcpCipher.Dispose();
        _rtpHash.Dispose();
        _rtcpHash.Dispose();
    }

    /// <summary>The first counter block is salt * 2^16 + SSRC * 2^64 + index * 2^16, without carries (RFC 3711 §4.1.1).</summary>
    private static void Apply(
        AesCounterCipher cipher, UInt128 salt, uint ssrc, ulong index, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Span<byte> counter = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(counter, salt ^ new UInt128(ssrc, index << 16));
        cipher.Apply(counter, source, destination);
    }

    private static UInt128 DeriveSalt(SrtpKeys keys, SrtpKeyLabel label)
    {
        Span<byte> salt = stackalloc byte[16];
        salt.Clear();
        keys.Derive(label, salt[..SaltLength]);
        return BinaryPrimitives.ReadUInt128BigEndian(salt);
    }
}
