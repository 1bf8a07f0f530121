namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>Who does the arithmetic. All give the same bytes; tests run every one the machine supports.</summary>
internal enum CryptoPath : byte
{
    /// <summary>System.Security.Cryptography: runs everywhere .NET does.</summary>
    Portable = 0,
}
