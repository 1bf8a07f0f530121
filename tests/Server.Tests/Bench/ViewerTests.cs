using System.Buffers.Binary;
using Sluice.Bench.Load;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.Wire;

namespace Sluice.Server.Tests.Bench;

public sealed class ViewerTests : IDisposable
{
    private const uint Video = 7;
    private const uint Audio = 8;

    private readonly LoadSocket _socket = new(receiveBuffer: 8192);
    private readonly DtlsContext _context = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly byte[] _packet = new byte[96];

    [Fact]
    public void Streams_are_told_apart_and_summed_up()
    {
        var viewer = Make(ViewerKind.Good);
        foreach (var sequence in (ReadOnlySpan<ushort>)[1, 2, 4]) Count(viewer, 0, Video, sequence);
        foreach (var sequence in (ReadOnlySpan<ushort>)[65_535, 0]) Count(viewer, 0, Audio, sequence, payloadType: PeerOffer.AudioPayloadType);

        Assert.Equal((5, 6, 5 * 1000), (viewer.Received, viewer.Expected, viewer.Bytes));
    }

    [Fact]
    public void A_picture_is_late_by_its_last_packet()
    {
        var viewer = Make(ViewerKind.Good);

        Assert.Equal(-1, Count(viewer, 10, Video, 1, timestamp: 3000));
        Assert.Equal(0, Count(viewer, 10, Video, 2, timestamp: 3000, marker: true));
        Assert.Equal(-1, Count(viewer, 50, Audio, 1, timestamp: 960, marker: true, payloadType: PeerOffer.AudioPayloadType));
        Assert.InRange(Count(viewer, 117, Video, 3, timestamp: 12_000, marker: true), 6_999_999, 7_000_001);
    }

    [Fact]
    public void Sound_alone_is_late_by_every_packet()
    {
        var viewer = Make(ViewerKind.Good);

        Assert.Equal(0, Count(viewer, 10, Audio, 1, timestamp: 0, payloadType: PeerOffer.AudioPayloadType, soundAlone: true));
        Assert.InRange(Count(viewer, 32, Audio, 2, timestamp: 960, payloadType: PeerOffer.AudioPayloadType, soundAlone: true), 1_999_999, 2_000_001);
        Assert.Equal(Instant.FromMilliseconds(10), viewer.FirstFrameAt);
    }

    [Fact]
    public void The_first_packet_and_the_first_picture_have_their_times()
    {
        var viewer = Make(ViewerKind.Good);
        Assert.Equal(Instant.Never, viewer.FirstPacketAt);

        Count(viewer, 5, Video, 1);
        Count(viewer, 9, Video, 2, marker: true);
        Count(viewer, 40, Video, 3, marker: true);

        Assert.Equal((Instant.FromMilliseconds(5), Instant.FromMilliseconds(9)), (viewer.FirstPacketAt, viewer.FirstFrameAt));
    }

    [Fact]
    public void More_streams_than_it_follows_are_not_counted_as_received()
    {
        var viewer = Make(ViewerKind.Good);
        for (uint ssrc = 1; ssrc <= 6; ssrc++) Count(viewer, 0, ssrc, 1);

        Assert.Equal((4, 4, 2), (viewer.Received, viewer.Expected, viewer.Unknown));
    }

    [Fact]
    public void A_lossy_viewer_takes_about_a_fifth_as_lost()
    {
        var viewer = Make(ViewerKind.Lossy);
        for (var i = 0; i < 10_000; i++) Count(viewer, i, Video, (ushort)i);

        Assert.InRange(viewer.Received, 7_600, 8_400);
    }

    [Theory]
    [InlineData(ViewerKindName.Good)]
    [InlineData(ViewerKindName.Slow)]
    public void Counting_allocates_nothing(ViewerKindName kind)
    {
        var viewer = Make((ViewerKind)kind);
        Count(viewer, 0, Video, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1; i < 10_000; i++) Count(viewer, i, Video, (ushort)(i * 2), (uint)i * 3000, marker: true);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_slow_group_reads_a_tenth_and_a_deaf_one_nothing()
    {
        using var slow = new ViewerGroup(new LoadSocket(8192), 1, ViewerKind.Slow, isProbe: false) { IsConnecting = false };
        using var deaf = new ViewerGroup(new LoadSocket(8192), 1, ViewerKind.Deaf, isProbe: false) { IsConnecting = false };
        var sum = 0;
        for (var i = 0; i < 1000; i++) sum += slow.Allowance(Instant.FromMilliseconds(i * 4), 347);

        Assert.InRange(sum, 137, 140); // four seconds of 34.7 packets
        Assert.Equal(0, deaf.Allowance(Instant.FromMilliseconds(4), 347));
        deaf.IsConnecting = true;
        Assert.Equal(int.MaxValue, deaf.Allowance(Instant.FromMilliseconds(8), 347)); // a handshake must be read
    }

    public void Dispose()
    {
        _socket.Dispose();
        _context.Dispose();
    }

    /// <summary>The kinds that <see cref="Counting_allocates_nothing"/> looks at, with the numbers of <see cref="ViewerKind"/>.</summary>
    public enum ViewerKindName
    {
        Good = 0,
        Slow = 2,
    }

    private Viewer Make(ViewerKind kind) => new(new PeerLink(_socket, 0x7f01_0001, _context), kind);

    private long Count(
        Viewer viewer, double milliseconds, uint ssrc, ushort sequence, uint timestamp = 0, bool marker = false, byte payloadType = PeerOffer.VideoPayloadType, bool soundAlone = false)
    {
        _packet[0] = 0x80;
        _packet[1] = (byte)((marker ? 0x80 : 0) | payloadType);
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(4), timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(8), ssrc);
        return viewer.Count(Instant.FromMilliseconds(milliseconds), _packet, 1000, soundAlone);
    }
}
