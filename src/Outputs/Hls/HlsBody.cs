using System.IO.Compression;

namespace Sluice.Outputs.Hls;

/// <summary>How a playlist travels.</summary>
public enum HlsEncoding
{
    Identity = 0,
    Gzip,
    Brotli,
}

/// <summary>A playlist as it is sent: made once, shared by all who get it, never changed.</summary>
/// <param name="Bytes">What is sent.</param>
/// <param name="ETag">Its strong entity tag.</param>
/// <param name="Version">Which version of the playlist it is.</param>
public sealed record HlsBody(byte[] Bytes, string ETag, long Version)
{
    /// <summary>Whole answers with it, as the host frames them; filled by the host.</summary>
    public byte[]?[] Messages { get; } = new byte[]?[4];


    internal static byte[] Encode(ReadOnlySpan<byte> plain, HlsEncoding encoding)
    {
        if (encoding == HlsEncoding.Identity) return plain.ToArray();
        var output = new MemoryStream(plain.Length / 3 + 64);
        using (Stream packer = encoding == HlsEncoding.Gzip
            ? new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true)
            : new BrotliStream(output, new BrotliCompressionOptions { Quality = 4 }, leaveOpen: true))
        {
            packer.Write(plain);
        }

        return output.ToArray();
    }
}
