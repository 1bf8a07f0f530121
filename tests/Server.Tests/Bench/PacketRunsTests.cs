using Sluice.Bench.Traffic;

namespace Sluice.Server.Tests.Bench;

public sealed class PacketRunsTests
{
    [Fact]
    public void A_run_is_of_one_length_and_may_end_with_a_shorter_packet() =>
        Assert.Equal([new PacketRun(0, 1), new PacketRun(1, 3), new PacketRun(4, 2)], RunsOf(P(0, 10), P(0, 1000), P(0, 1000), P(0, 600), P(0, 1000), P(0, 20)));

    [Fact]
    public void Nothing_follows_a_shorter_packet() => Assert.Equal([new PacketRun(0, 2), new PacketRun(2, 1)], RunsOf(P(0, 1000), P(0, 500), P(0, 500)));

    [Fact]
    public void Pictures_and_kinds_stay_apart() =>
        Assert.Equal(
            [new PacketRun(0, 1), new PacketRun(1, 1), new PacketRun(2, 1)],
            RunsOf(P(0, 1000), P(100, 1000), new ShapePacket(100, true, false, 0, 1000, default)));

    [Fact]
    public void Every_packet_is_in_one_run()
    {
        var shape = TrafficShape.BuiltIn();
        var next = 0;
        foreach (var run in PacketRuns.Of(shape))
        {
            Assert.Equal(next, run.First);
            Assert.InRange(run.Count, 1, 64);
            next += run.Count;
        }

        Assert.Equal(shape.Packets.Length, next);
    }

    [Fact]
    public void The_synthetic_streams_are_what_they_say()
    {
        var low = SyntheticShape.Low();
        Assert.InRange(low.BitsPerSecond, 640e3, 680e3); // 600 of picture, 64 of sound
        var pictures = new Dictionary<int, int>();
        foreach (var packet in low.Packets)
        {
            if (!packet.IsAudio) pictures[packet.Microseconds] = pictures.GetValueOrDefault(packet.Microseconds) + 1;
        }

        Assert.All(pictures.Values, static packets => Assert.InRange(packets, 2, 3));
        Assert.Equal(50, SyntheticShape.Audio().PacketsPerSecond);
        Assert.False(SyntheticShape.Audio().HasVideo);
        Assert.Equal(30 * 9 + 50, SyntheticShape.Ideal(9).PacketsPerSecond);
    }

    private static ShapePacket P(int time, int length) => new(time, false, false, 0, length, default);

    private static PacketRun[] RunsOf(params ShapePacket[] packets) => PacketRuns.Of(new TrafficShape("x", packets, 1_000_000));
}
