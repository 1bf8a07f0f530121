using System.Security.Cryptography;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>AES-GCM by libcrypto, with one context kept per key.</summary>
internal sealed unsafe class OpenSslAesGcm(ReadOnlySpan<byte> key) : AesGcmCipher
{
    private readonly CipherContextHandle _context =
        new(key.Length == 16 ? LibCrypto.EVP_aes_128_gcm() : LibCrypto.EVP_aes_256_gcm(), key);

    public override void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> source, Span<byte> destination, Span<byte> tag)
    {
        if (destination.Length != source.Length) throw new ArgumentException("Lengths differ.", nameof(destination));
        var context = _context.Pointer;
        int written;
        fixed (byte* iv = nonce)
        fixed (byte* additional = associated)
        fixed (byte* from = source)
        fixed (byte* to = destination)
        fixed (byte* end = tag)
        {
            var done = LibCrypto.EVP_CipherInit_ex(context, 0, 0, null, iv, 1) == 1;
            if (associated.Length > 0) done &= LibCrypto.EVP_CipherUpdate(context, null, &written, additional, associated.Length) == 1;
            if (source.Length > 0) done &= LibCrypto.EVP_CipherUpdate(context, to, &written, from, source.Length) == 1;
            done &= LibCrypto.EVP_CipherFinal_ex(context, end, &written) == 1;
            done &= LibCrypto.EVP_CIPHER_CTX_ctrl(context, LibCrypto.ControlGetTag, TagLength, end) == 1;
            if (!done) throw new CryptographicException("libcrypto failed to encrypt.");
        }

        GC.KeepAlive(_context);
    }

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> text, ReadOnlySpan<byte> tag)
    {
        var context = _context.Pointer;
        int written;
        bool authentic;
        fixed (byte* iv = nonce)
        fixed (byte* additional = associated)
        fixed (byte* bytes = text)
        fixed (byte* end = tag)
        {
            var scratch = stackalloc byte[16];
            authentic = LibCrypto.EVP_CipherInit_ex(context, 0, 0, null, iv, 0) == 1;
            authentic &= LibCrypto.EVP_CIPHER_CTX_ctrl(context, LibCrypto.ControlSetTag, TagLength, end) == 1;
            if (associated.Length > 0) authentic &= LibCrypto.EVP_CipherUpdate(context, null, &written, additional, associated.Length) == 1;
            if (text.Length > 0) authentic &= LibCrypto.EVP_CipherUpdate(context, bytes, &written, bytes, text.Length) == 1;
            authentic &= LibCrypto.EVP_CipherFinal_ex(context, scratch, &written) == 1;
        }

        GC.KeepAlive(_context);
        if (!authentic) text.Clear(); // libcrypto decrypts before it knows
        return authentic;
    }

    public override void Dispose() => _context.Dispose();
}

/// <summary>AES counter mode by libcrypto.</summary>
internal sealed unsafe class OpenSslAesCounter(ReadOnlySpan<byte> key) : AesCounterCipher
{
    private readonly CipherContextHandle _context =
        new(key.Length == 16 ? LibCrypto.EVP_aes_128_ctr() : LibCrypto.EVP_aes_256_ctr(), key);

    public override void Apply(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < source.Length) throw new ArgumentException("Too short.", nameof(destination));
        if (source.IsEmpty) return;
        var context = _context.Pointer;
        int written;
        fixed (byte* iv = counter)
        fixed (byte* from = source)
        fixed (byte* to = destination)
        {
            if (LibCrypto.EVP_CipherInit_ex(context, 0, 0, null, iv, 1) != 1 ||
                LibCrypto.EVP_CipherUpdate(context, to, &written, from, source.Length) != 1)
            {
                throw new CryptographicException("libcrypto failed to encrypt.");
            }
        }

        GC.KeepAlive(_context);
    }

    public override void Dispose() => _context.Dispose();
}

/// <summary>
/// HMAC-SHA1 by libcrypto. The key's two padded blocks are hashed once, at construction; a packet starts from copies of those states,
/// which saves two of some twenty blocks.
/// </summary>
internal sealed unsafe class OpenSslHmacSha1 : HmacSha1
{
    private const int BlockLength = 64;
    private const byte InnerPad = 0x36;
    private const byte OuterPad = 0x5c;
    private readonly KeyMemory _states = new(2 * LibCrypto.Sha1StateLength); // inner, outer

    public OpenSslHmacSha1(ReadOnlySpan<byte> key)
    {
        if (key.Length > BlockLength) throw new ArgumentException("Longer than a block.", nameof(key));
        Start(key, InnerPad, _states.Pointer);
        Start(key, OuterPad, _states.Pointer + LibCrypto.Sha1StateLength);
    }

    /// <summary>The five words after the key's inner block, as libcrypto's SHA_CTX begins with them. Valid while this object is.</summary>
    public uint* InnerState => (uint*)_states.Pointer;

    /// <summary>The five words after the key's outer block.</summary>
    public uint* OuterState => (uint*)(_states.Pointer + LibCrypto.Sha1StateLength);

    public void Prefetch() => _states.Prefetch();

    public override void Compute(ReadOnlySpan<byte> message, Span<byte> hash)
    {
        if (hash.Length < HashLength) throw new ArgumentException("Too short.", nameof(hash));
        var states = _states.Pointer;
        var state = stackalloc byte[LibCrypto.Sha1StateLength];
        fixed (byte* bytes = message)
        fixed (byte* result = hash)
        {
            Buffer.MemoryCopy(states, state, LibCrypto.Sha1StateLength, LibCrypto.Sha1StateLength);
            var done = LibCrypto.SHA1_Update(state, bytes, (nuint)message.Length) & LibCrypto.SHA1_Final(result, state);
            Buffer.MemoryCopy(states + LibCrypto.Sha1StateLength, state, LibCrypto.Sha1StateLength, LibCrypto.Sha1StateLength);
            done &= LibCrypto.SHA1_Update(state, result, HashLength) & LibCrypto.SHA1_Final(result, state);
            if (done != 1) throw new CryptographicException("libcrypto failed to hash.");
        }

        GC.KeepAlive(_states);
    }

    public override void Dispose() => _states.Dispose();

    private static void Start(ReadOnlySpan<byte> key, byte pad, byte* state)
    {
        Span<byte> block = stackalloc byte[BlockLength];
        block.Fill(pad);
        for (var i = 0; i < key.Length; i++) block[i] ^= key[i];
        fixed (byte* first = block)
        {
            if ((LibCrypto.SHA1_Init(state) & LibCrypto.SHA1_Update(state, first, BlockLength)) != 1)
            {
                throw new CryptographicException("libcrypto failed to hash.");
            }
        }

        CryptographicOperations.ZeroMemory(block);
    }
}
