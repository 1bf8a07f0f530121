using System.Text;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.WebRtc.Stun;
using Sluice.Protocols.Wire;
using Sluice.Testing;
using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

/// <summary>Whoever can reach the port, without or with a session of his own. A stream beside it must not notice.</summary>
public sealed class HostileDatagramTests : IDisposable
{
    private readonly SimulatedNode _node = new(seed: 21, shards: 2);
    private readonly TestPublisher _publisher;
    private readonly TestViewer _witness;
    private readonly Stranger _stranger;

    public HostileDatagramTests()
    {
        _publisher = _node.Publish();
        _node.Connect(_publisher);
        _witness = _node.Watch();
        _node.Connect(_witness);
        var address = _node.NewAddress();
        _stranger = new Stranger(address, SimulatedNode.ServerAddress);
        _node.Network.Attach(_stranger, address);
        _node.Run(1);
    }

    public void Dispose()
    {
        _witness.AssertFlawless(_publisher);
        Assert.Empty(_node.Ended);
        _node.Dispose();
    }

    [Fact]
    public void Garbage_from_an_unknown_address_is_refused_without_an_answer()
    {
        var sent = 0;
        for (var i = 0; i < 5000; i++)
        {
            _stranger.Send(Garbage(i));
            sent++;
            if (i % 50 == 0) _node.Run(0.01);
        }

        _node.Run(1);
        Assert.Equal(sent, _node.Machine.Refused);
        Assert.Equal(0, _stranger.Answers);
        Assert.Equal(2, _node.Node.Directory.Count);
    }

    [Fact]
    public void Garbage_from_a_known_address_costs_its_session_nothing()
    {
        var viewer = _node.Watch();
        _node.Connect(viewer);
        for (var i = 0; i < 3000; i++)
        {
            viewer.SendRaw(Garbage(i));
            _publisher.SendRaw(Garbage(i + 7));
            if (i % 50 == 0) _node.Run(0.05);
        }

        _node.Run(2);
        Assert.True(viewer.IsConnected);
        viewer.AssertFlawless(_publisher);
    }

    [Fact]
    public void A_check_that_proves_nothing_is_not_answered()
    {
        var known = _witness.ServerCredentials!;
        var mine = _witness.Credentials;
        var before = _node.Machine.Refused;
        _stranger.Send(Check(known.Ufrag, mine.Ufrag, null));
        _stranger.Send(Check(known.Ufrag, mine.Ufrag, "not the password of the session"));
        _stranger.Send(Check(known.Ufrag, "wrong", known.Pwd));
        _stranger.Send(Check("nobodys1", mine.Ufrag, known.Pwd));
        _stranger.Send(Check(new string('x', 300), mine.Ufrag, known.Pwd));
        _stranger.Send(Check("", mine.Ufrag, known.Pwd));
        var valid = Check(known.Ufrag, mine.Ufrag, known.Pwd);
        for (var length = 1; length < valid.Length; length++)
        {
            _stranger.Send(valid.AsSpan(0, length));
        }

        // The fingerprint at the end is a checksum, not a proof.
        for (var i = 0; i < valid.Length - 8; i++)
        {
            var bent = valid.ToArray();
            bent[i] ^= 0x40;
            _stranger.Send(bent);
        }

        _node.Run(1);
        Assert.Equal(0, _stranger.Answers);
        Assert.Equal(before + 6 + 2 * valid.Length - 9, _node.Machine.Refused);
    }

    [Fact]
    public void An_overheard_check_sent_again_moves_nothing()
    {
        var check = Check(_witness.ServerCredentials!.Ufrag, _witness.Credentials.Ufrag, _witness.ServerCredentials.Pwd);
        _witness.SendRaw(check);
        _node.Run(0.1);
        for (var i = 0; i < 100; i++)
        {
            _stranger.Send(check);
            _node.Run(0.02);
        }

        // It may be told its own address, and gets no more than it has paid for.
        Assert.InRange(_stranger.AnsweredBytes, 0, _stranger.SentBytes);
        Assert.InRange(_stranger.Answers, 0, 100);
    }

    [Fact]
    public void A_session_that_forges_others_addresses_does_not_take_their_paths()
    {
        // Some of them on each shard.
        var mine = Enumerable.Range(0, 6).Select(_ => _node.Watch()).ToArray();
        foreach (var viewer in mine) _node.Connect(viewer);
        for (var i = 0; i < 400; i++)
        {
            // Valid checks of sessions of its own, as if they came from where publisher and witness are.
            var forger = mine[i % mine.Length];
            var check = Check(forger.ServerCredentials!.Ufrag, forger.Credentials.Ufrag, forger.ServerCredentials.Pwd, nominates: false);
            _publisher.SendRaw(check);
            _witness.SendRaw(check);
            _node.Run(0.1);
        }

        Assert.Equal(2 + mine.Length, _node.Node.Directory.Count);
    }

    [Fact]
    public void A_handshake_from_an_address_that_ice_has_not_validated_is_ignored()
    {
        using var context = new DtlsContext(SimulatedNode.Epoch);
        using var forger = new DtlsSession(context, DtlsRole.Client, context.Fingerprint);
        forger.Start(_node.Now);
        var hello = new byte[1500];
        Assert.True(forger.TryTakeTransmit(hello, out var length));
        var viewer = _node.Watch();
        for (var i = 0; i < 60; i++)
        {
            // Before, in, and after the viewer's own handshake.
            _stranger.Send(hello.AsSpan(0, length));
            _node.Run(0.005);
        }

        Assert.True(viewer.IsConnected);
        Assert.Equal(0, _stranger.Answers);
        _node.Run(2);
        viewer.AssertFlawless(_publisher);
    }

    [Fact]
    public void A_handshake_in_the_viewers_own_name_before_its_first_check_is_ignored()
    {
        using var context = new DtlsContext(SimulatedNode.Epoch);
        using var forger = new DtlsSession(context, DtlsRole.Client, context.Fingerprint);
        forger.Start(_node.Now);
        var hello = new byte[1500];
        Assert.True(forger.TryTakeTransmit(hello, out var length));
        var viewer = _node.Watch();
        var spoofed = new NetworkPath(TransportProtocol.Udp, SimulatedNode.ServerAddress, _node.HostOf(viewer).Interfaces[0].Addresses[0]);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(HandlingKind.Refused, _node.Machine.HandleDatagram(_node.Now, spoofed, hello.AsSpan(0, length)).Kind);
        }

        _node.Connect(viewer, 1);
        _node.Run(2);
        viewer.AssertFlawless(_publisher);
    }

    [Fact]
    public void Media_from_an_address_that_ice_has_not_validated_is_ignored()
    {
        // Even with the right keys: what a publisher sends from elsewhere needs a check first.
        var packet = new byte[200];
        packet[0] = 0x80;
        packet[1] = 96;
        for (var i = 0; i < 200; i++)
        {
            packet[3] = (byte)i;
            _stranger.Send(packet);
            packet[1] = packet[1] == 96 ? (byte)200 : (byte)96;
        }

        _node.Run(1);
        Assert.Equal(200, _node.Machine.Refused);
        Assert.Equal(0, _stranger.Answers);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_peer_that_floods_its_handshake_is_given_up(int manner)
    {
        var viewer = _node.Watch();
        viewer.IsDtlsHeld = true;
        Assert.True(_node.RunUntil(() => viewer.Ice!.Selected is not null, 5));
        var record = new byte[1200];
        for (var i = 0; i < 2000; i++)
        {
            _node.Random.Fill(record);
            record[0] = 22;
            record[1] = 0xfe;
            record[2] = 0xfd;
            record.AsSpan(3, 8).Clear();
            record[9] = (byte)(i >> 8);
            record[10] = (byte)i;
            record[11] = (1200 - 13) >> 8;
            record[12] = (1200 - 13) & 0xff;
            record[13] = 1; // ClientHello
            if (manner > 0)
            {
                // A fragment of a message of 16 MB, or one whose pieces never meet.
                record[14] = record[15] = record[16] = manner == 1 ? (byte)0xff : (byte)0;
                if (manner == 2) record[15] = 0x3f;
                record[17] = 0;
                record[18] = manner == 2 ? (byte)i : (byte)0;
                record[19] = (byte)(i * 16);
                record[20] = record[21] = 0;
                record[22] = 10;
                record[23] = 0;
                record[24] = 1;
            }

            viewer.SendRaw(record);
            if (i % 20 == 0) _node.Run(0.01);
        }

        _node.Run(35);
        Assert.Equal(2, _node.Node.Directory.Count);
        Assert.Equal(1, _node.Live.ViewerCount);
        Assert.False(viewer.IsConnected);
    }

    [Fact]
    public void Half_open_sessions_expire_in_half_a_minute()
    {
        for (var i = 0; i < 2000; i++)
        {
            var viewer = _node.Watch();
            viewer.IsDtlsHeld = true;
            if (i % 4 == 0) _node.Vanish(viewer); // announced, and never seen
            if (i % 100 == 0) _node.Run(0.1);
        }

        Assert.Equal(2002, _node.Node.Directory.Count);
        _node.Run(20);
        Assert.Equal(1, _node.Live.ViewerCount);
        Assert.InRange(_node.Node.Shards.Sum(s => s.Endpoint.PeerCount), 1000, 1502);
        _node.Run(20);
        Assert.Equal(2, _node.Node.Directory.Count);
        Assert.Equal(2, _node.Node.Shards.Sum(s => s.Endpoint.PeerCount));
        Assert.Equal(1, _node.Node.Whep.SessionCount);
    }

    [Fact]
    public void A_full_node_refuses_politely_and_goes_on()
    {
        using var small = new SimulatedNode(maxPeers: 10);
        var publisher = small.Publish();
        small.Connect(publisher);
        var viewers = Enumerable.Range(0, 9).Select(_ => small.Watch()).ToArray();
        small.Run(5);
        for (var i = 0; i < 50; i++)
        {
            var eager = small.NewViewer(small.NewAddress());
            Assert.Equal(SessionError.TooMany, small.Node.Whep.Watch(SimulatedNode.Channel, eager.Offer()).Error);
        }

        viewers[0].Close();
        small.Run(1);
        var next = small.Watch();
        small.Run(5);
        next.AssertFlawless(publisher);
        viewers[1].AssertFlawless(publisher);
    }

    [Fact]
    public void Restarts_without_end_are_forgotten_with_their_session()
    {
        var viewer = _node.Watch();
        _node.Connect(viewer);
        var fragments = new List<string>();
        for (var i = 0; i < 200; i++)
        {
            var outcome = _node.Node.Whep.Patch(SimulatedNode.Channel, _node.SessionOf(viewer),
                "a=group:BUNDLE 0 1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n" + viewer.OfferRestart(), "*");
            Assert.True(outcome.Succeeded, outcome.Reason);
            var at = outcome.Body.IndexOf("a=ice-ufrag:", StringComparison.Ordinal) + 12;
            fragments.Add(outcome.Body.Substring(at, 8));
            if (i % 10 == 0) _node.Run(0.05);
        }

        _node.Run(1);
        Assert.InRange(fragments.Count(IsKnown), 1, 3);
        Assert.True(_node.Node.Whep.Close(SimulatedNode.Channel, _node.SessionOf(viewer)).Succeeded);
        _node.Run(1);
        Assert.Equal(0, fragments.Count(IsKnown));
        Assert.Equal(2, _node.Node.Directory.Count);

        bool IsKnown(string ufrag) => _node.Node.Directory.Find(Protocols.WebRtc.Peers.UfragKey.From(ufrag)) is not null;
    }

    private static byte[] Garbage(int seed)
    {
        var random = new SeededRandom((ulong)seed);
        var garbage = new byte[1 + random.Next(seed % 3 == 0 ? 40 : 1400)];
        random.Fill(garbage);

        // Every protocol of the port in turn.
        garbage[0] = (seed % 5) switch
        {
            0 => (byte)random.Next(4),
            1 => (byte)(20 + random.Next(44)),
            2 => (byte)(128 + random.Next(64)),
            3 => 0x80,
            _ => garbage[0],
        };
        return garbage;
    }

    private byte[] Check(string to, string from, string? password, bool nominates = true)
    {
        Span<byte> bytes = stackalloc byte[1000];
        var writer = new StunMessageWriter(bytes, StunClass.Request, StunMethod.Binding, new StunTransactionId((uint)_node.Random.Next(), _node.Random.Next()));
        writer.AddUsername(Encoding.UTF8.GetBytes($"{to}:{from}"));
        writer.AddIceControlling(1);
        if (nominates) writer.AddUseCandidate();
        writer.AddPriority(1);
        if (password is not null) writer.AddIntegrity(Encoding.UTF8.GetBytes(password));
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }
}
