using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// AES-GCM on <see cref="AesNi"/> and <see cref="GHash"/>. Two passes over the text, which stays in the first-level cache: a packet is
/// small. Costs a quarter of a call into .NET's <see cref="AesGcm"/>, most of which goes into crossing layers.
/// </summary>
internal unsafe class AesGcmIntrinsics : AesGcmCipher
{
    private readonly KeyMemory _keys = new(GHash.TableLength + AesNi.ScheduleLength); // the powers of H, then the round keys
    private readonly int _rounds;
    private readonly bool _wide;

    public AesGcmIntrinsics(ReadOnlySpan<byte> key, bool wide)
    {
        _wide = wide;
        _rounds = AesNi.Expand(key, RoundKeys);
        GHash.BuildTable(AesNi.Encrypt(Vector128<byte>.Zero, RoundKeys, _rounds), Powers);
    }

    protected KeyMemory Keys => _keys;

    protected int Rounds => _rounds;

    protected byte* Powers => _keys.Pointer;

    protected byte* RoundKeys => _keys.Pointer + GHash.TableLength;

    public override void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> source, Span<byte> destination, Span<byte> tag)
    {
        if (destination.Length != source.Length) throw new ArgumentException("Lengths differ.", nameof(destination));
        var counter = FirstCounter(new GcmNonce(nonce));
        fixed (byte* additional = associated)
        fixed (byte* from = source)
        fixed (byte* to = destination)
        {
            AesNi.ApplyCounterMode(RoundKeys, _rounds, counter + Vector128.CreateScalar(1u), from, to, source.Length);
            Tag(counter, additional, associated.Length, to, source.Length).CopyTo(tag);
        }

        GC.KeepAlive(_keys);
    }

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> text, ReadOnlySpan<byte> tag)
    {
        var counter = FirstCounter(new GcmNonce(nonce));
        bool authentic;
        fixed (byte* additional = associated)
        fixed (byte* bytes = text)
        {
            var expected = Tag(counter, additional, associated.Length, bytes, text.Length);
            authentic = IsTag(expected, tag);
            if (authentic) AesNi.ApplyCounterMode(RoundKeys, _rounds, counter + Vector128.CreateScalar(1u), bytes, bytes, text.Length);
        }

        GC.KeepAlive(_keys);
        return authentic;
    }

    public override void Prefetch() => _keys.Prefetch();

    public override void Dispose() => _keys.Dispose();

    private Vector128<byte> Tag(Vector128<uint> counter, byte* associated, int associatedLength, byte* text, int textLength)
    {
        var table = Powers;
        var mask = AesNi.Encrypt(Ssse3.Shuffle(counter.AsByte(), AesNi.Reversal), RoundKeys, _rounds);
        var state = GHash.Absorb(table, Vector128<ulong>.Zero, associated, associatedLength, _wide);
        state = GHash.Absorb(table, state, text, textLength, _wide);
        return GHash.Finish(table, state, associatedLength, textLength) ^ mask;
    }

    /// <summary>The nonce and a block counter of 1, reversed (NIST SP 800-38D §7.1, J0). The text's own blocks start at 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static Vector128<uint> FirstCounter(in GcmNonce nonce) => Vector128.Create(1u | (ulong)nonce.Lower << 32, nonce.Upper).AsUInt32();

    /// <summary>Compares in a time that does not depend on the bytes: all sixteen by one instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static bool IsTag(Vector128<byte> expected, ReadOnlySpan<byte> tag) => tag.Length == TagLength && expected == Vector128.Create(tag);
}
