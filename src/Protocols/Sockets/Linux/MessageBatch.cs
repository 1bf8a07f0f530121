using System.Runtime.CompilerServices;

namespace Sluice.Protocols.Sockets.Linux;

/// <summary>
/// The headers of one recvmmsg or sendmmsg call, in pinned arrays wired to each other once: message i has vector i, name i and control block i.
/// </summary>
internal sealed unsafe class MessageBatch
{
    private readonly Libc.MultiMessageHeader[] _headers;
    private readonly Libc.IoVector[] _vectors;
    private readonly byte[] _names;
    private readonly byte[] _controls;

    public MessageBatch(int capacity)
    {
        _headers = GC.AllocateArray<Libc.MultiMessageHeader>(capacity, pinned: true);
        _vectors = GC.AllocateArray<Libc.IoVector>(capacity, pinned: true);
        _names = GC.AllocateArray<byte>(capacity * SocketName.Capacity, pinned: true);
        _controls = GC.AllocateArray<byte>(capacity * Cmsg.Capacity, pinned: true);
        for (var i = 0; i < capacity; i++)
        {
            ref var header = ref _headers[i].Header;
            header.Name = PointerTo(_names, i * SocketName.Capacity);
            header.Vectors = (Libc.IoVector*)Unsafe.AsPointer(ref _vectors[i]);
            header.VectorCount = 1;
            header.Control = PointerTo(_controls, i * Cmsg.Capacity);
        }
    }

    public int Capacity => _headers.Length;

    /// <summary>All control blocks, <see cref="Cmsg.Capacity"/> bytes each.</summary>
    public byte[] Controls => _controls;

    public ref Libc.MultiMessageHeader this[int index] => ref _headers[index];

    /// <summary>The address of a header in memory that does not move.</summary>
    public Libc.MultiMessageHeader* PointerTo(int index) => (Libc.MultiMessageHeader*)Unsafe.AsPointer(ref _headers[index]);

    public ref Libc.IoVector Vector(int index) => ref _vectors[index];

    public Span<byte> Name(int index) => _names.AsSpan(index * SocketName.Capacity, SocketName.Capacity);

    public Span<byte> Control(int index) => _controls.AsSpan(index * Cmsg.Capacity, Cmsg.Capacity);

    /// <summary>The address of a byte of an array that was allocated pinned.</summary>
    public static byte* PointerTo(byte[] pinned, int offset) => (byte*)Unsafe.AsPointer(ref pinned[offset]);
}
