using System.Security.Cryptography;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// The master key and master salt of one direction, and the derivation of session keys from them (RFC 3711 §4.3, key derivation rate 0).
/// Senders and receivers take from it what they need at construction: dispose it right after, which overwrites the secrets.
/// </summary>
public sealed class SrtpKeys : IDisposable
{
    private readonly byte[] _masterKey;
    private readonly byte[] _masterSalt;

    /// <summary>Copies a master key and salt.</summary>
    /// <exception cref="ArgumentException">A length does not fit the profile.</exception>
    public SrtpKeys(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        if (masterKey.Length != profile.KeyLength()) throw new ArgumentException("Wrong length for the profile.", nameof(masterKey));
        if (masterSalt.Length != profile.SaltLength()) throw new ArgumentException("Wrong length for the profile.", nameof(masterSalt));
        Profile = profile;
        _masterKey = masterKey.ToArray();
        _masterSalt = masterSalt.ToArray();
    }

    /// <summary>The profile the keys are for.</summary>
    public SrtpProfile Profile { get; }

    /// <summary>The master key.</summary>
    public ReadOnlySpan<byte> MasterKey => _masterKey;

    /// <summary>The master salt.</summary>
    public ReadOnlySpan<byte> MasterSalt => _masterSalt;

    /// <summary>
    /// Splits what a DTLS session exported: client key, server key, client salt, server salt (RFC 5764 §4.2). The two results are the
    /// caller's to dispose.
    /// </summary>
    /// <param name="profile">The profile agreed in the handshake.</param>
    /// <param name="exported"><see cref="SrtpProfiles.ExportLength"/> bytes.</param>
    /// <param name="localIsClient">True where this side was the DTLS client.</param>
    /// <param name="local">The keys this side sends with.</param>
    /// <param name="remote">The keys the peer sends with.</param>
    public static void Split(
        SrtpProfile profile, ReadOnlySpan<byte> exported, bool localIsClient, out SrtpKeys local, out SrtpKeys remote)
    {
        var key = profile.KeyLength();
        var salt = profile.SaltLength();
        if (exported.Length != profile.ExportLength()) throw new ArgumentException("Wrong length for the profile.", nameof(exported));
        var client = new SrtpKeys(profile, exported[..key], exported.Slice(2 * key, salt));
        var server = new SrtpKeys(profile, exported.Slice(key, key), exported.Slice(2 * key + salt, salt));
        (local, remote) = localIsClient ? (client, server) : (server, client);
    }

    /// <summary>Overwrites the secrets.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_masterKey);
        CryptographicOperations.ZeroMemory(_masterSalt);
    }

    /// <summary>
    /// Fills <paramref name="destination"/> with the session key of a label: the AES counter-mode key stream that starts at the salt with
    /// the label mixed in. A 96-bit salt takes the upper end of the 112 bits (RFC 7714 §11).
    /// </summary>
    internal void Derive(SrtpKeyLabel label, Span<byte> destination)
    {
        Span<byte> block = stackalloc byte[16];
        block.Clear();
        _masterSalt.CopyTo(block);
        block[7] ^= (byte)label;
        using var aes = Aes.Create();
        aes.SetKey(_masterKey);
        Span<byte> stream = stackalloc byte[16];
        for (var done = 0; done < destination.Length; done += 16)
        {
            aes.EncryptEcb(block, stream, PaddingMode.None);
            var part = Math.Min(16, destination.Length - done);
            stream[..part].CopyTo(destination[done..]);
            block[15]++;
        }

        CryptographicOperations.ZeroMemory(stream);
    }
}

/// <summary>Which session key is derived (RFC 3711 §4.3.1, §4.3.2).</summary>
internal enum SrtpKeyLabel : byte
{
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}
