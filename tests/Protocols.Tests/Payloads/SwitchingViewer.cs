using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;

namespace Sluice.Protocols.Tests.Payloads;

/// <summary>
/// A viewer who goes from source to source, gets packets out of order, and asks for old ones again. It knows from the frames alone which
/// numbers must come out.
/// </summary>
internal sealed class SwitchingViewer
{
    private const int KeptPackets = 40;
    private readonly Codec _codec;
    private readonly int _bits;
    private readonly Random _random;
    private readonly PictureIdRewriter _rewriter = new();
    private readonly Source[] _sources;
    private readonly Queue<(byte[] Original, byte[] Sent, int Run)> _kept = new();
    private long _firstId = -1;
    private long _baseFrames;
    private long _firstTl0;
    private bool _hasRun;

    public SwitchingViewer(Codec codec, int bits, Random random)
    {
        _codec = codec;
        _bits = bits;
        _random = random;
        _sources = [.. Enumerable.Range(0, 3).Select(_ => new Source(random.Next(1 << bits), random.Next(256)))];
    }

    public long FramesSeen { get; private set; }

    public int Retransmissions { get; private set; }

    public void Watch(int number, int frames)
    {
        var source = _sources[number];
        source.Id += _random.Next(100); // it went on while nobody watched
        source.Tl0 += _random.Next(100);
        if (_hasRun) Assert.Equal(_rewriter.Run, _rewriter.Switch() - 1);
        _hasRun = true;

        var waiting = new List<(byte[] Packet, long Frame, long BaseFrame)>();
        for (var i = 0; i < frames; i++)
        {
            var temporal = i % 2;
            if (temporal == 0 && i > 0) source.Tl0++;
            if (i > 0) source.Id++;
            if (temporal == 0) _baseFrames++;
            for (var part = _random.Next(1, 4); part > 0; part--)
            {
                waiting.Add((Make(source, temporal, waiting.Count == 0 || part == 1, i == 0), FramesSeen, _baseFrames - 1));
            }

            FramesSeen++;
            if (i == 0 || _random.Next(3) == 0 || i == frames - 1) Deliver(waiting, i == 0);
        }

        source.Id++;
        source.Tl0++;
    }

    private byte[] Make(Source source, int temporal, bool starts, bool isKeyframe)
    {
        var id = (int)(source.Id & (1 << _bits) - 1);
        var tl0 = (int)(source.Tl0 & 0xff);
        return _codec == Codec.Vp8
            ? VpxPacket.Vp8(id, _bits, tl0, -1, temporal, starts, starts && isKeyframe)
            : VpxPacket.Vp9(id, _bits, tl0, temporal, starts, isKeyframe);
    }

    private void Deliver(List<(byte[] Packet, long Frame, long BaseFrame)> waiting, bool inOrder)
    {
        while (waiting.Count > 0)
        {
            var index = inOrder ? 0 : _random.Next(Math.Min(6, waiting.Count));
            var (packet, frame, baseFrame) = waiting[index];
            waiting.RemoveAt(index);
            var copy = packet.ToArray();
            Assert.True(_rewriter.Rewrite(_codec, copy));
            Check(packet, copy, frame, baseFrame);
            _kept.Enqueue((packet, copy, _rewriter.Run));
            if (_kept.Count > KeptPackets) _kept.Dequeue();
            if (_random.Next(8) == 0) AskAgain();
        }
    }

    private void Check(byte[] packet, byte[] copy, long frame, long baseFrame)
    {
        var ids = PayloadInspection.Inspect(_codec, copy).Ids;
        if (_firstId < 0)
        {
            _firstId = ids.PictureId;
            _firstTl0 = ids.Tl0;
            Assert.Equal(packet, copy);
        }

        Assert.Equal((_firstId + frame) & (1 << _bits) - 1, ids.PictureId);
        Assert.Equal((_firstTl0 + baseFrame) & 0xff, ids.Tl0);
        Assert.Equal(packet.Length, copy.Length);
        Assert.Equal(packet.AsSpan(^3..).ToArray(), copy.AsSpan(^3..).ToArray());
    }

    private void AskAgain()
    {
        var (original, sent, run) = _kept.ElementAt(_random.Next(_kept.Count));
        var copy = original.ToArray();
        var rewritten = _rewriter.Rewrite(_codec, copy, run);
        if (!rewritten && run <= _rewriter.Run - PictureIdRewriter.RememberedRuns) return;
        Assert.True(rewritten);
        Assert.Equal(sent, copy);
        Retransmissions++;
    }

    private sealed class Source(long id, long tl0)
    {
        public long Id { get; set; } = id;

        public long Tl0 { get; set; } = tl0;
    }
}
