using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// AEAD_AES_128_GCM and AEAD_AES_256_GCM (RFC 7714). RTP: header | ciphertext | tag. RTCP: 8 bytes | ciphertext | tag | E and index.
/// </summary>
internal sealed class GcmTransform : SrtpTransform
{
    private readonly AesGcmCipher _rtp;
    private readonly AesGcmCipher _rtcp;
    private readonly GcmNonce _rtpSalt;
    private readonly GcmNonce _rtcpSalt;

    public GcmTransform(SrtpKeys keys, CryptoPath path)
    {
        _rtp = CreateCipher(keys, SrtpKeyLabel.RtpEncryption, path);
        _rtcp = CreateCipher(keys, SrtpKeyLabel.RtcpEncryption, path);
        Span<byte> salt = stackalloc byte[GcmNonce.Length];
        keys.Derive(SrtpKeyLabel.RtpSalt, salt);
        _rtpSalt = new GcmNonce(salt);
        keys.Derive(SrtpKeyLabel.RtcpSalt, salt);
        _rtcpSalt = new GcmNonce(salt);
    }

    /// <summary>For the RFC's vectors, which give session keys.</summary>
    internal GcmTransform(ReadOnlySpan<byte> sessionKey, ReadOnlySpan<byte> salt, CryptoPath path)
    {
        _rtp = AesGcmCipher.Create(sessionKey, path);
        _rtcp = AesGcmCipher.Create(sessionKey, path);
        _rtpSalt = _rtcpSalt = new GcmNonce(salt);
    }

    public override void SealRtp(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, ulong index, SrtpBatch? batch = null)
    {
        if (packet.Length < headerLength + payload.Length + AesGcmCipher.TagLength) throw new ArgumentException("No room for payload and tag.", nameof(packet));
        var nonce = NonceOf(_rtpSalt, SsrcOfRtp(packet), index);
        _rtp.SealPacket(nonce, ref MemoryMarshal.GetReference(packet), headerLength, payload);
    }

    public override void Prefetch() => _rtp.Prefetch();

    public override bool TryOpenRtp(Span<byte> packet, int headerLength, ulong index) =>
        _rtp.TryOpenPacket(NonceOf(_rtpSalt, SsrcOfRtp(packet), index), packet, headerLength);

    public override void SealRtcp(Span<byte> packet, int length, uint index)
    {
        Span<byte> nonce = stackalloc byte[GcmNonce.Length];
        Span<byte> associated = stackalloc byte[RtcpHeaderLength + 4];
        WriteAssociated(associated, packet, index);
        NonceOf(_rtcpSalt, SsrcOfRtcp(packet), index).Write(nonce);
        var body = packet[RtcpHeaderLength..length];
        _rtcp.Seal(nonce, associated, body, body, packet.Slice(length, AesGcmCipher.TagLength));
        associated[RtcpHeaderLength..].CopyTo(packet[(length + AesGcmCipher.TagLength)..]);
    }

    public override bool TryOpenRtcp(Span<byte> packet, uint index)
    {
        Span<byte> nonce = stackalloc byte[GcmNonce.Length];
        Span<byte> associated = stackalloc byte[RtcpHeaderLength + 4];
        WriteAssociated(associated, packet, index);
        NonceOf(_rtcpSalt, SsrcOfRtcp(packet), index).Write(nonce);
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

    /// <summary>Two zero bytes, SSRC and 48-bit index, mixed into the 96-bit salt (RFC 7714 §8.1, §9.1).</summary>
    private static GcmNonce NonceOf(in GcmNonce salt, uint ssrc, ulong index) => new(salt.Upper ^ ((ulong)ssrc << 16 | index >> 32), salt.Lower ^ (uint)index);
}
