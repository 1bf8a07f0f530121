using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// AES encryption with the processor's AES instructions (AES-NI). One instruction does one round of one 16-byte block; it takes some four
/// cycles, but a new one can start every half cycle. So eight blocks are worked on at once: counter mode allows that, as its blocks do
/// not depend on each other.
/// </summary>
internal static unsafe class AesNi
{
    /// <summary>Room for the round keys of AES-256.</summary>
    public const int ScheduleLength = 15 * 16;

    private const int Batch = 8 * 16;

    public static bool IsSupported => X86Aes.IsSupported && Ssse3.IsSupported;

    /// <summary>Turns the bytes of a block round: the instructions count from the other end than the standard does.</summary>
    public static Vector128<byte> Reversal => Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);

    /// <summary>Expands a key of 16 or 32 bytes; returns the number of rounds (FIPS 197 §5.2).</summary>
    public static int Expand(ReadOnlySpan<byte> key, byte* schedule)
    {
        fixed (byte* first = key)
        {
            var keys = (Vector128<byte>*)schedule;
            return key.Length switch
            {
                16 => Expand128(first, keys),
                32 => Expand256(first, keys),
                _ => throw new ArgumentException("AES keys have 16 or 32 bytes here.", nameof(key)),
            };
        }
    }

    /// <summary>Encrypts one block.</summary>
    public static Vector128<byte> Encrypt(Vector128<byte> block, byte* schedule, int rounds)
    {
        var keys = (Vector128<byte>*)schedule;
        block ^= keys[0];
        for (var round = 1; round < rounds; round++) block = X86Aes.Encrypt(block, keys[round]);
        return X86Aes.EncryptLast(block, keys[rounds]);
    }

    /// <summary>
    /// Adds the key stream to the text. The counter is given reversed, so that its last four bytes are the lowest 32-bit lane and plain
    /// addition counts blocks.
    /// </summary>
    [SkipLocalsInit]
    public static void ApplyCounterMode(byte* schedule, int rounds, Vector128<uint> counter, byte* source, byte* destination, int length)
    {
        for (; length >= Batch; length -= Batch)
        {
            ApplyToEightBlocks(schedule, rounds, counter, source, destination);
            counter += Vector128.CreateScalar(8u);
            source += Batch;
            destination += Batch;
        }

        if (length == 0) return;

        // The rest goes through a whole batch of scratch: eight blocks at once take hardly longer than one.
        var scratch = stackalloc byte[Batch];
        Unsafe.CopyBlockUnaligned(scratch, source, (uint)length);
        ApplyToEightBlocks(schedule, rounds, counter, scratch, scratch);
        Unsafe.CopyBlockUnaligned(destination, scratch, (uint)length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ApplyToEightBlocks(byte* schedule, int rounds, Vector128<uint> counter, byte* source, byte* destination)
    {
        var keys = (Vector128<byte>*)schedule;
        var one = Vector128.CreateScalar(1u);
        var reversal = Reversal;
        var key = keys[0];
        var b0 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += one;
        var b1 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += one;
        var b2 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += one;
        var b3 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += one;
        var b4 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += one;
        var b5 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += one;
        var b6 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;
        counter += one;
        var b7 = Ssse3.Shuffle(counter.AsByte(), reversal) ^ key;

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
        (X86Aes.EncryptLast(b0, key) ^ Vector128.Load(source)).Store(destination);
        (X86Aes.EncryptLast(b1, key) ^ Vector128.Load(source + 16)).Store(destination + 16);
        (X86Aes.EncryptLast(b2, key) ^ Vector128.Load(source + 32)).Store(destination + 32);
        (X86Aes.EncryptLast(b3, key) ^ Vector128.Load(source + 48)).Store(destination + 48);
        (X86Aes.EncryptLast(b4, key) ^ Vector128.Load(source + 64)).Store(destination + 64);
        (X86Aes.EncryptLast(b5, key) ^ Vector128.Load(source + 80)).Store(destination + 80);
        (X86Aes.EncryptLast(b6, key) ^ Vector128.Load(source + 96)).Store(destination + 96);
        (X86Aes.EncryptLast(b7, key) ^ Vector128.Load(source + 112)).Store(destination + 112);
    }

    private static int Expand128(byte* key, Vector128<byte>* keys)
    {
        // KeygenAssist wants its round constant at compile time, so there is no loop.
        keys[0] = Vector128.Load(key);
        keys[1] = NextFromHigh(keys[0], X86Aes.KeygenAssist(keys[0], 0x01));
        keys[2] = NextFromHigh(keys[1], X86Aes.KeygenAssist(keys[1], 0x02));
        keys[3] = NextFromHigh(keys[2], X86Aes.KeygenAssist(keys[2], 0x04));
        keys[4] = NextFromHigh(keys[3], X86Aes.KeygenAssist(keys[3], 0x08));
        keys[5] = NextFromHigh(keys[4], X86Aes.KeygenAssist(keys[4], 0x10));
        keys[6] = NextFromHigh(keys[5], X86Aes.KeygenAssist(keys[5], 0x20));
        keys[7] = NextFromHigh(keys[6], X86Aes.KeygenAssist(keys[6], 0x40));
        keys[8] = NextFromHigh(keys[7], X86Aes.KeygenAssist(keys[7], 0x80));
        keys[9] = NextFromHigh(keys[8], X86Aes.KeygenAssist(keys[8], 0x1b));
        keys[10] = NextFromHigh(keys[9], X86Aes.KeygenAssist(keys[9], 0x36));
        return 10;
    }

    private static int Expand256(byte* key, Vector128<byte>* keys)
    {
        keys[0] = Vector128.Load(key);
        keys[1] = Vector128.Load(key + 16);
        keys[2] = NextFromHigh(keys[0], X86Aes.KeygenAssist(keys[1], 0x01));
        keys[3] = NextFromSecond(keys[1], X86Aes.KeygenAssist(keys[2], 0));
        keys[4] = NextFromHigh(keys[2], X86Aes.KeygenAssist(keys[3], 0x02));
        keys[5] = NextFromSecond(keys[3], X86Aes.KeygenAssist(keys[4], 0));
        keys[6] = NextFromHigh(keys[4], X86Aes.KeygenAssist(keys[5], 0x04));
        keys[7] = NextFromSecond(keys[5], X86Aes.KeygenAssist(keys[6], 0));
        keys[8] = NextFromHigh(keys[6], X86Aes.KeygenAssist(keys[7], 0x08));
        keys[9] = NextFromSecond(keys[7], X86Aes.KeygenAssist(keys[8], 0));
        keys[10] = NextFromHigh(keys[8], X86Aes.KeygenAssist(keys[9], 0x10));
        keys[11] = NextFromSecond(keys[9], X86Aes.KeygenAssist(keys[10], 0));
        keys[12] = NextFromHigh(keys[10], X86Aes.KeygenAssist(keys[11], 0x20));
        keys[13] = NextFromSecond(keys[11], X86Aes.KeygenAssist(keys[12], 0));
        keys[14] = NextFromHigh(keys[12], X86Aes.KeygenAssist(keys[13], 0x40));
        return 14;
    }

    /// <summary>The next round key where the assist's last word is the rotated and substituted one.</summary>
    private static Vector128<byte> NextFromHigh(Vector128<byte> previous, Vector128<byte> assist) =>
        Accumulate(previous) ^ Sse2.Shuffle(assist.AsInt32(), 0xff).AsByte();

    /// <summary>The next round key where the third word is the substituted one (every second key of AES-256).</summary>
    private static Vector128<byte> NextFromSecond(Vector128<byte> previous, Vector128<byte> assist) =>
        Accumulate(previous) ^ Sse2.Shuffle(assist.AsInt32(), 0xaa).AsByte();

    /// <summary>Each of the four words becomes the sum of itself and those before it.</summary>
    private static Vector128<byte> Accumulate(Vector128<byte> words)
    {
        words ^= Sse2.ShiftLeftLogical128BitLane(words, 4);
        return words ^ Sse2.ShiftLeftLogical128BitLane(words, 8);
    }
}
