using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// SHA-1's compression function (FIPS 180-4 §6.1.2) for sixteen messages at once: each of the 32-bit words of a 512-bit vector belongs to another message.
/// A single message cannot be computed in parallel with itself; sixteen that do not know of each other can.
/// </summary>
internal static unsafe class Sha1Lanes
{
    /// <summary>Messages side by side.</summary>
    public const int Count = 16;

    /// <summary>Bytes one step takes of each message.</summary>
    public const int BlockLength = 64;

    /// <summary>Words of a state.</summary>
    public const int StateWords = 5;

    // The functions of three words (FIPS 180-4 §4.1.1), each one instruction with its truth table.
    private const byte Choose = 0xca;
    private const byte Parity = 0x96;
    private const byte Majority = 0xe8;

    public static bool IsSupported => Avx512BW.IsSupported;

    /// <summary>Takes blocks of each message into the states.</summary>
    /// <param name="states">Five vectors: the messages' first words, their second words, and so on.</param>
    /// <param name="blocks">Where each message's first block lies; the others follow it.</param>
    /// <param name="count">Blocks of each message.</param>
    /// <remarks>
    /// State, the last sixteen words of the schedule and what is in between fit the 32 registers, and stay there for all eighty rounds. That takes rounds
    /// written out, as registers have no index, and helpers that call none: the compiler stops inlining when there is too much of it.
    /// </remarks>
    public static void Compress(Vector512<uint>* states, byte** blocks, int count)
    {
        var swap = Vector512.Create(Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
        var end = (nint)count * BlockLength;
        for (nint at = 0; at < end; at += BlockLength)
        {
            // Sixteen blocks of sixteen words become sixteen vectors, one for each place in the block.
            LoadRows(blocks + 0, at, swap, out var w0, out var w1, out var w2, out var w3);
            LoadRows(blocks + 4, at, swap, out var w4, out var w5, out var w6, out var w7);
            LoadRows(blocks + 8, at, swap, out var w8, out var w9, out var w10, out var w11);
            LoadRows(blocks + 12, at, swap, out var w12, out var w13, out var w14, out var w15);
            Exchange(ref w0, ref w4, ref w8, ref w12);
            Exchange(ref w1, ref w5, ref w9, ref w13);
            Exchange(ref w2, ref w6, ref w10, ref w14);
            Exchange(ref w3, ref w7, ref w11, ref w15);

            var (a, b, c, d, e) = (states[0], states[1], states[2], states[3], states[4]);
            var k = Vector512.Create(0x5a827999u);
            Four(ref a, ref b, ref c, ref d, ref e, w0, w1, w2, w3, k, Choose);
            Four(ref b, ref c, ref d, ref e, ref a, w4, w5, w6, w7, k, Choose);
            Four(ref c, ref d, ref e, ref a, ref b, w8, w9, w10, w11, k, Choose);
            Four(ref d, ref e, ref a, ref b, ref c, w12, w13, w14, w15, k, Choose);
            Extend(ref w0, ref w1, ref w2, ref w3, w4, w5, w8, w9, w10, w11, w13, w14, w15);
            Four(ref e, ref a, ref b, ref c, ref d, w0, w1, w2, w3, k, Choose);

            k = Vector512.Create(0x6ed9eba1u);
            Extend(ref w4, ref w5, ref w6, ref w7, w8, w9, w12, w13, w14, w15, w1, w2, w3);
            Four(ref a, ref b, ref c, ref d, ref e, w4, w5, w6, w7, k, Parity);
            Extend(ref w8, ref w9, ref w10, ref w11, w12, w13, w0, w1, w2, w3, w5, w6, w7);
            Four(ref b, ref c, ref d, ref e, ref a, w8, w9, w10, w11, k, Parity);
            Extend(ref w12, ref w13, ref w14, ref w15, w0, w1, w4, w5, w6, w7, w9, w10, w11);
            Four(ref c, ref d, ref e, ref a, ref b, w12, w13, w14, w15, k, Parity);
            Extend(ref w0, ref w1, ref w2, ref w3, w4, w5, w8, w9, w10, w11, w13, w14, w15);
            Four(ref d, ref e, ref a, ref b, ref c, w0, w1, w2, w3, k, Parity);
            Extend(ref w4, ref w5, ref w6, ref w7, w8, w9, w12, w13, w14, w15, w1, w2, w3);
            Four(ref e, ref a, ref b, ref c, ref d, w4, w5, w6, w7, k, Parity);

            k = Vector512.Create(0x8f1bbcdcu);
            Extend(ref w8, ref w9, ref w10, ref w11, w12, w13, w0, w1, w2, w3, w5, w6, w7);
            Four(ref a, ref b, ref c, ref d, ref e, w8, w9, w10, w11, k, Majority);
            Extend(ref w12, ref w13, ref w14, ref w15, w0, w1, w4, w5, w6, w7, w9, w10, w11);
            Four(ref b, ref c, ref d, ref e, ref a, w12, w13, w14, w15, k, Majority);
            Extend(ref w0, ref w1, ref w2, ref w3, w4, w5, w8, w9, w10, w11, w13, w14, w15);
            Four(ref c, ref d, ref e, ref a, ref b, w0, w1, w2, w3, k, Majority);
            Extend(ref w4, ref w5, ref w6, ref w7, w8, w9, w12, w13, w14, w15, w1, w2, w3);
            Four(ref d, ref e, ref a, ref b, ref c, w4, w5, w6, w7, k, Majority);
            Extend(ref w8, ref w9, ref w10, ref w11, w12, w13, w0, w1, w2, w3, w5, w6, w7);
            Four(ref e, ref a, ref b, ref c, ref d, w8, w9, w10, w11, k, Majority);

            k = Vector512.Create(0xca62c1d6u);
            Extend(ref w12, ref w13, ref w14, ref w15, w0, w1, w4, w5, w6, w7, w9, w10, w11);
            Four(ref a, ref b, ref c, ref d, ref e, w12, w13, w14, w15, k, Parity);
            Extend(ref w0, ref w1, ref w2, ref w3, w4, w5, w8, w9, w10, w11, w13, w14, w15);
            Four(ref b, ref c, ref d, ref e, ref a, w0, w1, w2, w3, k, Parity);
            Extend(ref w4, ref w5, ref w6, ref w7, w8, w9, w12, w13, w14, w15, w1, w2, w3);
            Four(ref c, ref d, ref e, ref a, ref b, w4, w5, w6, w7, k, Parity);
            Extend(ref w8, ref w9, ref w10, ref w11, w12, w13, w0, w1, w2, w3, w5, w6, w7);
            Four(ref d, ref e, ref a, ref b, ref c, w8, w9, w10, w11, k, Parity);
            Extend(ref w12, ref w13, ref w14, ref w15, w0, w1, w4, w5, w6, w7, w9, w10, w11);
            Four(ref e, ref a, ref b, ref c, ref d, w12, w13, w14, w15, k, Parity);

            states[0] += a;
            states[1] += b;
            states[2] += c;
            states[3] += d;
            states[4] += e;
        }
    }

    // No word has to be moved, as the caller names the five by their new roles; after five calls they have their old ones.
    // The newest word is added last: everything else is known while it is still on its way.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(
        ref Vector512<uint> a, ref Vector512<uint> b, ref Vector512<uint> c, ref Vector512<uint> d, ref Vector512<uint> e,
        Vector512<uint> w0, Vector512<uint> w1, Vector512<uint> w2, Vector512<uint> w3, Vector512<uint> k, [ConstantExpected] byte function)
    {
        e = w0 + k + e + Avx512F.TernaryLogic(b, c, d, function) + Avx512F.RotateLeft(a, 5);
        b = Avx512F.RotateLeft(b, 30);
        d = w1 + k + d + Avx512F.TernaryLogic(a, b, c, function) + Avx512F.RotateLeft(e, 5);
        a = Avx512F.RotateLeft(a, 30);
        c = w2 + k + c + Avx512F.TernaryLogic(e, a, b, function) + Avx512F.RotateLeft(d, 5);
        e = Avx512F.RotateLeft(e, 30);
        b = w3 + k + b + Avx512F.TernaryLogic(d, e, a, function) + Avx512F.RotateLeft(c, 5);
        d = Avx512F.RotateLeft(d, 30);
    }

    // The schedule's next four words, in the places of those that are sixteen older; w4 and up are those that follow them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Extend(
        ref Vector512<uint> w0, ref Vector512<uint> w1, ref Vector512<uint> w2, ref Vector512<uint> w3, Vector512<uint> w4, Vector512<uint> w5,
        Vector512<uint> w8, Vector512<uint> w9, Vector512<uint> w10, Vector512<uint> w11, Vector512<uint> w13, Vector512<uint> w14, Vector512<uint> w15)
    {
        w0 = Avx512F.RotateLeft(Avx512F.TernaryLogic(w0, w2, w8, Parity) ^ w13, 1);
        w1 = Avx512F.RotateLeft(Avx512F.TernaryLogic(w1, w3, w9, Parity) ^ w14, 1);
        w2 = Avx512F.RotateLeft(Avx512F.TernaryLogic(w2, w4, w10, Parity) ^ w15, 1);
        w3 = Avx512F.RotateLeft(Avx512F.TernaryLogic(w3, w5, w11, Parity) ^ w0, 1);
    }

    // The first step of turning rows into columns: within quarters of a vector, four rows at a time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadRows(
        byte** blocks, nint at, Vector512<byte> swap, out Vector512<uint> w0, out Vector512<uint> w1, out Vector512<uint> w2, out Vector512<uint> w3)
    {
        var r0 = Avx512BW.Shuffle(Vector512.Load(blocks[0] + at), swap).AsUInt32();
        var r1 = Avx512BW.Shuffle(Vector512.Load(blocks[1] + at), swap).AsUInt32();
        var r2 = Avx512BW.Shuffle(Vector512.Load(blocks[2] + at), swap).AsUInt32();
        var r3 = Avx512BW.Shuffle(Vector512.Load(blocks[3] + at), swap).AsUInt32();
        var low01 = Avx512F.UnpackLow(r0, r1).AsUInt64();
        var high01 = Avx512F.UnpackHigh(r0, r1).AsUInt64();
        var low23 = Avx512F.UnpackLow(r2, r3).AsUInt64();
        var high23 = Avx512F.UnpackHigh(r2, r3).AsUInt64();
        w0 = Avx512F.UnpackLow(low01, low23).AsUInt32();
        w1 = Avx512F.UnpackHigh(low01, low23).AsUInt32();
        w2 = Avx512F.UnpackLow(high01, high23).AsUInt32();
        w3 = Avx512F.UnpackHigh(high01, high23).AsUInt32();
    }

    // The second step: the quarters change places.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Exchange(ref Vector512<uint> q0, ref Vector512<uint> q1, ref Vector512<uint> q2, ref Vector512<uint> q3)
    {
        var lower01 = Avx512F.Shuffle4x128(q0, q1, 0x88); // quarters 0 and 2 of each
        var upper01 = Avx512F.Shuffle4x128(q0, q1, 0xdd); // quarters 1 and 3
        var lower23 = Avx512F.Shuffle4x128(q2, q3, 0x88);
        var upper23 = Avx512F.Shuffle4x128(q2, q3, 0xdd);
        q0 = Avx512F.Shuffle4x128(lower01, lower23, 0x88);
        q1 = Avx512F.Shuffle4x128(upper01, upper23, 0x88);
        q2 = Avx512F.Shuffle4x128(lower01, lower23, 0xdd);
        q3 = Avx512F.Shuffle4x128(upper01, upper23, 0xdd);
    }
}
