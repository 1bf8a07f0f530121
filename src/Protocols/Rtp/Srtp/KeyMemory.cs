using System.Security.Cryptography;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// Expanded keys at a fixed address that is a multiple of 64, so that 512-bit loads never straddle two cache lines. Overwritten when
/// disposed; its use afterwards throws instead of encrypting with zeros.
/// </summary>
internal sealed unsafe class KeyMemory : IDisposable
{
    private const int Alignment = 64;
    private readonly byte[] _bytes;
    private byte* _first;

    public KeyMemory(int length)
    {
        _bytes = GC.AllocateArray<byte>(length + Alignment, pinned: true);
        var address = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _bytes[0]);
        _first = (byte*)((address + Alignment - 1) & ~(nuint)(Alignment - 1));
    }

    /// <summary>The first byte. Valid while this object is reachable: keep it alive past the last use.</summary>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_first is null, this);
            return _first;
        }
    }

    public void Prefetch() => Wire.Prefetch.Memory(_first, _bytes.Length - Alignment);

    public void Dispose()
    {
        _first = null;
        CryptographicOperations.ZeroMemory(_bytes);
    }
}
