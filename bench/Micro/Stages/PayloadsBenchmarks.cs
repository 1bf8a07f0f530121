using BenchmarkDotNet.Attributes;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Rtp.Payloads.Depacketizers;
using Sluice.Protocols.Rtp.Payloads.Packetizers;
using Sluice.Testing.Clips;

namespace Sluice.Bench.Micro.Stages;

/// <summary>Frames into RTP payloads and back: a clip of fourteen pictures, or of sound, again and again.</summary>
public class PayloadsBenchmarks
{
    private readonly List<(byte[] Payload, int Frame, bool Marker)> _packets = [];
    private byte[] _buffer = [];
    private Clip _clip = null!;
    private Packetizer _packetizer = null!;
    private Depacketizer _depacketizer = null!;
    private int _frame;
    private int _packet;
    private long _round;

    [Params(Codec.H264, Codec.H265, Codec.Av1, Codec.Vp8, Codec.Vp9, Codec.Opus)]
    public Codec Codec { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _clip = Clip.Load(CodecFacts.NameOf(Codec).ToLowerInvariant());
        if (!Packetizer.TryCreate(Codec, out _packetizer!)
            || !RtpFormats.TryDescribe(_clip.Format, out var format)
            || !Depacketizer.TryCreate(format, out _depacketizer!))
        {
            throw new InvalidOperationException($"{Codec} has no payloads.");
        }

        _buffer = new byte[_packetizer.MaxPayload];
        for (var i = 0; i < _clip.Frames.Count; i++)
        {
            var frame = _clip.Frames[i].With(_clip.Format);
            _packetizer.Begin(frame);
            while (_packetizer.TryTake(frame, _buffer, out var payload)) _packets.Add((_buffer[..payload.Length], i, payload.Marker));
        }

        // The format is made and buffers have grown.
        var frames = 0;
        for (var i = 0; i < _packets.Count; i++) frames += Join();
        if (frames != _clip.Frames.Count) throw new InvalidOperationException($"{frames} frames of {_clip.Frames.Count} came out.");
    }

    /// <summary>All payloads of a frame.</summary>
    [Benchmark, PerPacket]
    public int PacketizeFrame()
    {
        _frame = (_frame + 1) % _clip.Frames.Count;
        var frame = _clip.Frames[_frame].With(_clip.Format);
        _packetizer.Begin(frame);
        var bytes = 0;
        while (_packetizer.TryTake(frame, _buffer, out var payload)) bytes += payload.Length;
        return bytes;
    }

    /// <summary>A payload, and the frame where it ends one.</summary>
    [Benchmark, PerPacket]
    public int Join()
    {
        var (payload, frame, marker) = _packets[_packet];
        _depacketizer.Handle(payload, (_round * _clip.Frames.Count + frame) * 3600, marker);
        _packet = (_packet + 1) % _packets.Count;
        if (_packet == 0) _round++;
        var frames = 0;
        while (_depacketizer.TryTake(out _)) frames++;
        return frames;
    }
}
