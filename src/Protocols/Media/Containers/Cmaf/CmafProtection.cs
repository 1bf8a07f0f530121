using System.Diagnostics.CodeAnalysis;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>
/// Makes encrypted CMAF of plain CMAF of one track: Common Encryption in the scheme <c>cbcs</c> (ISO/IEC 23001-7 §10.4), as HLS names SAMPLE-AES. Boxes stay
/// readable and samples keep their sizes. One vector serves all samples and stands in the initialization section; the key's number is all zeros, as where the
/// playlist names the key. Of pictures one block in ten is encrypted, of sound all whole blocks.
/// </summary>
public static class CmafProtection
{
    /// <summary>Bytes of a key, of the vector, and of a block.</summary>
    public const int KeyLength = 16;

    /// <summary>
    /// Samples of a format can be encrypted: H.264, H.265, AAC, Opus. Of AV1 and VP9 headers would have to stay readable that nothing here finds the ends of.
    /// </summary>
    public static bool CanProtect(FrameFormat format) =>
        format.Codec is Codec.H264 or Codec.H265 or Codec.Aac or Codec.Opus && SampleEntry.IsSupported(format);

    /// <summary>Makes the initialization section of encrypted segments. False where the plain one is damaged.</summary>
    /// <param name="init">The plain one.</param>
    /// <param name="vector">What all samples begin with, 16 bytes.</param>
    /// <param name="bytes">The one to send.</param>
    public static bool TryProtectInit(ReadOnlySpan<byte> init, ReadOnlySpan<byte> vector, [NotNullWhen(true)] out byte[]? bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, KeyLength);
        var boxes = new BoxBuilder(init.Length + 256);
        bytes = ProtectionBoxes.TryWriteInit(boxes, init, vector) ? boxes.Written.ToArray() : null;
        return bytes is not null;
    }

    /// <summary>
    /// Encrypts all samples of whole chunks, one behind the other. False where they are damaged, of several tracks, have samples outside their own <c>mdat</c>, or
    /// have more to say of a sample than <c>saiz</c> can.
    /// </summary>
    /// <param name="chunks">A segment or a part; not changed.</param>
    /// <param name="movie">The movie of the plain initialization section: one track that <see cref="CanProtect"/>.</param>
    /// <param name="key">The key, 16 bytes.</param>
    /// <param name="vector">The vector that the initialization section names, 16 bytes.</param>
    /// <param name="bytes">What to send.</param>
    public static bool TryProtect(ReadOnlySpan<byte> chunks, CmafMovie movie, ReadOnlySpan<byte> key, ReadOnlySpan<byte> vector, [NotNullWhen(true)] out byte[]? bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength);
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, KeyLength);
        bytes = null;
        if (movie.Tracks.Count != 1 || !CanProtect(movie.Tracks[0].Format)) return false;
        using var samples = new SampleProtection(movie.Tracks[0].Format, key, vector);
        var output = new BoxBuilder(chunks.Length + chunks.Length / 16 + 1024);
        var reader = new CmafChunkReader(chunks);
        var read = 0;
        while (reader.TryRead(out var chunk))
        {
            if (!TryProtectChunk(output, chunk, movie, samples)) return false;
            read += chunk.Length;
        }

        if (read != chunks.Length) return false;
        bytes = output.Written.ToArray();
        return true;
    }

    private static bool TryProtectChunk(BoxBuilder output, ReadOnlySpan<byte> chunk, CmafMovie movie, SampleProtection protection)
    {
        var boxes = new BoxReader(chunk);
        Box moof = default, mdat;
        var moofEnd = 0;
        do
        {
            if (!boxes.TryRead(out mdat)) return false;
            if (mdat.Type != BoxType.Moof) continue;
            if (moofEnd > 0) return false;
            moof = mdat;
            moofEnd = boxes.Position;
        }
        while (mdat.Type != BoxType.Mdat);

        if (moofEnd == 0) return false;
        var at = boxes.Position - mdat.Payload.Length;
        Span<long> times = stackalloc long[CmafInit.MaxTracks];
        times.Clear();
        var samples = new FragmentReader(moof.Payload, moof.Offset, movie, times);
        var work = chunk.ToArray();
        protection.Clear();
        while (samples.TryRead(out var sample))
        {
            // One behind the other, so that none is encrypted twice.
            if (sample.Offset < at || sample.Offset > work.Length - sample.Size) return false;
            at = (int)sample.Offset + sample.Size;
            if (!protection.TryProtect(work.AsSpan((int)sample.Offset, sample.Size))) return false;
        }

        // A chunk without samples has some of a track that is not known, or is of no use.
        if (samples.Malformed || protection.Samples == 0) return false;
        output.Bytes(work.AsSpan(0, moof.Offset));
        if (!ProtectionBoxes.TryWriteMoof(output, moof.Payload, moofEnd - moof.Offset, protection)) return false;
        output.Bytes(work.AsSpan(moofEnd));
        return true;
    }
}
