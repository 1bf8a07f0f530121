using System.Runtime.InteropServices;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// What is used of OpenSSL 3's libcrypto. The calls per packet last about a microsecond and never block, so they skip the garbage
/// collector's hand-shake.
/// </summary>
internal static unsafe partial class LibCrypto
{
    public const int ControlGetTag = 0x10;
    public const int ControlSetTag = 0x11;

    /// <summary>The size of OpenSSL's SHA_CTX.</summary>
    public const int Sha1StateLength = 96;

    private const string Library = "libcrypto.so.3";

    /// <summary>True where the library is there with all that is used of it.</summary>
    public static bool IsAvailable { get; } = Probe();

    [LibraryImport(Library)]
    public static partial nint EVP_CIPHER_CTX_new();

    [LibraryImport(Library)]
    public static partial void EVP_CIPHER_CTX_free(nint context);

    [LibraryImport(Library)]
    public static partial nint EVP_aes_128_gcm();

    [LibraryImport(Library)]
    public static partial nint EVP_aes_256_gcm();

    [LibraryImport(Library)]
    public static partial nint EVP_aes_128_ctr();

    [LibraryImport(Library)]
    public static partial nint EVP_aes_256_ctr();

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int EVP_CipherInit_ex(nint context, nint cipher, nint engine, byte* key, byte* nonce, int encrypt);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int EVP_CipherUpdate(nint context, byte* output, int* outputLength, byte* input, int length);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int EVP_CipherFinal_ex(nint context, byte* output, int* outputLength);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int EVP_CIPHER_CTX_ctrl(nint context, int command, int number, byte* pointer);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int SHA1_Init(byte* state);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int SHA1_Update(byte* state, byte* bytes, nuint length);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int SHA1_Final(byte* hash, byte* state);

    private static bool Probe()
    {
        if (!NativeLibrary.TryLoad(Library, out var library)) return false;

        // OpenSSL can be built without the old hash interface.
        return NativeLibrary.TryGetExport(library, nameof(SHA1_Init), out _) && NativeLibrary.TryGetExport(library, nameof(EVP_CipherInit_ex), out _);
    }
}

/// <summary>Owns one EVP_CIPHER_CTX, which overwrites its key when freed.</summary>
internal sealed unsafe class CipherContextHandle : SafeHandle
{
    public CipherContextHandle(nint cipher, ReadOnlySpan<byte> key)
        : base(0, ownsHandle: true)
    {
        SetHandle(LibCrypto.EVP_CIPHER_CTX_new());
        fixed (byte* first = key)
        {
            if (IsInvalid || LibCrypto.EVP_CipherInit_ex(handle, cipher, 0, first, null, 1) != 1) throw new InsufficientMemoryException();
        }
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The raw pointer; keep this object alive past its last use.</summary>
    public nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_CIPHER_CTX_free(handle);
        return true;
    }
}
