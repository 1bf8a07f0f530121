using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// GHASH, the authenticator of GCM (NIST SP 800-38D §6.4): a polynomial over blocks of 128 bits, evaluated at the secret H. By definition
/// state = (state + block) * H for one block after the other, where + is XOR and * multiplies without carries modulo a polynomial of
/// degree 128.
/// <para>One after the other is slow, because each step waits for the last. So up to 16 blocks are taken at once, by the same sum written
/// out: (state + b1) * H^16 + b2 * H^15 + … + b16 * H. The products are independent and only their sum is reduced modulo the polynomial.</para>
/// <para>PCLMULQDQ multiplies 64 by 64 bits, so a product of 128-bit values takes four of them: low, high, and two that overlap in the middle.
/// GCM numbers its bits backwards; blocks are byte-reversed when loaded, and H is kept doubled to make up for the reversed bits.</para>
/// </summary>
internal static unsafe class GHash
{
    /// <summary>Room for the powers of H.</summary>
    public const int TableLength = Powers * 16;

    private const int Powers = 16;

    /// <summary>x^128 = x^7 + x^2 + x + 1 in the reversed numbering of bits, upper half.</summary>
    private const ulong Polynomial = 0xc200_0000_0000_0000;

    public static bool IsSupported128 => Pclmulqdq.IsSupported && Ssse3.IsSupported;

    public static bool IsSupported512 => IsSupported128 && Pclmulqdq.V512.IsSupported && Avx512BW.IsSupported;

    /// <summary>Writes H^16, H^15, …, H, where H is the encrypted zero block.</summary>
    public static void BuildTable(Vector128<byte> encryptedZero, byte* table)
    {
        var h = Ssse3.Shuffle(encryptedZero, AesNi.Reversal).AsUInt64();
        var (low, high) = (h[0], h[1]);
        var carry = high >> 63; // double H, and subtract the polynomial where that overflows
        high = high << 1 | low >> 63;
        low = low << 1 | carry;
        if (carry != 0) high ^= Polynomial;
        h = Vector128.Create(low, high);

        var powers = (Vector128<ulong>*)table;
        powers[Powers - 1] = h;
        for (var i = Powers - 2; i >= 0; i--) powers[i] = Multiply(powers[i + 1], h);
    }

    /// <summary>Takes bytes into the state, the last block filled up with zeros.</summary>
    /// <param name="table">What <see cref="BuildTable"/> wrote.</param>
    /// <param name="state">Zero, or what an earlier call returned.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="length">How many.</param>
    /// <param name="wide">Whether to work on 512 bits at a time.</param>
    public static Vector128<ulong> Absorb(byte* table, Vector128<ulong> state, byte* bytes, int length, bool wide)
    {
        while (length > 0)
        {
            var full = Math.Min(length / 16, Powers);
            var rest = full < Powers ? length % 16 : 0;
            var power = table + (Powers - full - (rest > 0 ? 1 : 0)) * 16; // the last block meets H^1
            var sum = default(Product);
            var block = 0;
            if (wide)
            {
                WideProduct wideSum = default;
                for (; block + 4 <= full; block += 4)
                {
                    // The state belongs to the first block only: the lowest quarter of the first vector.
                    var four = Avx512BW.Shuffle(Vector512.Load(bytes + block * 16), WideReversal).AsUInt64() ^ state.ToVector256().ToVector512();
                    state = default;
                    wideSum.Add(four, Vector512.Load((ulong*)(power + block * 16)));
                }

                sum = wideSum.Fold();
            }

            for (; block < full; block++)
            {
                sum.Add(Load(bytes + block * 16) ^ state, Vector128.Load((ulong*)(power + block * 16)));
                state = default;
            }

            if (rest > 0)
            {
                var last = Vector128<byte>.Zero;
                Unsafe.CopyBlockUnaligned(&last, bytes + full * 16, (uint)rest);
                sum.Add(Load((byte*)&last) ^ state, Vector128.Load((ulong*)(power + full * 16)));
            }

            state = sum.Reduce();
            bytes += full * 16;
            length -= full * 16 + rest;
        }

        return state;
    }

    /// <summary>Takes the final block of both lengths and returns the hash in the standard's order of bytes.</summary>
    public static Vector128<byte> Finish(byte* table, Vector128<ulong> state, int associatedLength, int textLength)
    {
        state ^= Vector128.Create((ulong)textLength * 8, (ulong)associatedLength * 8);
        state = Multiply(state, Vector128.Load((ulong*)(table + (Powers - 1) * 16)));
        return Ssse3.Shuffle(state.AsByte(), AesNi.Reversal);
    }

    private static Vector512<byte> WideReversal
    {
        get
        {
            var two = Vector256.Create(AesNi.Reversal, AesNi.Reversal);
            return Vector512.Create(two, two);
        }
    }

    private static Vector128<ulong> Load(byte* block) => Ssse3.Shuffle(Vector128.Load(block), AesNi.Reversal).AsUInt64();

    private static Vector128<ulong> Multiply(Vector128<ulong> a, Vector128<ulong> b)
    {
        var product = default(Product);
        product.Add(a, b);
        return product.Reduce();
    }

    /// <summary>A sum of unreduced 256-bit products in three overlapping parts.</summary>
    private struct Product
    {
        public Vector128<ulong> Low;
        public Vector128<ulong> Middle;
        public Vector128<ulong> High;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector128<ulong> a, Vector128<ulong> b)
        {
            // The control byte picks the halves: 0x00 low by low, 0x11 high by high, the others crosswise.
            Low ^= Pclmulqdq.CarrylessMultiply(a, b, 0x00);
            High ^= Pclmulqdq.CarrylessMultiply(a, b, 0x11);
            Middle ^= Pclmulqdq.CarrylessMultiply(a, b, 0x01) ^ Pclmulqdq.CarrylessMultiply(a, b, 0x10);
        }

        /// <summary>The sum modulo the polynomial: twice the lowest 64 bits are multiplied away.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector128<ulong> Reduce()
        {
            var low = Low ^ Sse2.ShiftLeftLogical128BitLane(Middle, 8);
            var high = High ^ Sse2.ShiftRightLogical128BitLane(Middle, 8);
            var polynomial = Vector128.CreateScalar(Polynomial);
            low = Sse2.Shuffle(low.AsInt32(), 0x4e).AsUInt64() ^ Pclmulqdq.CarrylessMultiply(low, polynomial, 0x00);
            low = Sse2.Shuffle(low.AsInt32(), 0x4e).AsUInt64() ^ Pclmulqdq.CarrylessMultiply(low, polynomial, 0x00);
            return high ^ low;
        }
    }

    /// <summary>Four products side by side (VPCLMULQDQ).</summary>
    private struct WideProduct
    {
        private Vector512<ulong> _low;
        private Vector512<ulong> _middle;
        private Vector512<ulong> _high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector512<ulong> a, Vector512<ulong> b)
        {
            _low ^= Pclmulqdq.V512.CarrylessMultiply(a, b, 0x00);
            _high ^= Pclmulqdq.V512.CarrylessMultiply(a, b, 0x11);
            _middle ^= Pclmulqdq.V512.CarrylessMultiply(a, b, 0x01) ^ Pclmulqdq.V512.CarrylessMultiply(a, b, 0x10);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Product Fold() => new() { Low = Fold(_low), Middle = Fold(_middle), High = Fold(_high) };

        private static Vector128<ulong> Fold(Vector512<ulong> four)
        {
            var two = four.GetLower() ^ four.GetUpper();
            return two.GetLower() ^ two.GetUpper();
        }
    }
}
