using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// Authentication tags that are still to be written: HMAC-SHA1 costs a third for sixteen packets at once, whosever they are. Packets are handed over
/// encrypted by <see cref="SrtpSender.ProtectRtp"/>; <see cref="Complete"/> writes their tags, and must be called before any of them is sent.
/// </summary>
/// <remarks>
/// One thread owns it. Holds up to <see cref="Capacity"/> packets; at the limit all tags are written at once. The packets lie in memory that does not move,
/// and their senders outlive the batch. AES-GCM has nothing to leave for later and passes by.
/// </remarks>
public sealed unsafe class SrtpBatch
{
    /// <summary>Packets that can wait.</summary>
    public const int Capacity = 1024;

    private const int TagLength = 10;
    private const int MaxBlocks = 32; // 2 kB: more than a datagram of media has
    private const uint OuterBits = (Sha1Lanes.BlockLength + HmacSha1.HashLength) * 8;

    // Sixteen lanes cost as much as so many packets one by one.
    private const int FewestLanes = 6;

    private readonly Entry[] _entries = new Entry[Capacity];
    private readonly short[] _sorted = new short[Capacity];
    private readonly int[] _starts = new int[MaxBlocks + 2];
    private readonly byte[] _tails = GC.AllocateUninitializedArray<byte>(Sha1Lanes.Count * 2 * Sha1Lanes.BlockLength, pinned: true);

    private struct Entry
    {
        public byte* Packet;
        public int Length; // with the rollover counter
        public OpenSslHmacSha1 Hash;
    }

    /// <summary>True where this machine computes tags faster together than one by one.</summary>
    public static bool IsWorthwhile => Sha1Lanes.IsSupported && LibCrypto.IsAvailable;

    /// <summary>Packets that wait for their tags.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets the packets added last, down to a former <see cref="Count"/>: they will not be sent. Those already tagged are none of its business.</summary>
    public void Withdraw(int count) => Count = Math.Min(Count, count);

    /// <summary>Writes the tags of all packets that wait.</summary>
    public void Complete()
    {
        if (Count == 0) return;
        Sort();
        for (var blocks = 1; blocks <= MaxBlocks; blocks++)
        {
            var next = _starts[blocks];
            var end = _starts[blocks + 1];
            while (end - next >= FewestLanes)
            {
                var lanes = Math.Min(Sha1Lanes.Count, end - next);
                TagTogether(_sorted.AsSpan(next, lanes), blocks);
                next += lanes;
            }

            for (; next < end; next++) TagAlone(_entries[_sorted[next]]);
        }

        Count = 0;
    }

    /// <summary>Takes a packet behind whose ciphertext the rollover counter stands, and room for the tag.</summary>
    internal void Add(byte* packet, int length, OpenSslHmacSha1 hash)
    {
        var entry = new Entry { Packet = packet, Length = length, Hash = hash };
        if (BlocksOf(length) > MaxBlocks)
        {
            TagAlone(entry);
            return;
        }

        if (Count == Capacity) Complete();
        _entries[Count++] = entry;
    }

    // Blocks of the message with its end: a byte 0x80 and eight bytes of length.
    private static int BlocksOf(int length) => (length + 9 + Sha1Lanes.BlockLength - 1) / Sha1Lanes.BlockLength;

    // By number of blocks, so that lanes that go together end together.
    private void Sort()
    {
        Array.Clear(_starts);
        for (var i = 0; i < Count; i++) _starts[BlocksOf(_entries[i].Length) + 1]++;
        for (var blocks = 1; blocks < _starts.Length; blocks++) _starts[blocks] += _starts[blocks - 1];
        for (var i = 0; i < Count; i++) _sorted[_starts[BlocksOf(_entries[i].Length)]++] = (short)i;
        for (var blocks = _starts.Length - 1; blocks > 0; blocks--) _starts[blocks] = _starts[blocks - 1];
        _starts[0] = 0;
    }

    private static void TagAlone(in Entry entry)
    {
        Span<byte> hash = stackalloc byte[HmacSha1.HashLength];
        entry.Hash.Compute(new ReadOnlySpan<byte>(entry.Packet, entry.Length), hash);
        hash[..TagLength].CopyTo(new Span<byte>(entry.Packet + entry.Length - sizeof(uint), TagLength));
    }

    [SkipLocalsInit]
    private void TagTogether(ReadOnlySpan<short> chosen, int blocks)
    {
        const int TailLength = 2 * Sha1Lanes.BlockLength;
        var states = stackalloc Vector512<uint>[Sha1Lanes.StateWords];
        var pointers = stackalloc byte*[Sha1Lanes.Count];
        var packets = stackalloc byte*[Sha1Lanes.Count];
        var whole = stackalloc int[Sha1Lanes.Count];
        var together = blocks;
        var tails = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_tails));
        for (var lane = 0; lane < Sha1Lanes.Count; lane++)
        {
            // Lanes without a packet repeat the first one; nobody asks for what comes out.
            ref readonly var entry = ref _entries[chosen[lane < chosen.Length ? lane : 0]];
            packets[lane] = entry.Packet;
            whole[lane] = entry.Length / Sha1Lanes.BlockLength;
            together = Math.Min(together, whole[lane]);
            LoadState(states, lane, entry.Hash.InnerState);
            var inTail = entry.Length % Sha1Lanes.BlockLength;
            WriteTail(tails + lane * TailLength, entry.Packet + entry.Length - inTail, inTail, (blocks - whole[lane]) * Sha1Lanes.BlockLength,
                (ulong)(Sha1Lanes.BlockLength + entry.Length) * 8);
        }

        // As far as all are still within their packets, at one go.
        Sha1Lanes.Compress(states, packets, together);
        for (var block = together; block < blocks; block++)
        {
            for (var lane = 0; lane < Sha1Lanes.Count; lane++)
            {
                pointers[lane] = block < whole[lane]
                    ? packets[lane] + block * Sha1Lanes.BlockLength
                    : tails + lane * TailLength + (block - whole[lane]) * Sha1Lanes.BlockLength;
            }

            Sha1Lanes.Compress(states, pointers, 1);
        }

        for (var lane = 0; lane < Sha1Lanes.Count; lane++)
        {
            var tail = tails + lane * TailLength;
            OuterEnd.Store((uint*)tail);
            for (var i = 0; i < Sha1Lanes.StateWords; i++) ((uint*)tail)[i] = BinaryPrimitives.ReverseEndianness(Word(states, i, lane));
            pointers[lane] = tail;
        }

        for (var lane = 0; lane < Sha1Lanes.Count; lane++)
        {
            LoadState(states, lane, _entries[chosen[lane < chosen.Length ? lane : 0]].Hash.OuterState);
        }

        Sha1Lanes.Compress(states, pointers, 1);
        for (var lane = 0; lane < chosen.Length; lane++)
        {
            var tag = packets[lane] + _entries[chosen[lane]].Length - sizeof(uint);
            Unsafe.WriteUnaligned(tag, BinaryPrimitives.ReverseEndianness((ulong)Word(states, 0, lane) << 32 | Word(states, 1, lane)));
            Unsafe.WriteUnaligned(tag + sizeof(ulong), BinaryPrimitives.ReverseEndianness((ushort)(Word(states, 2, lane) >> 16)));
        }
    }

    // FIPS 180-4 §5.1.1: behind the message's last bytes a one, zeros, the length in bits. What lies behind the message is not read.
    private static void WriteTail(byte* tail, byte* rest, int restLength, int tailLength, ulong bits)
    {
        var end = Vector512.Create((byte)restLength);
        var one = Vector512.Equals(Vector512<byte>.Indices, end) & Vector512.Create((byte)0x80);
        Avx512BW.MaskLoad(rest, Vector512.LessThan(Vector512<byte>.Indices, end), one).Store(tail);
        Vector512<byte>.Zero.Store(tail + Sha1Lanes.BlockLength);
        *(ulong*)(tail + tailLength - sizeof(ulong)) = BinaryPrimitives.ReverseEndianness(bits);
    }

    private static void LoadState(Vector512<uint>* states, int lane, uint* words)
    {
        for (var i = 0; i < Sha1Lanes.StateWords; i++) ((uint*)(states + i))[lane] = words[i];
    }

    private static uint Word(Vector512<uint>* states, int word, int lane) => ((uint*)(states + word))[lane];

    // The outer message's only block without the inner hash that it begins with.
    private static Vector512<uint> OuterEnd =>
        Vector512.Create(0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, BinaryPrimitives.ReverseEndianness(OuterBits));
}
