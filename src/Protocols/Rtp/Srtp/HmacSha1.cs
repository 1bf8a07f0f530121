using System.Security.Cryptography;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>HMAC-SHA1 under one key (RFC 2104).</summary>
internal abstract class HmacSha1 : IDisposable
{
    public const int HashLength = 20;

    public static HmacSha1 Create(ReadOnlySpan<byte> key, CryptoPath path) => path switch
    {
        not CryptoPath.Portable when LibCrypto.IsAvailable => new OpenSslHmacSha1(key),
        _ => new PortableHmacSha1(key),
    };

    /// <summary>Writes the 20 bytes of the message's code.</summary>
    public abstract void Compute(ReadOnlySpan<byte> message, Span<byte> hash);

    public abstract void Dispose();
}

/// <summary>HMAC-SHA1 by .NET.</summary>
internal sealed class PortableHmacSha1(ReadOnlySpan<byte> key) : HmacSha1
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, key);

    public override void Compute(ReadOnlySpan<byte> message, Span<byte> hash)
    {
        _hash.AppendData(message);
        _hash.GetHashAndReset(hash);
    }

    public override void Dispose() => _hash.Dispose();
}
