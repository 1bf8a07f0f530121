using BenchmarkDotNet.Attributes;
using Sluice.Bench.Micro.Stands;
using Sluice.Outputs.Whep;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Bench.Micro.Stages;

/// <summary>Reading and writing RTP headers and what payloads say outside.</summary>
public class RtpBenchmarks
{
    private const int TransportSequenceId = 3;

    private readonly byte[] _packet = new byte[1500];
    private readonly byte[] _written = new byte[64];
    private readonly byte[] _normalised = [(byte)HeaderExtensionKind.VideoOrientation, 1, 1, (byte)HeaderExtensionKind.PlayoutDelay, 3, 0, 0, 0];
    private readonly byte[][] _payloads = MediaPackets.H264Frame(isKey: false);
    private readonly byte[][] _keyPayloads = MediaPackets.H264Frame(isKey: true);
    private readonly HeaderExtensionMap _map = new();
    private readonly PictureIdRewriter _rewriter = new();
    private readonly byte[] _vp8 = [0x90, 0xe0, 0x80, 0x11, 0x22, 0x00, 0x01, 0x00, 0x00, 0x00];
    private OutgoingHeaders _headers = null!;
    private int _length;
    private ushort _sequence;

    [GlobalSetup]
    public void Setup()
    {
        _map.Add(TransportSequenceId, HeaderExtensionKind.TransportSequence);
        _map.Add(4, HeaderExtensionKind.Mid);
        var writer = RtpHeaderWriter.Begin(_packet, new PayloadType(96), true, 1, 1, new Ssrc(1));
        writer.AddExtension(4, "1"u8);
        writer.AddExtension(TransportSequenceId, [1, 2]);
        var header = writer.Complete();
        _payloads[0].CopyTo(_packet, header);
        _length = header + _payloads[0].Length;
        _headers = new OutgoingHeaders(new NegotiatedMedia
        {
            Index = 0,
            Mid = "1",
            Kind = MediaKind.Video,
            Direction = Protocols.Rtp.Sdp.SdpDirection.SendOnly,
            Payloads = [],
            Extensions = [new(4, HeaderExtensionKind.Mid), new(5, HeaderExtensionKind.VideoOrientation), new(6, HeaderExtensionKind.PlayoutDelay)],
        });
        if (Parse() <= 0 || OutgoingExtensions() <= 4 || FindExtension() != 2) throw new InvalidOperationException("The packet is not what it should be.");
    }

    /// <summary>A packet with two header extensions.</summary>
    [Benchmark, PerPacket]
    public int Parse() => RtpPacketView.TryParse(_packet.AsSpan(0, _length), out var view) ? view.Payload.Length + view.SequenceNumber : -1;

    /// <summary>The second of two header extensions, by its kind.</summary>
    [Benchmark, PerPacket]
    public int FindExtension() =>
        RtpPacketView.TryParse(_packet.AsSpan(0, _length), out var view) && _map.TryGet(view, HeaderExtensionKind.TransportSequence, out var data) ? data.Length : -1;

    /// <summary>A header with two extensions.</summary>
    [Benchmark, PerPacket]
    public int WriteHeader()
    {
        var writer = RtpHeaderWriter.Begin(_written, new PayloadType(96), true, _sequence++, 1, new Ssrc(1));
        writer.AddExtension(4, "1"u8);
        writer.AddExtension(TransportSequenceId, [1, 2]);
        return writer.Complete();
    }

    /// <summary>The extensions of a packet to a viewer: the mid, and two that the publisher sent.</summary>
    [Benchmark, PerPacket]
    public int OutgoingExtensions()
    {
        var length = _headers.LengthOf(0, _normalised);
        _headers.Write(_written.AsSpan(0, length), 0, _normalised);
        return length;
    }

    /// <summary>What H.264 says of a packet inside a picture.</summary>
    [Benchmark, PerPacket]
    public int InspectH264() => PayloadInspection.Inspect(Codec.H264, _payloads[1]).StartsFrame ? 1 : 0;

    /// <summary>The same of a key picture's first packet, parameter sets read.</summary>
    [Benchmark, PerPacket]
    public int InspectH264Keyframe() => PayloadInspection.Inspect(Codec.H264, _keyPayloads[0]).Resolution.Width;

    /// <summary>A VP8 picture id made the viewer's.</summary>
    [Benchmark, PerPacket]
    public int RewritePictureId() => _rewriter.Rewrite(Codec.Vp8, _vp8) ? 1 : 0;
}
