using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// <see cref="AesGcmIntrinsics"/> in one pass, sealing and opening: eight blocks are authenticated out of the registers they are encrypted in, four to an
/// instruction (VPCLMULQDQ), while the AES units are busy with the next eight. The odd end goes through masked loads and stores and takes the tag's own block
/// along.
/// </summary>
internal sealed unsafe class AesGcmWide(ReadOnlySpan<byte> key) : AesGcmIntrinsics(key, wide: true)
{
    private const int Batch = 128;

    // A type for each direction: the compiler makes a method of its own for each, without a branch.
    private interface IDirection
    {
        static abstract bool Opens { get; }
    }

    private readonly struct Sealing : IDirection
    {
        public static bool Opens => false;
    }

    private readonly struct Opening : IDirection
    {
        public static bool Opens => true;
    }

    public override void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> source, Span<byte> destination, Span<byte> tag)
    {
        if (destination.Length != source.Length) throw new ArgumentException("Lengths differ.", nameof(destination));
        fixed (byte* additional = associated)
        fixed (byte* from = source)
        fixed (byte* to = destination)
        {
            Apply<Sealing>(FirstCounter(new GcmNonce(nonce)), additional, associated.Length, from, to, source.Length).CopyTo(tag);
        }
    }

    public override void SealPacket(in GcmNonce nonce, ref byte packet, int headerLength, ReadOnlySpan<byte> payload)
    {
        fixed (byte* header = &packet)
        fixed (byte* from = payload)
        {
            var to = header + headerLength;
            Apply<Sealing>(FirstCounter(nonce), header, headerLength, from, to, payload.Length).Store(to + payload.Length);
        }
    }

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> text, ReadOnlySpan<byte> tag)
    {
        fixed (byte* additional = associated)
        fixed (byte* bytes = text)
        {
            if (IsTag(Apply<Opening>(FirstCounter(new GcmNonce(nonce)), additional, associated.Length, bytes, bytes, text.Length), tag)) return true;
        }

        // It has been decrypted before it was known to be false: nobody may see that.
        CryptographicOperations.ZeroMemory(text);
        return false;
    }

    public override bool TryOpenPacket(in GcmNonce nonce, Span<byte> packet, int headerLength)
    {
        var text = packet[headerLength..^TagLength];
        fixed (byte* header = packet)
        {
            var bytes = header + headerLength;
            if (Apply<Opening>(FirstCounter(nonce), header, headerLength, bytes, bytes, text.Length) == Vector128.Load(bytes + text.Length)) return true;
        }

        CryptographicOperations.ZeroMemory(text);
        return false;
    }

    /// <summary>Encrypts or decrypts, and gives the tag there should be.</summary>
    // The compiler gives up inlining in methods that are too long: the loop over full batches and the odd end are apart.
    [SkipLocalsInit]
    private Vector128<byte> Apply<TDirection>(Vector128<uint> first, byte* additional, int additionalLength, byte* from, byte* to, int length)
        where TDirection : struct, IDirection
    {
        var powers = Powers;

        // Most headers have twelve bytes.
        var state = additionalLength == 12
            ? GHash.Multiply(
                Ssse3.Shuffle(Vector128.Create(*(ulong*)additional, *(uint*)(additional + 8)).AsByte(), AesNi.Reversal).AsUInt64(),
                Vector128.Load((ulong*)(powers + (GHash.Powers - 1) * 16)))
            : AbsorbLong(powers, additional, additionalLength);
        var full = length & ~(Batch - 1);
        if (full > 0) state = ApplyBatches<TDirection>(powers, Rounds, first + Vector128.CreateScalar(1u), state, from, to, full);
        var counter = first + Vector128.CreateScalar(1u + (uint)full / 16);
        var lengths = Vector128.Create((ulong)length * 8, (ulong)additionalLength * 8);
        var tag = ApplyEnd<TDirection>(powers, Rounds, first, counter, state, lengths, from + full, to + full, length - full);
        GC.KeepAlive(Keys);
        return tag;
    }

    /// <summary>Encrypts or decrypts, and authenticates, eight blocks after eight blocks; the sum is reduced after every second eight.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<ulong> ApplyBatches<TDirection>(
        byte* powers, int rounds, Vector128<uint> counter, Vector128<ulong> state, byte* from, byte* to, int length)
        where TDirection : struct, IDirection
    {
        var reversal = Reversal;
        var low = Vector512<ulong>.Zero;
        var middle = Vector512<ulong>.Zero;
        var high = Vector512<ulong>.Zero;
        var carried = state.ToVector256().ToVector512();
        for (; length > 0; length -= Batch)
        {
            KeyStream(powers + GHash.TableLength, rounds, counter, counter + Vector128.CreateScalar(7u), out var one, out var two);
            counter += Vector128.CreateScalar(8u);
            var firstHalf = Vector512.Load(from);
            var secondHalf = Vector512.Load(from + 64);
            one ^= firstHalf;
            two ^= secondHalf;
            one.Store(to);
            two.Store(to + 64);
            if (TDirection.Opens)
            {
                one = firstHalf;
                two = secondHalf;
            }

            from += Batch;
            to += Batch;

            // Batches count down: an even number still to do means that this one stands before another, and meets the upper powers.
            var isEven = (length & Batch) == 0;
            var h = (ulong*)(powers + (isEven ? 0 : Batch));
            Multiply(Avx512BW.Shuffle(one, reversal).AsUInt64() ^ carried, Vector512.Load(h), ref low, ref middle, ref high);
            Multiply(Avx512BW.Shuffle(two, reversal).AsUInt64(), Vector512.Load(h + 8), ref low, ref middle, ref high);
            carried = Vector512<ulong>.Zero; // it belongs to the first block only
            if (isEven) continue;
            state = GHash.Reduce(GHash.Fold(low), GHash.Fold(middle), GHash.Fold(high));
            carried = state.ToVector256().ToVector512();
            low = middle = high = Vector512<ulong>.Zero;
        }

        return state;
    }

    /// <summary>Encrypts or decrypts, and authenticates, the last 0 to 127 bytes and the block of both lengths; the tag.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<byte> ApplyEnd<TDirection>(
        byte* powers, int rounds, Vector128<uint> first, Vector128<uint> counter, Vector128<ulong> state, Vector128<ulong> lengths, byte* from, byte* to, int length)
        where TDirection : struct, IDirection
    {
        // Of the eight blocks encrypted the last is free for the tag's mask, unless all eight are text.
        var keys = powers + GHash.TableLength;
        var blocks = (length + 15) >> 4;
        KeyStream(keys, rounds, counter, blocks == 8 ? counter + Vector128.CreateScalar(7u) : first, out var one, out var two);
        var mask = two.GetUpper().GetUpper();
        if (blocks == 8) mask = MaskOf(first, keys, rounds);

        var low = Vector512<ulong>.Zero;
        var middle = Vector512<ulong>.Zero;
        var high = Vector512<ulong>.Zero;
        if (blocks == 0) lengths ^= state;
        Multiply(lengths.ToVector256().ToVector512(), Vector512.Load((ulong*)powers + 2 * (GHash.Powers - 1)), ref low, ref middle, ref high);
        if (blocks > 0)
        {
            // Loads run past the powers where there are fewer than four blocks; they meet round keys there, multiplied by blocks of zeros.
            var h = (ulong*)powers + 2 * (GHash.Powers - 1 - blocks);
            var reversal = Reversal;
            var places = Places;
            var within = Vector512.LessThan(places, Vector512.Create((byte)length));
            var text = Avx512BW.MaskLoad(from, within, Vector512<byte>.Zero);
            one = (one ^ text) & within;
            Avx512BW.MaskStore(to, within, one);
            if (TDirection.Opens) one = text;
            Multiply(Avx512BW.Shuffle(one, reversal).AsUInt64() ^ state.ToVector256().ToVector512(), Vector512.Load(h), ref low, ref middle, ref high);
            if (blocks > 4)
            {
                within = Vector512.LessThan(places, Vector512.Create((byte)(length - 64)));
                text = Avx512BW.MaskLoad(from + 64, within, Vector512<byte>.Zero);
                two = (two ^ text) & within;
                Avx512BW.MaskStore(to + 64, within, two);
                if (TDirection.Opens) two = text;
                Multiply(Avx512BW.Shuffle(two, reversal).AsUInt64(), Vector512.Load(h + 8), ref low, ref middle, ref high);
            }
        }

        var hash = GHash.Reduce(GHash.Fold(low), GHash.Fold(middle), GHash.Fold(high));
        return Ssse3.Shuffle(hash.AsByte(), AesNi.Reversal) ^ mask;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<ulong> AbsorbLong(byte* powers, byte* associated, int length) =>
        GHash.Absorb(powers, Vector128<ulong>.Zero, associated, length, wide: true);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<byte> MaskOf(Vector128<uint> first, byte* keys, int rounds) =>
        AesNi.Encrypt(Ssse3.Shuffle(first.AsByte(), AesNi.Reversal), keys, rounds);

    // Properties, not fields: the compiler makes constants of them at once, whenever it compiles.
    private static Vector512<byte> Reversal
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var two = Vector256.Create(AesNi.Reversal, AesNi.Reversal);
            return Vector512.Create(two, two);
        }
    }

    private static Vector512<byte> Places
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            (byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
            32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63);
    }

    /// <summary>Multiplies four blocks with four powers and adds the products to a sum in three parts that overlap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(
        Vector512<ulong> blocks, Vector512<ulong> h, ref Vector512<ulong> low, ref Vector512<ulong> middle, ref Vector512<ulong> high)
    {
        low ^= Pclmulqdq.V512.CarrylessMultiply(blocks, h, 0x00);
        high ^= Pclmulqdq.V512.CarrylessMultiply(blocks, h, 0x11);
        middle ^= Pclmulqdq.V512.CarrylessMultiply(blocks, h, 0x01) ^ Pclmulqdq.V512.CarrylessMultiply(blocks, h, 0x10);
    }

    /// <summary>Encrypts seven counters in a row and one more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void KeyStream(
        byte* schedule, int rounds, Vector128<uint> counter, Vector128<uint> eighth, out Vector512<byte> one, out Vector512<byte> two)
    {
        var keys = (Vector128<byte>*)schedule;
        var step = Vector128.CreateScalar(1u);
        var reversal = AesNi.Reversal;
        var key = keys[0];
        var b0 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += step;
        var b1 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += step;
        var b2 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += step;
        var b3 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += step;
        var b4 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += step;
        var b5 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += step;
        var b6 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        var b7 = Ssse3.Shuffle(eighth.AsByte(), reversal) ^ key;
        for (var round = 1; round < rounds; round++)
        {
            key = keys[round];
            b0 = X86Aes.Encrypt(b0, key);
            b1 = X86Aes.Encrypt(b1, key);
            b2 = X86Aes.Encrypt(b2, key);
            b3 = X86Aes.Encrypt(b3, key);
            b4 = X86Aes.Encrypt(b4, key);
            b5 = X86Aes.Encrypt(b5, key);
            b6 = X86Aes.Encrypt(b6, key);
            b7 = X86Aes.Encrypt(b7, key);
        }

        key = keys[rounds];
        one = Vector512.Create(
            Vector256.Create(X86Aes.EncryptLast(b0, key), X86Aes.EncryptLast(b1, key)),
            Vector256.Create(X86Aes.EncryptLast(b2, key), X86Aes.EncryptLast(b3, key)));
        two = Vector512.Create(
            Vector256.Create(X86Aes.EncryptLast(b4, key), X86Aes.EncryptLast(b5, key)),
            Vector256.Create(X86Aes.EncryptLast(b6, key), X86Aes.EncryptLast(b7, key)));
    }
}
