using Sluice.Protocols.Media;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>What a message costs.</summary>
public sealed class RtmpAllocationTests
{
    private readonly RtmpLab _lab = new();

    [Fact]
    public void Messages_allocate_nothing_in_the_steady_state()
    {
        var publisher = _lab.GoLive(out _);
        var wire = new List<byte[]>();
        for (var i = 1; i <= 600; i++)
        {
            wire.Add(RtmpWire.Of(publisher.Client, MediaKind.Video, i * 20, [0x27, 1, 0, 0, 0, .. LabMedia.Slice]));
            wire.Add(RtmpWire.Of(publisher.Client, MediaKind.Audio, i * 20, [0xaf, 1, .. LabMedia.AacFrame]));
        }

        // The first seconds settle the clock. What the runtime allocates by the way does not come in every round.
        const int round = 100;
        var least = long.MaxValue;
        for (var i = 0; i < wire.Count; i += round)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var n = i; n < i + round; n++)
            {
                _lab.Now += TimeSpan.FromMilliseconds(10);
                publisher.Server.Handle(_lab.Now, wire[n]);
            }

            if (i >= 500) least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
