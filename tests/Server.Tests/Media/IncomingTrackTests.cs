using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Inputs.Whip;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Feedback;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;
using Sluice.Testing;

namespace Sluice.Server.Tests.Media;

/// <summary>Pictures of two slices of which every packet is full but the last, as ffmpeg sends them.</summary>
public sealed class IncomingTrackTests
{
    private const int Packets = 4;
    private const int Full = 1188;
    private static readonly NegotiatedMedia Media = new()
    {
        Index = 0, Mid = "0", Kind = MediaKind.Video, Direction = SdpDirection.RecvOnly,
        Payloads = [new NegotiatedPayload(96, new TrackFormat(Codec.H264, 90_000, 0, ""), null, PayloadFeedback.Nack)],
    };

    private readonly LiveChannel _channel = new("slices");
    private readonly ReaderThread _thread = new(static () => { });
    private readonly IncomingTrack _track;

    private readonly SeededRandom _random = new(3);
    private readonly List<byte> _sent = [];
    private Instant _now = Instant.Zero + TimeSpan.FromSeconds(1);
    private ushort _sequence = 65_533;
    private uint _timestamp;
    private int _slices;

    public IncomingTrackTests()
    {
        var track = new Track(new TrackId(MediaKind.Video, 0, ""), new Slab(65_536, 16), PacketLogLimits.Video);
        _track = new IncomingTrack(_channel, track, new IncomingFormats(Media), new PublisherClock(new WallClock(Instant.Zero, default)), 90_000, mayNack: true);
        for (var i = 0; i < 8; i++) _channel.AddReader(_thread);
    }

    [Fact]
    public void They_are_in_the_log_in_packets_of_one_length_under_the_numbers_they_came_with()
    {
        for (var slice = 0; slice < 50; slice++) Send(Slice());
        var log = _track.Track.Packets;
        Assert.Equal(50 * Packets, log.Head);
        var unit = new List<byte>();
        for (var index = 0L; index < log.Head; index++)
        {
            Assert.True(log.TryRead(index, out var view));
            Assert.Equal(0x10000 + 65_533 + index, view.Header.Sequence);
            Assert.Equal(index % (2 * Packets) == 2 * Packets - 1, view.Header.Has(PacketFlags.Marker));
            Assert.Equal(index % (2 * Packets) == 0, view.Header.Has(PacketFlags.StartsFrame));
            if (index >= Packets) Assert.InRange(view.Payload.Length, (Full * (Packets - 1) + 40) / Packets - Packets, Full - 200);
            unit.AddRange(view.Payload[2..]);
        }

        Assert.Equal(_sent, unit);
    }

    [Fact]
    public void For_few_readers_they_stay_as_they_came()
    {
        _channel.RemoveReader(_thread);
        _channel.RemoveReader(new ReaderThread(static () => { })); // never added
        Assert.Equal(7, _channel.ReaderCount);
        Send(Slice());
        var slice = Slice();
        Send(slice);
        AssertAsItCame(slice, Packets);
    }

    [Fact]
    public void The_beginning_of_one_waits_in_the_track_until_readers_are_told()
    {
        Send(Slice());
        var slice = Slice();
        Send(slice[..2]);
        Assert.Equal(Packets, _track.Track.Packets.Head);
        Send([slice[1]], expected: false); // known, though it is not in the log
        _track.Release();
        Assert.Equal(Packets + 2, _track.Track.Packets.Head);
        Send(slice[2..]);
        Assert.Equal(2 * Packets, _track.Track.Packets.Head);
        AssertAsItCame(slice, Packets);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void One_that_lacks_a_packet_stays_as_it_came_and_takes_the_packet_when_it_comes_again(int lost)
    {
        Send(Slice());
        var slice = Slice();
        Send([.. slice.Where((_, i) => i != lost)]);
        Send(Slice());
        Send([slice[lost]]);
        Assert.Equal(3 * Packets, _track.Track.Packets.Head);
        AssertAsItCame(slice, Packets);
    }

    private void AssertAsItCame(List<(ushort Sequence, uint Timestamp, bool Marker, byte[] Payload)> slice, int before)
    {
        for (var i = 0; i < slice.Count; i++)
        {
            Assert.True(_track.Track.Packets.TryFind(0x10000 + 65_533 + before + i, out var view));
            Assert.Equal(slice[i].Payload, view.Payload.ToArray());
        }
    }

    private List<(ushort Sequence, uint Timestamp, bool Marker, byte[] Payload)> Slice()
    {
        var isSecond = _slices++ % 2 == 1;
        if (!isSecond) _timestamp += 3000;
        var slice = new List<(ushort, uint, bool, byte[])>();
        for (var i = 0; i < Packets; i++)
        {
            var payload = new byte[i < Packets - 1 ? Full : 40];
            _random.Fill(payload);
            payload[0] = 0x7c;
            payload[1] = (byte)((i == 0 ? 0x80 : i == Packets - 1 ? 0x40 : 0) | 1);
            if (i == 0) payload[2] = (byte)(isSecond ? payload[2] & 0x7f : payload[2] | 0x80); // first_mb_in_slice is 0
            slice.Add((_sequence++, _timestamp, isSecond && i == Packets - 1, payload));
            _sent.AddRange(payload.AsSpan(2));
        }

        return slice;
    }

    private void Send(IReadOnlyList<(ushort Sequence, uint Timestamp, bool Marker, byte[] Payload)> packets, bool expected = true)
    {
        var bytes = new byte[1500];
        foreach (var (sequence, timestamp, marker, payload) in packets)
        {
            _now += TimeSpan.FromMilliseconds(0.1);
            var length = RtpHeaderWriter.Begin(bytes, new PayloadType(96), marker, sequence, timestamp, new Ssrc(7)).Complete();
            payload.CopyTo(bytes.AsSpan(length));
            Assert.True(RtpPacketView.TryParse(bytes.AsSpan(0, length + payload.Length), out var packet));
            Assert.Equal(expected, _track.HandlePacket(_now, packet, sequence, 96, packet.Payload, default, isRetransmission: false));
        }
    }
}
