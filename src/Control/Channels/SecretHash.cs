using System.Security.Cryptography;
using System.Text;

namespace Sluice.Control.Channels;

/// <summary>
/// A secret as it is kept: salted SHA-256. One round is enough because the secrets are made here with more than 200 random bits; a slow
/// hash protects secrets that people choose.
/// </summary>
public sealed class SecretHash
{
    private const int SaltSize = 16;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    /// <summary>A kept hash, as it comes back from the store.</summary>
    public SecretHash(byte[] salt, byte[] hash)
    {
        _salt = salt;
        _hash = hash;
    }

    /// <summary>The salt, for the store.</summary>
    public byte[] Salt => _salt;

    /// <summary>The hash, for the store.</summary>
    public byte[] Hash => _hash;

    /// <summary>Hashes a secret under a new salt.</summary>
    public static SecretHash Of(string secret)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        return new SecretHash(salt, Digest(salt, secret));
    }

    /// <summary>True where the secret is the one that was hashed; takes the same time whichever byte differs.</summary>
    public bool Matches(string secret) => CryptographicOperations.FixedTimeEquals(Digest(_salt, secret), _hash);

    private static byte[] Digest(byte[] salt, string secret)
    {
        var input = new byte[salt.Length + Encoding.UTF8.GetByteCount(secret)];
        salt.CopyTo(input, 0);
        Encoding.UTF8.GetBytes(secret, input.AsSpan(salt.Length));
        return SHA256.HashData(input);
    }
}
