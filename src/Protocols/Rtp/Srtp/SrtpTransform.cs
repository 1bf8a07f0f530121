using System.Buffers.Binary;

namespace Sluice.Protocols.Rtp.Srtp;

/// <summary>
/// The cryptography of one direction under its session keys: knows packet layouts, but no streams and no replays. This is the seam
/// between profiles; the seam between machines lies below it, in <see cref="AesGcmCipher"/>, <see cref="AesCounterCipher"/> and
/// <see cref="HmacSha1"/>.
/// </summary>
internal abstract class SrtpTransform : IDisposable
{
    /// <summary>What stays readable of RTCP: the first header and the sender's SSRC.</summary>
    public const int RtcpHeaderLength = 8;

    /// <summary>The E bit in the word that carries the SRTCP index.</summary>
    public const uint RtcpEncryptedFlag = 0x8000_0000;

    /// <summary>The paths this machine has, the fastest last.</summary>
    public static readonly CryptoPath[] SupportedPaths = FindPaths();

    /// <summary>The fastest path this machine has.</summary>
    public static CryptoPath Best => SupportedPaths[^1];

    public static SrtpTransform Create(SrtpKeys keys, CryptoPath path) => keys.Profile == SrtpProfile.Aes128CmSha1_80
        ? new CounterModeTransform(keys, path)
        : new GcmTransform(keys, path);

    /// <summary>
    /// Encrypts <paramref name="payload"/> into the packet behind the header, and adds the tag at the packet's end, or leaves it to the batch. A packet for a
    /// batch lies in memory that does not move.
    /// </summary>
    public abstract void SealRtp(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, ulong index, SrtpBatch? batch = null);

    /// <summary>Brings what <see cref="SealRtp"/> reads into the cache.</summary>
    public abstract void Prefetch();

    /// <summary>Checks the tag at the packet's end and decrypts in place.</summary>
    public abstract bool TryOpenRtp(Span<byte> packet, int headerLength, ulong index);

    /// <summary>Encrypts in place; the packet's span ends with the room for index word and tag.</summary>
    public abstract void SealRtcp(Span<byte> packet, int length, uint index);

    /// <summary>Checks the tag and decrypts in place.</summary>
    public abstract bool TryOpenRtcp(Span<byte> packet, uint index);

    /// <summary>The E bit and index of an SRTCP packet that is long enough for them.</summary>
    public abstract uint ReadRtcpIndex(ReadOnlySpan<byte> packet);

    public abstract void Dispose();

    protected static uint SsrcOfRtp(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);

    protected static uint SsrcOfRtcp(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);

    private static CryptoPath[] FindPaths()
    {
        var vector = AesNi.IsSupported && GHash.IsSupported128;
        List<CryptoPath> paths = [CryptoPath.Portable];
        if (LibCrypto.IsAvailable) paths.Add(CryptoPath.OpenSsl);
        if (vector) paths.Add(CryptoPath.Vector128);
        if (vector && GHash.IsSupported512) paths.Add(CryptoPath.Vector512);
        return [.. paths];
    }
}
