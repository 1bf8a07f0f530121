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

    /// <summary>How many.</summary>
    public const int Powers = 16;

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
            state = wide ? SumWide(state, bytes, full, rest, power) : Sum(state, bytes, full, rest, power, default, default, default);
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

    /// <summary>The product of two blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Multiply(Vector128<ulong> a, Vector128<ulong> b) => Reduce(
        Pclmulqdq.CarrylessMultiply(a, b, 0x00),
        Pclmulqdq.CarrylessMultiply(a, b, 0x01) ^ Pclmulqdq.CarrylessMultiply(a, b, 0x10),
        Pclmulqdq.CarrylessMultiply(a, b, 0x11));

    /// <summary>
    /// Multiplies up to 16 blocks with their powers of H, adds the products to those given, and reduces the sum. A sum of products has
    /// 256 bits, kept as three parts that overlap. (Locals and not a struct: the compiler keeps them in registers.)
    /// </summary>
    private static Vector128<ulong> Sum(
        Vector128<ulong> state, byte* bytes, int full, int rest, byte* power, Vector128<ulong> low, Vector128<ulong> middle, Vector128<ulong> high)
    {
        for (; full > 0; full--)
        {
            var block = Load(bytes) ^ state;
            var h = Vector128.Load((ulong*)power);
            state = default; // it belongs to the first block only

            // The control byte picks the halves: 0x00 low by low, 0x11 high by high, the others crosswise.
            low ^= Pclmulqdq.CarrylessMultiply(block, h, 0x00);
            high ^= Pclmulqdq.CarrylessMultiply(block, h, 0x11);
            middle ^= Pclmulqdq.CarrylessMultiply(block, h, 0x01) ^ Pclmulqdq.CarrylessMultiply(block, h, 0x10);
            bytes += 16;
            power += 16;
        }

        if (rest > 0)
        {
            var last = Vector128<byte>.Zero;
            Unsafe.CopyBlockUnaligned(&last, bytes, (uint)rest);
            var block = Load((byte*)&last) ^ state;
            var h = Vector128.Load((ulong*)power);
            low ^= Pclmulqdq.CarrylessMultiply(block, h, 0x00);
            high ^= Pclmulqdq.CarrylessMultiply(block, h, 0x11);
            middle ^= Pclmulqdq.CarrylessMultiply(block, h, 0x01) ^ Pclmulqdq.CarrylessMultiply(block, h, 0x10);
        }

        return Reduce(low, middle, high);
    }

    /// <summary>The same, four products side by side (VPCLMULQDQ) as long as there are four blocks.</summary>
    private static Vector128<ulong> SumWide(Vector128<ulong> state, byte* bytes, int full, int rest, byte* power)
    {
        var low = Vector512<ulong>.Zero;
        var middle = Vector512<ulong>.Zero;
        var high = Vector512<ulong>.Zero;
        var reversal = WideReversal;
        for (; full >= 8; full -= 8)
        {
            // The first block is the lowest quarter of the first vector.
            var first = Avx512BW.Shuffle(Vector512.Load(bytes), reversal).AsUInt64() ^ state.ToVector256().ToVector512();
            var second = Avx512BW.Shuffle(Vector512.Load(bytes + 64), reversal).AsUInt64();
            var h1 = Vector512.Load((ulong*)power);
            var h2 = Vector512.Load((ulong*)(power + 64));
            state = default;
            low ^= Pclmulqdq.V512.CarrylessMultiply(first, h1, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(second, h2, 0x00);
            high ^= Pclmulqdq.V512.CarrylessMultiply(first, h1, 0x11) ^ Pclmulqdq.V512.CarrylessMultiply(second, h2, 0x11);
            middle ^= Pclmulqdq.V512.CarrylessMultiply(first, h1, 0x01) ^ Pclmulqdq.V512.CarrylessMultiply(first, h1, 0x10) ^
                Pclmulqdq.V512.CarrylessMultiply(second, h2, 0x01) ^ Pclmulqdq.V512.CarrylessMultiply(second, h2, 0x10);
            bytes += 128;
            power += 128;
        }

        if (full >= 4)
        {
            var blocks = Avx512BW.Shuffle(Vector512.Load(bytes), reversal).AsUInt64() ^ state.ToVector256().ToVector512();
            var h = Vector512.Load((ulong*)power);
            state = default;
            low ^= Pclmulqdq.V512.CarrylessMultiply(blocks, h, 0x00);
            high ^= Pclmulqdq.V512.CarrylessMultiply(blocks, h, 0x11);
            middle ^= Pclmulqdq.V512.CarrylessMultiply(blocks, h, 0x01) ^ Pclmulqdq.V512.CarrylessMultiply(blocks, h, 0x10);
            full -= 4;
            bytes += 64;
            power += 64;
        }

        return Sum(state, bytes, full, rest, power, Fold(low), Fold(middle), Fold(high));
    }

    /// <summary>The sum of the four quarters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Fold(Vector512<ulong> four)
    {
        var two = four.GetLower() ^ four.GetUpper();
        return two.GetLower() ^ two.GetUpper();
    }

    /// <summary>A sum of products modulo the polynomial: twice the lowest 64 bits are multiplied away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Reduce(Vector128<ulong> low, Vector128<ulong> middle, Vector128<ulong> high)
    {
        low ^= Sse2.ShiftLeftLogical128BitLane(middle, 8);
        high ^= Sse2.ShiftRightLogical128BitLane(middle, 8);
        var polynomial = Vector128.CreateScalar(Polynomial);
        low = Sse2.Shuffle(low.AsInt32(), 0x4e).AsUInt64() ^ Pclmulqdq.CarrylessMultiply(low, polynomial, 0x00);
        low = Sse2.Shuffle(low.AsInt32(), 0x4e).AsUInt64() ^ Pclmulqdq.CarrylessMultiply(low, polynomial, 0x00);
        return high ^ low;
    }
}
