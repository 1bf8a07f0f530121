using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Testing;
using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

/// <summary>Peers with a session and the right keys who send what nobody should. A stream beside theirs must not notice.</summary>
public sealed class HostilePeerTests : IDisposable
{
    private const string Den = "den";
    private const int PageSize = 64 * 1024;
    private readonly SimulatedNode _node = new(seed: 31, shards: 2);
    private readonly TestPublisher _publisher;
    private readonly TestViewer _witness;
    private readonly byte[] _packet = new byte[1200];

    public HostilePeerTests()
    {
        _publisher = _node.Publish(new PublisherPlan { Video = Codec.Vp8 });
        _node.Connect(_publisher);
        _witness = _node.Watch();
        _node.Connect(_witness);
        _node.Run(1);
    }

    public void Dispose()
    {
        _witness.AssertFlawless(_publisher);
        Assert.Empty(_node.Ended);
        _node.Dispose();
    }

    [Fact]
    public void Forged_media_is_dropped()
    {
        for (var i = 0; i < 2000; i++)
        {
            _node.Random.Fill(_packet);
            _packet[0] = 0x80;
            _packet[1] = i % 2 == 0 ? (byte)96 : (byte)(200 + i % 8);
            BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), (ushort)(_publisher.Video.NextSequence + 1));
            BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(i % 2 == 0 ? 8 : 4), _publisher.Video.Ssrc.Value);
            _publisher.SendRaw(_packet.AsSpan(0, 12 + _node.Random.Next(1100)));
            if (i % 20 == 0) _node.Run(0.02);
        }

        _node.Run(1);
    }

    [Fact]
    public void Everything_sent_twice_counts_once()
    {
        using var node = new SimulatedNode();
        var publisher = node.Publish(link: new LinkProfile { Duplicate = 1 });
        node.Connect(publisher);
        var viewer = node.Watch();
        node.Run(20);

        viewer.AssertFlawless(publisher);
        Assert.InRange(node.Live.Stream!.Tracks.Sum(t => t.Statistics.Packets), 1, publisher.Encodings.Sum(e => e.Packets));
    }

    [Fact]
    public void Random_rtcp_of_a_viewer_breaks_nothing()
    {
        var bad = _node.Watch(address => new TestViewer(_node.Random.Fork(), address, _node.Clock) { Acknowledges = false });
        _node.Connect(bad);
        _node.Run(1);
        for (var i = 0; i < 5000; i++)
        {
            bad.SendRtcp(_packet.AsSpan(0, RandomRtcp(bad.VideoSsrc.Value)));
            if (i % 20 == 0) _node.Run(0.02);
        }

        // What it asked for by chance was sent again; its own picture is whole all the same.
        _node.Run(2);
        Assert.True(bad.IsConnected);
        bad.AssertSound();
        Assert.Equal(0, bad.Video.MissingFrames);
    }

    [Fact]
    public void A_viewer_that_sends_media_is_not_heard()
    {
        var bad = _node.Watch();
        _node.Connect(bad);
        for (var i = 0; i < 1000; i++)
        {
            SendRandomRtp(bad, (uint)(i % 100), i);
            if (i % 20 == 0) _node.Run(0.02);
        }

        _node.Run(2);
        bad.AssertFlawless(_publisher);
    }

    [Fact]
    public void Random_rtp_and_rtcp_of_a_publisher_stay_in_its_own_stream()
    {
        var bad = _node.Publish(channel: Den);
        _node.Connect(bad);
        var watching = _node.Watch(channel: Den);
        _node.Connect(watching);
        _node.Run(1);
        for (var i = 0; i < 8000; i++)
        {
            var ssrc = (i % 4) switch { 0 => bad.Video.Ssrc.Value, 1 => bad.Video.RtxSsrc.Value, 2 => bad.Audio.Ssrc.Value, _ => (uint)_node.Random.Next() };
            SendRandomRtp(bad, ssrc, _node.Random.Next(200_000));
            bad.SendRtcp(_packet.AsSpan(0, RandomRtcp(bad.Video.Ssrc.Value)));
            if (i % 20 == 0) _node.Run(0.02);
        }

        _node.Run(2);
        var stream = _node.Channels.Find(Den)!.Stream!;
        Assert.Equal(2, stream.Tracks.Count);
        Assert.InRange(stream.Tracks.Sum(t => t.Packets.HeldBytes), 0, 264 * PageSize);
        Assert.True(bad.IsConnected);
        Assert.True(watching.IsConnected);

        // The publisher is still welcome to behave.
        bad.Close();
        _node.Run(1);
        Assert.Null(_node.Channels.Find(Den)!.Stream);
        Assert.Equal(0, stream.Tracks.Sum(t => t.Packets.HeldBytes));
        _node.Ended.Clear();
    }

    [Fact]
    public void A_publisher_that_invents_streams_gets_no_more_than_its_share()
    {
        var bad = _node.Publish(channel: Den);
        _node.Connect(bad);
        for (var i = 0; i < 3000; i++)
        {
            SendRandomRtp(bad, 0x1000 + (uint)i, i);
            if (i % 20 == 0) _node.Run(0.02);
        }

        _node.Run(2);
        var stream = _node.Channels.Find(Den)!.Stream!;
        Assert.Equal(2, stream.Tracks.Count);
        Assert.All(stream.Tracks, track => Assert.InRange(track.FormatCount, 0, 64));
        Assert.InRange(stream.Tracks.Sum(t => t.Packets.HeldBytes), 0, 264 * PageSize);
    }

    [Fact]
    public void A_publisher_that_fills_memory_is_held_to_its_logs_limit()
    {
        var bad = _node.Publish(new PublisherPlan { VideoBitrate = 150_000_000, KeyframeFactor = 1, FramesPerSecond = 60 }, channel: Den);
        _node.Connect(bad);
        _node.Run(4);

        var stream = _node.Channels.Find(Den)!.Stream!;
        Assert.InRange(stream.Tracks.Sum(t => t.Packets.HeldBytes), 100 * PageSize, 264 * PageSize);
    }

    [Fact]
    public void Media_before_the_handshake_is_dropped()
    {
        var early = _node.Publish(channel: Den);
        early.IsDtlsHeld = true;
        _node.Run(1);
        Assert.NotNull(early.Ice!.Selected);
        for (var i = 0; i < 500; i++)
        {
            _node.Random.Fill(_packet);
            _packet[0] = 0x80;
            _packet[1] = i % 2 == 0 ? (byte)96 : (byte)200;
            early.SendRaw(_packet.AsSpan(0, 600));
        }

        _node.Run(1);
        Assert.Null(_node.Channels.Find(Den)!.Stream);
        early.IsDtlsHeld = false;
        _node.Connect(early, 5);
        _node.Run(1);
        Assert.NotNull(_node.Channels.Find(Den)!.Stream);
    }

    [Fact]
    public void Wishes_for_packets_that_never_were_cost_nothing()
    {
        var bad = _node.Watch(address => new TestViewer(_node.Random.Fork(), address, _node.Clock)
        {
            Mischief = static (viewer, now) =>
            {
                Span<ushort> sequences = stackalloc ushort[500];
                for (var i = 0; i < sequences.Length; i++)
                {
                    sequences[i] = (ushort)(viewer.NewestSequence + 1000 + i * 31);
                }

                viewer.SendNack(sequences);
            },
        });
        _node.Run(10);

        Assert.True(bad.IsConnected);
        bad.AssertSound();
        Assert.Equal(0, bad.Video.MissingFrames);
        var own = _publisher.Video.Packets + _publisher.Audio.Packets;
        Assert.InRange(bad.RtpPackets, 0, own * 3);
    }

    private void SendRandomRtp(TestPeer peer, uint ssrc, long sequence)
    {
        _node.Random.Fill(_packet);
        var types = (ReadOnlySpan<byte>)[96, 97, 111, (byte)_node.Random.Next(128)];
        _packet[0] = (byte)(0x80 | (_node.Random.Chance(0.3) ? _node.Random.Next(64) : 0));
        _packet[1] = (byte)((_packet[1] & 0x80) | types[_node.Random.Next(4)]);
        if (_packet[1] is >= 192 and <= 223) _packet[1] = 96; // would be taken for RTCP
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), (ushort)sequence);
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(8), ssrc);
        var length = 12 + _node.Random.Next(1100);
        var header = RtpPacketView.TryParseHeader(_packet.AsSpan(0, length), out var view) ? view.HeaderLength : 12;
        if (header == 12) _packet[0] = 0x80;
        peer.SendRtp(_packet.AsSpan(0, length), header, sequence);
    }

    // Packets whose types and lengths are right and whose bodies are not, several to a datagram.
    private int RandomRtcp(uint media)
    {
        var at = 0;
        var parts = 1 + _node.Random.Next(4);
        for (var i = 0; i < parts; i++)
        {
            var words = 1 + _node.Random.Next(40);
            var part = _packet.AsSpan(at, (words + 1) * 4);
            _node.Random.Fill(part);
            part[0] = (byte)(0x80 | (_node.Random.Chance(0.1) ? 0x20 : 0) | _node.Random.Next(32));
            part[1] = (byte)(200 + _node.Random.Next(8));
            BinaryPrimitives.WriteUInt16BigEndian(part[2..], (ushort)(_node.Random.Chance(0.05) ? words + 7 : words));
            if (words >= 2 && _node.Random.Chance(0.7)) BinaryPrimitives.WriteUInt32BigEndian(part[8..], media);
            if (part[1] == (byte)RtcpPacketType.ExtendedReport && words >= 3) part[8] = (byte)_node.Random.Next(10);
            at += part.Length;
        }

        return at;
    }
}
