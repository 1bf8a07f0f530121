using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    private const int Rounds = 80;

    public static bool IsSupported => Avx512BW.IsSupported;

    // The functions of three words (FIPS 180-4 §4.1.1), each one instruction with its truth table. Types, so that the rounds are compiled for each.
    private interface IFunction
    {
        static abstract Vector512<uint> Of(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z);
    }

    private readonly struct Choose : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<uint> Of(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) => Avx512F.TernaryLogic(x, y, z, 0xca);
    }

    private readonly struct Parity : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<uint> Of(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) => Avx512F.TernaryLogic(x, y, z, 0x96);
    }

    private readonly struct Majority : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<uint> Of(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) => Avx512F.TernaryLogic(x, y, z, 0xe8);
    }

    /// <summary>Takes one block of each message into the states.</summary>
    /// <param name="states">Five vectors: the messages' first words, their second words, and so on.</param>
    /// <param name="blocks">Where each message's block lies.</param>
    [SkipLocalsInit]
    public static void Compress(Vector512<uint>* states, byte** blocks)
    {
        var words = stackalloc Vector512<uint>[Rounds];
        Transpose(blocks, words);
        for (var t = 16; t < Rounds; t++)
        {
            words[t] = Avx512F.RotateLeft(Parity.Of(words[t - 3], words[t - 8], words[t - 14]) ^ words[t - 16], 1);
        }

        var a = states[0];
        var b = states[1];
        var c = states[2];
        var d = states[3];
        var e = states[4];
        Twenty<Choose>(ref a, ref b, ref c, ref d, ref e, words, 0x5a827999);
        Twenty<Parity>(ref a, ref b, ref c, ref d, ref e, words + 20, 0x6ed9eba1);
        Twenty<Majority>(ref a, ref b, ref c, ref d, ref e, words + 40, 0x8f1bbcdc);
        Twenty<Parity>(ref a, ref b, ref c, ref d, ref e, words + 60, 0xca62c1d6);
        states[0] += a;
        states[1] += b;
        states[2] += c;
        states[3] += d;
        states[4] += e;
    }

    // Five rounds turn the roles of the five words once around, so that none has to be moved.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Twenty<TFunction>(
        ref Vector512<uint> a0, ref Vector512<uint> b0, ref Vector512<uint> c0, ref Vector512<uint> d0, ref Vector512<uint> e0, Vector512<uint>* words, uint constant)
        where TFunction : struct, IFunction
    {
        var (a, b, c, d, e) = (a0, b0, c0, d0, e0);
        var k = Vector512.Create(constant);
        for (var end = words + 20; words < end; words += 5)
        {
            Step(a, ref b, TFunction.Of(b, c, d), ref e, words[0] + k);
            Step(e, ref a, TFunction.Of(a, b, c), ref d, words[1] + k);
            Step(d, ref e, TFunction.Of(e, a, b), ref c, words[2] + k);
            Step(c, ref d, TFunction.Of(d, e, a), ref b, words[3] + k);
            Step(b, ref c, TFunction.Of(c, d, e), ref a, words[4] + k);
        }

        (a0, b0, c0, d0, e0) = (a, b, c, d, e);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(Vector512<uint> a, ref Vector512<uint> b, Vector512<uint> mixed, ref Vector512<uint> e, Vector512<uint> word)
    {
        // The newest word last: everything else is known while it is still on its way.
        e = (word + e) + mixed + Avx512F.RotateLeft(a, 5);
        b = Avx512F.RotateLeft(b, 30);
    }

    /// <summary>Turns sixteen blocks of sixteen big-endian words into sixteen vectors, one for each place in the block.</summary>
    private static void Transpose(byte** blocks, Vector512<uint>* words)
    {
        // First within quarters of a vector, four rows at a time; then the quarters change places.
        var swap = Vector512.Create(SwapHalf, SwapHalf);
        for (var row = 0; row < Count; row += 4)
        {
            var r0 = Avx512BW.Shuffle(Vector512.Load(blocks[row]), swap).AsUInt32();
            var r1 = Avx512BW.Shuffle(Vector512.Load(blocks[row + 1]), swap).AsUInt32();
            var r2 = Avx512BW.Shuffle(Vector512.Load(blocks[row + 2]), swap).AsUInt32();
            var r3 = Avx512BW.Shuffle(Vector512.Load(blocks[row + 3]), swap).AsUInt32();
            var low01 = Avx512F.UnpackLow(r0, r1).AsUInt64();
            var high01 = Avx512F.UnpackHigh(r0, r1).AsUInt64();
            var low23 = Avx512F.UnpackLow(r2, r3).AsUInt64();
            var high23 = Avx512F.UnpackHigh(r2, r3).AsUInt64();
            words[row] = Avx512F.UnpackLow(low01, low23).AsUInt32();
            words[row + 1] = Avx512F.UnpackHigh(low01, low23).AsUInt32();
            words[row + 2] = Avx512F.UnpackLow(high01, high23).AsUInt32();
            words[row + 3] = Avx512F.UnpackHigh(high01, high23).AsUInt32();
        }

        for (var place = 0; place < 4; place++)
        {
            var q0 = words[place];
            var q1 = words[place + 4];
            var q2 = words[place + 8];
            var q3 = words[place + 12];
            var lower01 = Avx512F.Shuffle4x128(q0, q1, 0x88); // quarters 0 and 2 of each
            var upper01 = Avx512F.Shuffle4x128(q0, q1, 0xdd); // quarters 1 and 3
            var lower23 = Avx512F.Shuffle4x128(q2, q3, 0x88);
            var upper23 = Avx512F.Shuffle4x128(q2, q3, 0xdd);
            words[place] = Avx512F.Shuffle4x128(lower01, lower23, 0x88);
            words[place + 4] = Avx512F.Shuffle4x128(upper01, upper23, 0x88);
            words[place + 8] = Avx512F.Shuffle4x128(lower01, lower23, 0xdd);
            words[place + 12] = Avx512F.Shuffle4x128(upper01, upper23, 0xdd);
        }
    }

    private static Vector256<byte> SwapHalf => Vector256.Create(
        (byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}
