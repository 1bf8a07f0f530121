using BenchmarkDotNet.Attributes;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Testing;

namespace Sluice.Bench.Micro.Stages;

/// <summary>Who does the arithmetic; the values are those of the room's own enum, which is not public.</summary>
public enum Arithmetic : byte
{
    /// <summary>.NET's own classes.</summary>
    Portable = CryptoPath.Portable,

    /// <summary>OpenSSL, called directly.</summary>
    OpenSsl = CryptoPath.OpenSsl,

    /// <summary>Our own intrinsics, 128 bits at a time.</summary>
    Vector128 = CryptoPath.Vector128,

    /// <summary>Our own intrinsics, 512 bits at a time.</summary>
    Vector512 = CryptoPath.Vector512,
}

/// <summary>One RTP packet's encryption and authentication.</summary>
public class SrtpBenchmarks
{
    private const int Header = RtpPacketView.FixedHeaderLength;

    private SrtpSender _sender = null!;
    private SrtpTransform _opening = null!;
    private byte[] _payload = null!;
    private byte[] _packet = null!;
    private byte[] _sealed = null!;
    private byte[] _opened = null!;

    public static IEnumerable<Arithmetic> Paths => SrtpTransform.SupportedPaths.Select(static path => (Arithmetic)path);

    [Params(SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm, SrtpProfile.Aes128CmSha1_80)]
    public SrtpProfile Profile { get; set; }

    [ParamsSource(nameof(Paths))]
    public Arithmetic Path { get; set; }

    /// <summary>Bytes of payload.</summary>
    [Params(20, 100, 600, 1200)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        using var keys = NewKeys(Profile);
        _sender = new SrtpSender(keys, (CryptoPath)Path);
        _opening = SrtpTransform.Create(keys, (CryptoPath)Path);
        _payload = new byte[Size];
        new SeededRandom(1).Fill(_payload);
        _packet = new byte[Header + Size + SrtpProfiles.MaxRtpOverhead];
        RtpHeaderWriter.Begin(_packet, new PayloadType(96), false, 1, 1, new Ssrc(1)).Complete();
        _sealed = _packet[..Protect()];
        _opened = new byte[_sealed.Length];
        if (Unprotect() != 1 || !_opened.AsSpan(Header, Size).SequenceEqual(_payload)) throw new InvalidOperationException("What was protected cannot be opened.");
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _sender.Dispose();
        _opening.Dispose();
    }

    /// <summary>The payload is encrypted from where it lies into the send buffer.</summary>
    [Benchmark, PerPacket]
    public int Protect() => _sender.ProtectRtp(_packet, Header, _payload, 0);

    /// <summary>Without the replay window, which would refuse the same packet; the copy that makes it protected again is in it.</summary>
    [Benchmark, PerPacket]
    public int Unprotect()
    {
        _sealed.CopyTo(_opened.AsSpan());
        return _opening.TryOpenRtp(_opened, Header, 1) ? 1 : 0;
    }

    internal static SrtpKeys NewKeys(SrtpProfile profile)
    {
        var secret = new byte[profile.KeyLength() + profile.SaltLength()];
        new SeededRandom(2).Fill(secret);
        return new SrtpKeys(profile, secret.AsSpan(0, profile.KeyLength()), secret.AsSpan(profile.KeyLength()));
    }
}

/// <summary>Both ends of a session, on the fastest path there is.</summary>
public class SrtpSessionBenchmarks
{
    private const int Header = RtpPacketView.FixedHeaderLength;
    private const int RtcpLength = 60;

    private readonly byte[] _packet = new byte[Header + 1200 + SrtpProfiles.MaxRtpOverhead];
    private readonly byte[] _report = new byte[RtcpLength + SrtpProfiles.MaxRtcpOverhead];
    private SrtpKeys _keys = null!;
    private SrtpSender _sender = null!;
    private SrtpReceiver _receiver = null!;
    private uint _index;

    [Params(SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmSha1_80)]
    public SrtpProfile Profile { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _keys = SrtpBenchmarks.NewKeys(Profile);
        _sender = new SrtpSender(_keys);
        _receiver = new SrtpReceiver(_keys);
        _report[0] = 0x80;
        _report[1] = 201;
        if (MediaThereAndBack() != Header + 1200 || ReportThereAndBack() != RtcpLength) throw new InvalidOperationException("What was protected cannot be opened.");
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _sender.Dispose();
        _receiver.Dispose();
        _keys.Dispose();
    }

    /// <summary>1200 bytes of payload protected and unprotected, replay window and all.</summary>
    [Benchmark, PerPacket]
    public int MediaThereAndBack()
    {
        _index++;
        RtpHeaderWriter.Begin(_packet, new PayloadType(96), false, (ushort)_index, _index, new Ssrc(1)).Complete();
        var length = _sender.ProtectRtp(_packet, Header, _packet.AsSpan(Header, 1200), _index >> 16);
        _receiver.UnprotectRtp(_packet.AsSpan(0, length), out var plain);
        return plain;
    }

    /// <summary>A report of 60 bytes protected and unprotected.</summary>
    [Benchmark, PerPacket]
    public int ReportThereAndBack()
    {
        // 2^31 reports would use the keys up; a benchmark is not that patient.
        var length = _sender.ProtectRtcp(_report, RtcpLength);
        _receiver.UnprotectRtcp(_report.AsSpan(0, length), out var plain);
        return plain;
    }
}
