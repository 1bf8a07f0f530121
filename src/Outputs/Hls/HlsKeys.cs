using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media.Containers.Cmaf;

namespace Sluice.Outputs.Hls;

/// <summary>
/// The keys of one packager's segments, a new one after each run of them (RFC 8216bis §4.4.4.4, AES-128 and SAMPLE-AES). All come of one secret that is drawn with the
/// packager and never leaves it, so that none has to be kept. Safe for any thread.
/// </summary>
/// <param name="segmentsPerKey">Segments with one key.</param>
/// <param name="encryptsSamples">Samples are encrypted where their format allows it; else, and otherwise, whole segments and parts.</param>
public sealed class HlsKeys(int segmentsPerKey, bool encryptsSamples = false)
{
    /// <summary>Bytes of a key, and of what goes before the first block.</summary>
    public const int Length = 16;

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly byte[] _vector = encryptsSamples ? RandomNumberGenerator.GetBytes(Length) : [];

    // Made once for all who ask; forgotten with the bytes it was made of.
    private readonly ConditionalWeakTable<object, Lazy<byte[]>> _sealed = new();

    // Of segments on the disk: made once for all who ask while somebody takes it or the collector has not come by, so that rewinding holds no memory for itself.
    private readonly ConditionalWeakTable<MediaSegment, WeakReference<Task<byte[]>>> _rewound = new();

    /// <summary>What encrypted samples begin with, in hex; empty where only whole segments are encrypted.</summary>
    public string Vector => Convert.ToHexStringLower(_vector);

    /// <summary>The number of the key that a segment has.</summary>
    public long NumberOf(long sequence) => sequence / segmentsPerKey;

    /// <summary>The key of a number.</summary>
    public byte[] KeyOf(long number)
    {
        Span<byte> text = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(text, number);
        return HMACSHA256.HashData(_secret, text)[..Length];
    }

    /// <summary>What is sent for a whole segment or a part: each is a resource of its own, padded to whole blocks, that begins with the segment's number.</summary>
    public byte[] Seal(long sequence, ReadOnlySpan<byte> plain)
    {
        Span<byte> before = stackalloc byte[Length];
        before.Clear();
        BinaryPrimitives.WriteInt64BigEndian(before[8..], sequence);
        using var cipher = Aes.Create();
        cipher.Key = KeyOf(NumberOf(sequence));
        return cipher.EncryptCbc(plain, before);
    }

    /// <summary>The same, made once while the owner of the bytes lives.</summary>
    public byte[] Seal(long sequence, object owner, ReadOnlyMemory<byte> plain)
    {
        if (_sealed.TryGetValue(owner, out var known)) return known.Value;
        return Once(owner, () => Seal(sequence, plain.Span));
    }

    /// <summary>What is sent for a segment of CMAF or text, or a part of it. Empty where it cannot be encrypted: then nothing is.</summary>
    public byte[] Seal(MediaSegment segment, ReadOnlySpan<byte> plain)
    {
        if (segment.Init is not { } init || !IsOfSamples(init)) return Seal(segment.Sequence, plain);
        return CmafMovie.TryParse(init.Bytes.Span, out var movie) && CmafProtection.TryProtect(plain, movie, KeyOf(NumberOf(segment.Sequence)), _vector, out var bytes) ? bytes : [];
    }

    /// <summary>The same, made once while the owner of the bytes lives.</summary>
    public byte[] Seal(MediaSegment segment, object owner, ReadOnlyMemory<byte> plain)
    {
        if (_sealed.TryGetValue(owner, out var known)) return known.Value;
        return Once(owner, () => Seal(segment, plain.Span));
    }

    /// <summary>The same of a segment that lies on the disk. Fails as reading the file does.</summary>
    public Task<byte[]> SealAsync(MediaSegment segment, string path)
    {
        var known = _rewound.GetValue(segment, _ => new WeakReference<Task<byte[]>>(null!));
        lock (known)
        {
            if (known.TryGetTarget(out var task) && !task.IsFaulted) return task;
            task = Task.Run(async () => Seal(segment, await File.ReadAllBytesAsync(path)));
            known.SetTarget(task);
            return task;
        }
    }

    /// <summary>What is sent for an initialization section: it says how samples are encrypted, and is plain where whole segments are.</summary>
    public ReadOnlyMemory<byte> Describe(MediaInit init)
    {
        if (!IsOfSamples(init)) return init.Bytes;
        return Once(init, () => CmafProtection.TryProtectInit(init.Bytes.Span, _vector, out var bytes) ? bytes : []);
    }

    // A crowd that waited for a part asks at once.
    private byte[] Once(object owner, Func<byte[]> make) => _sealed.GetValue(owner, _ => new Lazy<byte[]>(make)).Value;

    private bool IsOfSamples(MediaInit init) => encryptsSamples && CmafProtection.CanProtect(init.Format);
}
