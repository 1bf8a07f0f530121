using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>AES counter mode on <see cref="AesNi"/>.</summary>
internal sealed unsafe class AesCounterIntrinsics : AesCounterCipher
{
    private readonly KeyMemory _keys = new(AesNi.ScheduleLength);
    private readonly int _rounds;

    public AesCounterIntrinsics(ReadOnlySpan<byte> key) => _rounds = AesNi.Expand(key, _keys.Pointer);

    public override void Apply(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < source.Length) throw new ArgumentException("Too short.", nameof(destination));
        var reversed = Ssse3.Shuffle(Vector128.Create(counter), AesNi.Reversal).AsUInt32();
        fixed (byte* from = source)
        fixed (byte* to = destination)
        {
            AesNi.ApplyCounterMode(_keys.Pointer, _rounds, reversed, from, to, source.Length);
        }

        GC.KeepAlive(_keys);
    }

    public override void Prefetch() => _keys.Prefetch();

    public override void Dispose() => _keys.Dispose();
}
