using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>AES in counter mode under one key (RFC 3711 §4.1.1).</summary>
internal abstract class AesCounterCipher : IDisposable
{
    public static AesCounterCipher Create(ReadOnlySpan<byte> key, CryptoPath path) => path switch
    {
        CryptoPath.Vector512 or CryptoPath.Vector128 => new AesCounterIntrinsics(key),
        CryptoPath.OpenSsl => new OpenSslAesCounter(key),
        _ => new PortableAesCounter(key),
    };

    /// <summary>
    /// Encrypts or decrypts: adds the key stream that starts at a 16-byte counter block whose last 16 bits are zero. Source and
    /// destination are the same bytes or do not overlap.
    /// </summary>
    public abstract void Apply(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> source, Span<byte> destination);

    /// <summary>Brings the keys into the cache, where they are ours.</summary>
    public virtual void Prefetch()
    {
    }

    public abstract void Dispose();
}

/// <summary>AES counter mode on .NET's block cipher: a batch of counter blocks is encrypted in one call and added to the text.</summary>
internal sealed class PortableAesCounter : AesCounterCipher
{
    private const int Batch = 1024;
    private readonly ICryptoTransform _encryptor;
    private readonly byte[] _counters = new byte[Batch];
    private readonly byte[] _stream = new byte[Batch];

    public PortableAesCounter(ReadOnlySpan<byte> key)
    {
        using var aes = Aes.Create();
        aes.Mode = CipherMode.ECB;
        aes.Padding = PaddingMode.None;
        aes.SetKey(key);
        _encryptor = aes.CreateEncryptor();
    }

    public override void Apply(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ushort block = 0;
        for (var done = 0; done < source.Length;)
        {
            var part = Math.Min(Batch, source.Length - done);
            var padded = (part + 15) & ~15;
            for (var at = 0; at < padded; at += 16)
            {
                counter.CopyTo(_counters.AsSpan(at));
                BinaryPrimitives.WriteUInt16BigEndian(_counters.AsSpan(at + 14), block++);
            }

            _encryptor.TransformBlock(_counters, 0, padded, _stream, 0);
            for (var i = 0; i < part; i++) destination[done + i] = (byte)(source[done + i] ^ _stream[i]);
            done += part;
        }
    }

    public override void Dispose()
    {
        _encryptor.Dispose();
        CryptographicOperations.ZeroMemory(_stream);
    }
}
