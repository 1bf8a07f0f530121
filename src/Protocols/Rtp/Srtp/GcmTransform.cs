using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// AEAD_AES_128_GCM and AEAD_AES_256_GCM (RFC 7714). RTP: header | ciphertext | tag. RTCP: 8 bytes | ciphertext | tag | E and index.
/// </summary>
internal sealed class GcmTransform : SrtpTransform
{
    private const int NonceLength = 12;
    private readonly AesGcmCipher _rtp;
    private readonly AesGcmCipher _rtcp;
    private readonly GcmSalt _rtpSalt;
    private readonly GcmSalt _rtcpSalt;

    public GcmTransform(SrtpKeys keys, CryptoPath path)
    {
        _rtp = CreateCipher(keys, SrtpKeyLabel.RtpEncryption, path);
        _rtcp = CreateCipher(keys, SrtpKeyLabel.RtcpEncryption, path);
        Span<byte> salt = stackalloc byte[NonceLength];
        keys.Derive(SrtpKeyLabel.RtpSalt, salt);
        _rtpSalt = new GcmSalt(salt);
        keys.Derive(SrtpKeyLabel.RtcpSalt, salt);
        _rtcpSalt = new GcmSalt(salt);
    }

    /// <summary>For the RFC's vectors, which give session keys.</summary>
    internal GcmTransform(ReadOnlySpan<byte> sessionKey, ReadOnlySpan<byte> salt, CryptoPath path)
    {
        _rtp = AesGcmCipher.Create(sessionKey, path);
        _rtcp = AesGcmCipher.Create(sessionKey, path);
        _rtpSalt = _rtcpSalt = new GcmSalt(salt);
    }

    public override void SealRtp(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, ulong index, SrtpBatch? batch = null)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        _rtpSalt.WriteNonce(nonce, SsrcOfRtp(packet), index);
        var body = packet.Slice(headerLength, payload.Length);
        _rtp.Seal(nonce, packet[..headerLength], payload, body, packet.Slice(headerLength + payload.Length, AesGcmCipher.TagLength));
    }

    public override void Prefetch() => _rtp.Prefetch();

    public override bool TryOpenRtp(Span<byte> packet, int headerLength, ulong index)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        _rtpSalt.WriteNonce(nonce, SsrcOfRtp(packet), index);
        return _rtp.TryOpen(
            nonce, packet[..headerLength], packet[headerLength..^AesGcmCipher.TagLength], packet[^AesGcmCipher.TagLength..]);
    }

    public override void SealRtcp(Span<byte> packet, int length, uint index)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        Span<byte> associated = stackalloc byte[RtcpHeaderLength + 4];
        WriteAssociated(associated, packet, index);
        _rtcpSalt.WriteNonce(nonce, SsrcOfRtcp(packet), index);
        var body = packet[RtcpHeaderLength..length];
        _rtcp.Seal(nonce, associated, body, body, packet.Slice(length, AesGcmCipher.TagLength));
        associated[RtcpHeaderLength..].CopyTo(packet[(length + AesGcmCipher.TagLength)..]);
    }

    public override bool TryOpenRtcp(Span<byte> packet, uint index)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        Span<byte> associated = stackalloc byte[RtcpHeaderLength + 4];
        WriteAssociated(associated, packet, index);
        _rtcpSalt.WriteNonce(nonce, SsrcOfRtcp(packet), index);
        var tag = packet.Length - 4 - AesGcmCipher.TagLength;
        return _rtcp.TryOpen(nonce, associated, packet[RtcpHeaderLength..tag], packet.Slice(tag, AesGcmCipher.TagLength));
    }

    public override uint ReadRtcpIndex(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[^4..]);

    public override void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }

    private static AesGcmCipher CreateCipher(SrtpKeys keys, SrtpKeyLabel label, CryptoPath path)
    {
        Span<byte> key = stackalloc byte[keys.Profile.KeyLength()];
        keys.Derive(label, key);
        var cipher = AesGcmCipher.Create(key, path);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    private static void WriteAssociated(Span<byte> destination, ReadOnlySpan<byte> packet, uint index)
    {
        packet[..RtcpHeaderLength].CopyTo(destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[RtcpHeaderLength..], index | RtcpEncryptedFlag);
    }

    /// <summary>
    /// The 96-bit salt, and the nonce made from it: two zero bytes, SSRC and 48-bit index, mixed in (RFC 7714 §8.1, §9.1).
    /// </summary>
    private readonly struct GcmSalt(ReadOnlySpan<byte> salt)
    {
        private readonly ulong _upper = BinaryPrimitives.ReadUInt64BigEndian(salt);
        private readonly uint _lower = BinaryPrimitives.ReadUInt32BigEndian(salt[8..]);

        public void WriteNonce(Span<byte> nonce, uint ssrc, ulong index)
        {
            BinaryPrimitives.WriteUInt64BigEndian(nonce, _upper ^ ((ulong)ssrc << 16 | index >> 32));
            BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], _lower ^ (uint)index);
        }
    }
}
