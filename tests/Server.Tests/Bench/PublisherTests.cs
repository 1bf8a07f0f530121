using Sluice.Bench.Floor;
using Sluice.Bench.Load;
using Sluice.Bench.Traffic;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.Wire;
using Sluice.Testing;

namespace Sluice.Server.Tests.Bench;

public sealed class PublisherTests : IDisposable
{
    private const uint Sender = 0x7f02_0001, Receiver = 0x7f01_0003;
    private static readonly Instant Start = Instant.FromMilliseconds(1000);

    private readonly LoadSocket _from = new(receiveBuffer: 8192);
    private readonly LoadSocket _to = new();
    private readonly DtlsContext _context = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ReceiveBatch _batch = new();

    [LinuxFact]
    public void After_a_pause_media_time_has_passed_and_numbers_go_on()
    {
        // Ahead, back, to the beginning, past the end.
        foreach (var place in new[] { 12, 0.2, 0, 3600 }) PauseAndGoOn(TimeSpan.FromSeconds(place));
    }

    [LinuxFact]
    public void The_kernel_tells_to_whom_a_datagram_came_how_long_it_was_and_when()
    {
        _to.StampArrivals();
        _batch.IsShort = true;
        _from.Next[..1000].Fill(7);
        _from.Send(Sender, NetworkAddress.FromIPv4(Receiver, _to.Port), 1000);
        _from.Flush();

        ReceiveOne();
        var copied = _batch.Take(0, out var arrival);
        Assert.Equal((1000, 1000, Receiver), (arrival.Length, arrival.Segment, arrival.Destination));
        Assert.Equal((96, 7), (copied.Length, copied[95]));
        Assert.InRange(DateTime.UnixEpoch.AddTicks(arrival.Stamp / 100), DateTime.UtcNow.AddDays(-1), DateTime.UtcNow.AddDays(1));
    }

    [LinuxFact]
    public void A_socket_that_was_not_asked_stamps_nothing()
    {
        _from.Send(Sender, NetworkAddress.FromIPv4(Receiver, _to.Port), 20);
        _from.Flush();

        ReceiveOne();
        _batch.Take(0, out var arrival);
        Assert.Equal((20, 0L), (arrival.Length, arrival.Stamp));
    }

    public void Dispose()
    {
        _from.Dispose();
        _to.Dispose();
        _context.Dispose();
    }

    private void PauseAndGoOn(TimeSpan place)
    {
        var pause = TimeSpan.FromSeconds(5);
        var played = Play(packets: 700, pauseAfter: 350, place, pause);

        Assert.InRange(played[350].Due - (played[349].Due + pause), TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        Assert.False(played[350].IsAudio);
        foreach (var kind in played.GroupBy(static p => p.IsAudio))
        {
            var first = kind.First();
            Assert.Equal(Enumerable.Range(first.Sequence, kind.Count()), kind.Select(static p => (int)p.Sequence));

            // What a timestamp says and when it is sent stay as near to each other as they are in the recording: a big picture takes 60 ms to send.
            var clock = kind.Key ? TrafficShape.AudioClock : TrafficShape.VideoClock;
            var late = kind.Select(p => (p.Due - first.Due).TotalMilliseconds - (int)(p.Timestamp - first.Timestamp) * 1000.0 / clock).ToList();
            Assert.InRange(late.Max() - late.Min(), 0, 80);
        }
    }

    // The kernel may deliver a little later than the call that sent.
    private void ReceiveOne() => Assert.True(SpinWait.SpinUntil(() => _batch.Receive(_to, most: 1) == 1, TimeSpan.FromSeconds(10)));

    private List<Packet> Play(int packets, int pauseAfter, TimeSpan place, TimeSpan pause)
    {
        using var link = new PeerLink(_from, Sender, _context);
        using var keys = FloorKeys.OfPublisher(SrtpProfile.AeadAes128Gcm, 0);
        using var receiver = new SrtpReceiver(keys);
        link.BeginWithout(NetworkAddress.FromIPv4(Receiver, _to.Port), new SrtpSender(keys), null);
        var publisher = new Publisher(link, TrafficShape.BuiltIn(), MonotonicClock.ReadWallClock());
        publisher.Start(Start);
        var played = new List<Packet>();
        for (var i = 0; i < packets; i++)
        {
            if (i == pauseAfter) publisher.GoOn(place, played[^1].Due + pause);
            var due = publisher.NextPacket;
            publisher.SendNext(Start); // so that no report is due
            _from.Flush();
            ReceiveOne();
            var bytes = _batch.Take(0, out _);
            Assert.Equal(SrtpError.None, receiver.UnprotectRtp(bytes, out var length));
            Assert.True(RtpPacketView.TryParse(bytes[..length], out var packet));
            played.Add(new Packet(due, packet.SequenceNumber, packet.Timestamp, packet.PayloadType.Value == PeerOffer.AudioPayloadType));
        }

        return played;
    }

    private sealed record Packet(Instant Due, ushort Sequence, uint Timestamp, bool IsAudio);
}
