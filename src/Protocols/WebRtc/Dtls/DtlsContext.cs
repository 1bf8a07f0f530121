using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Protocols.WebRtc.Dtls;

/// <summary>
/// What all DTLS sessions of a process share: a self-signed ECDSA P-256 certificate and the rules of the handshake. DTLS 1.2 only, ephemeral keys and
/// AEAD ciphers only, no renegotiation, no resumption. Any number of threads may make sessions from it; sessions outlive it.
/// </summary>
public sealed unsafe class DtlsContext : IDisposable
{
    /// <summary>The largest handshake message taken from a peer, in bytes; certificates of WebRTC peers have a few hundred.</summary>
    public const int MaxHandshakeMessage = 16 * 1024;

    private const string Ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:" +
        "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES256-GCM-SHA384";

    private readonly SslContextHandle _handle;

    /// <summary>Makes a certificate and the shared state.</summary>
    /// <param name="utcNow">The wall-clock time: the certificate is valid from a day before it for a year. WebRTC peers judge by hash only.</param>
    /// <param name="profiles">The SRTP profiles to agree on, the preferred one first; none given means all three, GCM first.</param>
    /// <exception cref="DllNotFoundException">OpenSSL 3 is not installed.</exception>
    /// <exception cref="CryptographicException">OpenSSL refused the settings.</exception>
    public DtlsContext(DateTimeOffset utcNow, params ReadOnlySpan<SrtpProfile> profiles)
        : this(utcNow, Ciphers, profiles)
    {
    }

    internal DtlsContext(DateTimeOffset utcNow, string ciphers, ReadOnlySpan<SrtpProfile> profiles)
    {
        if (profiles.IsEmpty) profiles = [SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm, SrtpProfile.Aes128CmSha1_80];

        _handle = OpenSsl.SSL_CTX_new(OpenSsl.DTLS_method());
        if (_handle.IsInvalid) throw new CryptographicException("OpenSSL made no DTLS context.");
        Require(OpenSsl.SSL_CTX_ctrl(_handle, OpenSsl.ControlSetMinProtocol, OpenSsl.Dtls12, 0) == 1, "DTLS 1.2");
        Require(OpenSsl.SSL_CTX_ctrl(_handle, OpenSsl.ControlSetMaxProtocol, OpenSsl.Dtls12, 0) == 1, "DTLS 1.2");
        OpenSsl.SSL_CTX_set_options(
            _handle,
            OpenSsl.OptionNoTicket | OpenSsl.OptionNoCompression | OpenSsl.OptionNoRenegotiation | OpenSsl.OptionNoQueryMtu |
            OpenSsl.OptionCipherServerPreference);
        OpenSsl.SSL_CTX_ctrl(_handle, OpenSsl.ControlSetSessionCacheMode, 0, 0);
        OpenSsl.SSL_CTX_ctrl(_handle, OpenSsl.ControlMode, OpenSsl.ModeReleaseBuffers, 0);
        OpenSsl.SSL_CTX_ctrl(_handle, OpenSsl.ControlSetMaxSendFragment, DtlsFlight.MaxDatagram, 0); // no write buffer of 16 KiB
        OpenSsl.SSL_CTX_ctrl(_handle, OpenSsl.ControlSetMaxCertificateList, MaxHandshakeMessage, 0);
        Require(OpenSsl.SSL_CTX_set_cipher_list(_handle, ciphers) == 1, "ciphers");
        Require(OpenSsl.SSL_CTX_ctrl_text(_handle, OpenSsl.ControlSetGroupsList, 0, "X25519:P-256:P-384") == 1, "groups");
        Require(OpenSsl.SSL_CTX_set_tlsext_use_srtp(_handle, NamesOf(profiles)) == 0, "SRTP profiles");
        OpenSsl.SSL_CTX_set_verify(_handle, OpenSsl.VerifyPeerOrFail, 0);
        OpenSsl.SSL_CTX_set_cert_verify_callback(_handle, &DtlsSession.VerifyPeerCertificate, 0);
        Fingerprint = UseNewCertificate(utcNow);
        OpenSsl.ERR_clear_error();
    }

    /// <summary>The SHA-256 hash of our certificate: what our SDP announces.</summary>
    public DtlsFingerprint Fingerprint { get; }

    internal SslHandle NewSession() => OpenSsl.SSL_new(_handle);

    /// <summary>Releases our hold on the shared state; it is freed with the last session.</summary>
    public void Dispose() => _handle.Dispose();

    private DtlsFingerprint UseNewCertificate(DateTimeOffset utcNow)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=WebRTC", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(utcNow.AddDays(-1), utcNow.AddDays(365));
        var encoded = certificate.RawData;
        var secret = key.ExportPkcs8PrivateKey();
        fixed (byte* first = encoded)
        fixed (byte* firstOfSecret = secret)
        {
            var input = first;
            var x509 = OpenSsl.d2i_X509(0, ref input, encoded.Length);
            input = firstOfSecret;
            var privateKey = OpenSsl.d2i_AutoPrivateKey(0, ref input, secret.Length);
            CryptographicOperations.ZeroMemory(secret);

            // OpenSSL takes a reference of its own to both.
            var taken = OpenSsl.SSL_CTX_use_certificate(_handle, x509) == 1 && OpenSsl.SSL_CTX_use_PrivateKey(_handle, privateKey) == 1;
            OpenSsl.X509_free(x509);
            OpenSsl.EVP_PKEY_free(privateKey);
            Require(taken, "certificate");
        }

        return DtlsFingerprint.OfCertificate(encoded);
    }

    private static string NamesOf(ReadOnlySpan<SrtpProfile> profiles)
    {
        var names = new string[profiles.Length];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = profiles[i] switch
            {
                SrtpProfile.AeadAes128Gcm => "SRTP_AEAD_AES_128_GCM",
                SrtpProfile.AeadAes256Gcm => "SRTP_AEAD_AES_256_GCM",
                SrtpProfile.Aes128CmSha1_80 => "SRTP_AES128_CM_SHA1_80",
                _ => throw new ArgumentOutOfRangeException(nameof(profiles), profiles[i], "Not an SRTP profile."),
            };
        }

        return string.Join(':', names);
    }

    private void Require(bool done, string what)
    {
        if (done) return;
        OpenSsl.ERR_clear_error();
        _handle.Dispose();
        throw new CryptographicException($"OpenSSL refused the {what}.");
    }
}
