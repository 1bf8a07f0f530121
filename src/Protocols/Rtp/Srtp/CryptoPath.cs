namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// Who does the arithmetic, from the slowest to the fastest. All give the same bytes; tests run every one the machine supports.
/// </summary>
internal enum CryptoPath : byte
{
    /// <summary>System.Security.Cryptography: runs everywhere .NET does.</summary>
    Portable = 0,

    /// <summary>OpenSSL's libcrypto called directly: the best choice on Arm and on machines without the instructions below.</summary>
    OpenSsl,

    /// <summary>Our own AES on AES-NI and GHASH on PCLMULQDQ, 128 bits at a time; HMAC as before.</summary>
    Vector128,

    /// <summary>The same with GHASH on VPCLMULQDQ, 512 bits at a time.</summary>
    Vector512,
}
