using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>AES-GCM under one key with 96-bit nonces and 128-bit tags (NIST SP 800-38D).</summary>
internal abstract class AesGcmCipher : IDisposable
{
    public const int TagLength = 16;

    public static AesGcmCipher Create(ReadOnlySpan<byte> key, CryptoPath path) => path switch
    {
        CryptoPath.Vector512 => new AesGcmWide(key),
        CryptoPath.Vector128 => new AesGcmIntrinsics(key, wide: false),
        CryptoPath.OpenSsl => new OpenSslAesGcm(key),
        _ => new PortableAesGcm(key),
    };

    /// <summary>Encrypts and tags. Source and destination are the same bytes or do not overlap.</summary>
    public abstract void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> source, Span<byte> destination, Span<byte> tag);

    /// <summary>Checks the tag and decrypts in place; after a false tag the text is worthless, but never plaintext.</summary>
    public abstract bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> text, ReadOnlySpan<byte> tag);

    /// <summary>
    /// Encrypts and tags a packet in its place: a header that is authenticated alone, ciphertext, tag. The caller answers for the room. Six arguments, which processors pass in registers:
    /// more spans than that go through memory, and are read before they have arrived there.
    /// </summary>
    public virtual void SealPacket(in GcmNonce nonce, ref byte packet, int headerLength, ReadOnlySpan<byte> payload)
    {
        Span<byte> bytes = stackalloc byte[GcmNonce.Length];
        nonce.Write(bytes);
        var whole = MemoryMarshal.CreateSpan(ref packet, headerLength + payload.Length + TagLength);
        Seal(bytes, whole[..headerLength], payload, whole.Slice(headerLength, payload.Length), whole[^TagLength..]);
    }

    /// <summary>Checks and decrypts a packet in its place: header, ciphertext, tag. As <see cref="TryOpen"/>.</summary>
    public virtual bool TryOpenPacket(in GcmNonce nonce, Span<byte> packet, int headerLength)
    {
        Span<byte> bytes = stackalloc byte[GcmNonce.Length];
        nonce.Write(bytes);
        return TryOpen(bytes, packet[..headerLength], packet[headerLength..^TagLength], packet[^TagLength..]);
    }

    /// <summary>Brings the keys into the cache, where they are ours.</summary>
    public virtual void Prefetch()
    {
    }

    public abstract void Dispose();
}

/// <summary>AES-GCM by .NET.</summary>
internal sealed class PortableAesGcm(ReadOnlySpan<byte> key) : AesGcmCipher
{
    private readonly AesGcm _aes = new(key, TagLength);

    public override void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> source, Span<byte> destination, Span<byte> tag) =>
        _aes.Encrypt(nonce, source, destination, tag, associated);

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> text, ReadOnlySpan<byte> tag)
    {
        // A false tag makes .NET throw. That is slow but bounded by the receive rate, and only where no faster path exists.
        try
        {
            _aes.Decrypt(nonce, text, tag, text, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public override void Dispose() => _aes.Dispose();
}
