using System.Security.Cryptography;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>A run of bytes that are as they were, and one behind it that is protected (ISO/IEC 23001-7 §9.5).</summary>
/// <param name="Clear">Bytes as they were.</param>
/// <param name="Protected">Bytes of which the pattern's are encrypted.</param>
internal readonly record struct ProtectedRange(ushort Clear, uint Protected);

/// <summary>
/// Encrypts the samples of one track in place and notes what it did. Pictures: one block in ten of every slice, from the first whole byte behind its header on
/// (ISO/IEC 23001-7 §10.4); other units stay. Sound: all whole blocks. Every range and every sound begins with the vector anew.
/// </summary>
internal sealed class SampleProtection : IDisposable
{
    /// <summary>Blocks of a slice that are encrypted, in turn with <see cref="SkipBlocks"/>.</summary>
    public const int CryptBlocks = 1;

    /// <summary>Blocks behind them that stay.</summary>
    public const int SkipBlocks = 9;

    /// <summary>
    /// Bytes that stay at the front of a slice whose header cannot be measured. Who reads what is said decodes it; who measures for himself, as players of Apple do,
    /// would fail all the same.
    /// </summary>
    public const int UnmeasuredFront = 96;

    // An entry of saiz is one byte: a count of two bytes and ranges of six. The rest is for what stays between and behind.
    private const int MostRanges = (byte.MaxValue - sizeof(ushort)) / RangeLength;
    private const int MostProtected = 30;
    private const int RangeLength = sizeof(ushort) + sizeof(uint);
    private const int BlockLength = CmafProtection.KeyLength;

    private readonly SliceHeaders? _headers;
    private readonly byte[] _vector;
    private readonly Aes _cipher = Aes.Create();
    private readonly List<ProtectedRange> _ranges = [];
    private readonly List<int> _counts = [];
    private byte[] _blocks = new byte[1024];

    public SampleProtection(FrameFormat format, ReadOnlySpan<byte> key, ReadOnlySpan<byte> vector)
    {
        _headers = format.Codec switch
        {
            Codec.H264 => new H264SliceHeaders(format.Configuration),
            Codec.H265 => new H265SliceHeaders(format.Configuration),
            _ => null,
        };
        _vector = vector.ToArray();
        _cipher.SetKey(key);
    }

    /// <summary>Samples are protected in ranges; else each as a whole, and nothing is said of it.</summary>
    public bool HasRanges => _headers is not null;

    /// <summary>Samples since <see cref="Clear"/>.</summary>
    public int Samples => _counts.Count;

    /// <summary>Bytes of what <c>senc</c> says of a sample.</summary>
    public int DescriptionLength(int sample) => sizeof(ushort) + _counts[sample] * RangeLength;

    /// <summary>Forgets what was done.</summary>
    public void Clear()
    {
        _ranges.Clear();
        _counts.Clear();
    }

    /// <summary>Encrypts a sample. False where there is more to say of it than can be said.</summary>
    public bool TryProtect(Span<byte> sample)
    {
        var first = _ranges.Count;
        if (_headers is not null) ProtectSlices(sample, _headers);
        else EncryptRow(sample[..(sample.Length / BlockLength * BlockLength)]);
        _counts.Add(_ranges.Count - first);
        return _ranges.Count - first <= MostRanges;
    }

    /// <summary>Writes what <c>senc</c> says of all samples.</summary>
    public void WriteDescriptions(BoxBuilder boxes)
    {
        var at = 0;
        foreach (var count in _counts)
        {
            boxes.U16(count);
            for (var end = at + count; at < end; at++)
            {
                boxes.U16(_ranges[at].Clear);
                boxes.U32(_ranges[at].Protected);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _cipher.Dispose();

    private void ProtectSlices(Span<byte> sample, SliceHeaders headers)
    {
        var units = new LengthPrefixedReader(sample, sizeof(uint));
        var done = 0;
        var slices = 0;
        while (units.TryRead(out var unit))
        {
            if (slices == MostProtected || !headers.IsSlice(unit)) continue;
            if (!headers.TryMeasure(unit, out var front)) front = UnmeasuredFront;
            if (unit.Length < front + BlockLength) continue;
            ((ReadOnlySpan<byte>)sample).Overlaps(unit, out var at);
            var end = at + unit.Length;
            at += front;
            AddRange(at - done, end - at);
            EncryptPattern(sample[at..end]);
            done = end;
            slices++;
        }

        if (done < sample.Length) AddRange(sample.Length - done, 0);
    }

    private void AddRange(int clear, int protects)
    {
        for (; clear > ushort.MaxValue; clear -= ushort.MaxValue) _ranges.Add(new ProtectedRange(ushort.MaxValue, 0));
        _ranges.Add(new ProtectedRange((ushort)clear, (uint)protects));
    }

    // The blocks of the pattern are one chain. The last bytes, less than a block, stay.
    private void EncryptPattern(Span<byte> range)
    {
        const int stride = (CryptBlocks + SkipBlocks) * BlockLength;
        var count = (range.Length - BlockLength) / stride + 1;
        if (_blocks.Length < count * BlockLength) _blocks = new byte[Math.Max(_blocks.Length * 2, count * BlockLength)];
        var row = _blocks.AsSpan(0, count * BlockLength);
        for (var i = 0; i < count; i++) range.Slice(i * stride, BlockLength).CopyTo(row[(i * BlockLength)..]);
        EncryptRow(row);
        for (var i = 0; i < count; i++) row.Slice(i * BlockLength, BlockLength).CopyTo(range[(i * stride)..]);
    }

    private void EncryptRow(Span<byte> row)
    {
        if (!row.IsEmpty) _cipher.EncryptCbc(row, _vector, row, PaddingMode.None);
    }
}
