using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Dtls;

public class DtlsSessionTests
{
    private static readonly DateTimeOffset Today = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Two_sessions_connect_and_export_the_same_keys_crosswise()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        Assert.Equal(SrtpProfile.AeadAes128Gcm, pair.Client.SrtpProfile);
        Assert.Equal(SrtpProfile.AeadAes128Gcm, pair.Server.SrtpProfile);
        Assert.Equal(Instant.Never, pair.Client.NextTimeout);
        Assert.Equal(Instant.Never, pair.Server.NextTimeout);
        pair.AssertKeysMatchCrosswise();
    }

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm)]
    [InlineData(SrtpProfile.AeadAes256Gcm)]
    [InlineData(SrtpProfile.Aes128CmSha1_80)]
    public void The_profile_both_have_is_agreed_whatever_the_preference(SrtpProfile only)
    {
        using var context = new DtlsContext(Today, only);
        using var asServer = new DtlsPair(serverContext: context);
        asServer.Connect();
        Assert.Equal(only, asServer.Client.SrtpProfile);
        asServer.AssertKeysMatchCrosswise();

        using var asClient = new DtlsPair(clientContext: context);
        asClient.Connect();
        Assert.Equal(only, asClient.Server.SrtpProfile);
        asClient.AssertKeysMatchCrosswise();
    }

    [Fact]
    public void Without_a_common_profile_both_sides_fail()
    {
        using var gcm = new DtlsContext(Today, SrtpProfile.AeadAes128Gcm);
        using var cm = new DtlsContext(Today, SrtpProfile.Aes128CmSha1_80);
        using var pair = new DtlsPair(gcm, cm);
        pair.Handshake();
        pair.AssertFailed(client: DtlsFailure.NoSrtpProfile, server: DtlsFailure.NoSrtpProfile);
    }

    [Fact]
    public void A_client_that_meets_a_wrong_certificate_fails_and_tells_the_server()
    {
        using var pair = new DtlsPair(clientExpects: DtlsPair.ClientContext.Fingerprint);
        pair.Handshake();
        pair.AssertFailed(client: DtlsFailure.FingerprintMismatch, server: DtlsFailure.HandshakeFailed);
    }

    [Fact]
    public void A_server_that_meets_a_wrong_certificate_fails_and_never_reports_a_connection()
    {
        using var pair = new DtlsPair(serverExpects: DtlsPair.ServerContext.Fingerprint);
        pair.Handshake();
        pair.AssertFailed(client: DtlsFailure.HandshakeFailed, server: DtlsFailure.FingerprintMismatch);
    }

    [Fact]
    public void One_fitting_fingerprint_among_several_is_enough()
    {
        Assert.True(DtlsFingerprint.TryCreate("sha-512", new byte[64], out var other));
        using var pair = new DtlsPair();
        using var server = new DtlsSession(
            DtlsPair.ServerContext, DtlsRole.Server, other!, DtlsPair.ServerContext.Fingerprint, DtlsPair.ClientContext.Fingerprint);
        Exchange(pair.Client, server);
        Assert.Equal(DtlsState.Connected, server.State);
    }

    [Fact]
    public void The_loss_of_any_single_datagram_is_made_good()
    {
        using var whole = new DtlsPair();
        whole.Connect();
        Assert.InRange(whole.Sent.Count, 4, 8);
        for (var lost = 0; lost < whole.Sent.Count; lost++)
        {
            var dropped = lost;
            using var pair = new DtlsPair { Network = n => (n == dropped ? 0 : 1, TimeSpan.FromMilliseconds(10)) };
            pair.Connect();
            pair.AssertKeysMatchCrosswise();
        }
    }

    [Fact]
    public void The_loss_of_any_two_datagrams_is_made_good()
    {
        for (var first = 0; first < 6; first++)
        {
            for (var second = first + 1; second < 10; second++)
            {
                var (a, b) = (first, second);
                using var pair = new DtlsPair { Network = n => (n == a || n == b ? 0 : 1, TimeSpan.FromMilliseconds(10)) };
                pair.Connect();
                pair.AssertKeysMatchCrosswise();
            }
        }
    }

    [Fact]
    public void Doubled_datagrams_change_nothing()
    {
        using var pair = new DtlsPair { Network = static _ => (3, TimeSpan.FromMilliseconds(10)) };
        pair.Connect();
        pair.AssertKeysMatchCrosswise();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Random_loss_doubling_and_reordering_is_survived(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 10; run++)
        {
            using var pair = new DtlsPair
            {
                Network = _ => (random.Next(10) switch { < 2 => 0, < 4 => 2, _ => 1 }, TimeSpan.FromMilliseconds(random.Next(1, 300))),
            };
            pair.Start();
            pair.Run(TimeSpan.FromSeconds(29));
            pair.AssertConnected();
            pair.AssertKeysMatchCrosswise();
        }
    }

    [Fact]
    public void Datagrams_cut_into_small_records_are_put_together()
    {
        // Each record arrives alone, and every other time the last one first, so that a ChangeCipherSpec comes too early.
        using var pair = new DtlsPair();
        pair.Start();
        var now = pair.Now;
        var buffer = new byte[1500];
        for (var round = 0; round < 20; round++)
        {
            foreach (var (from, to) in new[] { (pair.Client, pair.Server), (pair.Server, pair.Client) })
            {
                var records = new List<byte[]>();
                while (from.TryTakeTransmit(buffer, out var length))
                {
                    var walk = new DtlsRecords(buffer.AsSpan(0, length));
                    while (walk.MoveNext()) records.Add(walk.Record.ToArray());
                }

                if (round % 2 == 0) records.Reverse();
                foreach (var record in records) to.HandleDatagram(now, record);
            }

            now += TimeSpan.FromMilliseconds(250);
            pair.Client.HandleTimeout(now);
            pair.Server.HandleTimeout(now);
        }

        pair.AssertConnected();
    }

    [Fact]
    public void The_first_retransmission_comes_after_200_ms_and_the_wait_doubles()
    {
        using var pair = new DtlsPair { Network = static _ => (0, TimeSpan.Zero) };
        pair.Start();
        var sent = new List<double>();
        var start = pair.Now;
        pair.Client.TryTakeTransmit(new byte[1500], out _);
        while (pair.Client.State == DtlsState.Handshaking)
        {
            var now = pair.Client.NextTimeout;
            pair.Client.HandleTimeout(now);
            if (pair.Client.TryTakeTransmit(new byte[1500], out _)) sent.Add((now - start).TotalMilliseconds);
        }

        Assert.Equal([200.0, 600, 1400, 3000, 6200, 12600, 25400], sent);
    }

    [Fact]
    public void A_handshake_without_answer_is_given_up_after_thirty_seconds()
    {
        using var pair = new DtlsPair { Network = static _ => (0, TimeSpan.Zero) };
        pair.Start();
        pair.Run(TimeSpan.FromSeconds(29.9));
        Assert.Equal(DtlsState.Handshaking, pair.Client.State);
        pair.Run(TimeSpan.FromSeconds(1));
        pair.AssertFailed(client: DtlsFailure.TimedOut, server: DtlsFailure.TimedOut);
        Assert.Equal(Instant.Never, pair.Client.NextTimeout);
        Assert.False(pair.Client.TryTakeTransmit(new byte[1500], out _));
    }

    [Fact]
    public void A_connected_server_repeats_its_last_flight_when_the_client_does()
    {
        using var pair = new DtlsPair();
        var lastFlightLost = false;
        pair.Network = n => (lastFlightLost || pair.Server.State != DtlsState.Connected ? 1 : 0, TimeSpan.FromMilliseconds(10));
        pair.Start();
        pair.Run(TimeSpan.FromMilliseconds(150));
        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.Equal(DtlsState.Handshaking, pair.Client.State);
        lastFlightLost = true;
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(DtlsState.Connected, pair.Client.State);
        pair.AssertKeysMatchCrosswise();
    }

    [Fact]
    public void Repeats_after_the_handshake_are_limited_in_rate()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        var finished = pair.Sent.Last(static d => d.ToServer).Datagram;
        var answers = 0;
        for (var i = 0; i < 1000; i++)
        {
            pair.Server.HandleDatagram(pair.Now, finished);
            while (pair.Server.TryTakeTransmit(new byte[1500], out _)) answers++;
        }

        Assert.Equal(1, answers);
        Assert.Equal(DtlsState.Connected, pair.Server.State);
    }

    [Fact]
    public void Close_tells_the_peer()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        pair.Server.Close();
        Assert.Equal(DtlsState.Closed, pair.Server.State);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(DtlsState.Closed, pair.Client.State);
        Assert.False(pair.Client.TryExportKeys(out _, out _));
    }

    [Fact]
    public void The_client_can_close_too()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        pair.Client.Close();
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(DtlsState.Closed, pair.Server.State);
    }

    [Fact]
    public void A_plaintext_close_notify_does_not_end_a_connection()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        pair.Server.HandleDatagram(pair.Now, [21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 1, 0]); // warning, close_notify, epoch 0
        pair.Server.HandleDatagram(pair.Now, [21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40]); // fatal, unencrypted in epoch 1
        Assert.Equal(DtlsState.Connected, pair.Server.State);
        pair.AssertKeysMatchCrosswise();
    }

    [Fact]
    public void A_new_hello_does_not_disturb_a_connection()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        using var stranger = new DtlsPair();
        stranger.Client.Start(stranger.Now);
        var hello = new byte[1500];
        Assert.True(stranger.Client.TryTakeTransmit(hello, out var length));
        pair.Server.HandleDatagram(pair.Now, hello.AsSpan(0, length));
        Assert.Equal(DtlsState.Connected, pair.Server.State);
        pair.Client.Close();
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(DtlsState.Closed, pair.Server.State);
    }

    [Fact]
    public void What_is_not_dtls_is_ignored()
    {
        using var pair = new DtlsPair();
        pair.Start();
        var random = new Random(7);
        var garbage = new byte[200];
        for (var i = 0; i < 5000; i++)
        {
            random.NextBytes(garbage);
            garbage[0] = (byte)(i % 2 == 0 ? 22 : garbage[0]);
            garbage[1] = 0xff;
            pair.Server.HandleDatagram(pair.Now, garbage.AsSpan(0, random.Next(200)));
            pair.Client.HandleDatagram(pair.Now, garbage.AsSpan(0, random.Next(200)));
        }

        pair.Run(TimeSpan.FromSeconds(5));
        pair.AssertConnected();
    }

    [Fact]
    public void A_flood_of_well_formed_records_ends_the_handshake()
    {
        using var pair = new DtlsPair();
        pair.Server.Start(pair.Now);
        byte[] record = [23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4]; // application data of the next epoch
        for (var i = 0; i < DtlsSession.MaxHandshakeDatagrams; i++)
        {
            record[10] = (byte)i;
            pair.Server.HandleDatagram(pair.Now, record);
            Assert.Equal(DtlsState.Handshaking, pair.Server.State);
        }

        pair.Server.HandleDatagram(pair.Now, record);
        Assert.Equal((DtlsState.Failed, DtlsFailure.Flooded), (pair.Server.State, pair.Server.Failure));
    }

    [Fact]
    public void A_claim_of_a_huge_handshake_message_is_refused()
    {
        using var pair = new DtlsPair();
        pair.Server.Start(pair.Now);
        byte[] hello = [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4];
        pair.Server.HandleDatagram(pair.Now, hello);
        Assert.NotEqual(DtlsState.Connected, pair.Server.State);
        Assert.False(pair.Server.TryExportKeys(out _, out _));
    }

    [Fact]
    public void Nothing_happens_after_the_end()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        pair.Server.Close();
        pair.Server.Close();
        pair.Server.Start(pair.Now);
        pair.Server.HandleTimeout(Instant.Never);
        foreach (var (toServer, datagram) in pair.Sent)
        {
            if (toServer) pair.Server.HandleDatagram(pair.Now, datagram);
        }

        Assert.Equal(DtlsState.Closed, pair.Server.State);
        pair.Server.Dispose();
        pair.Server.Dispose();
        pair.Server.HandleDatagram(pair.Now, pair.Sent[0].Datagram);
        Assert.False(pair.Server.TryTakeTransmit(new byte[1500], out _));
    }

    [Fact]
    public void A_session_without_fingerprint_cannot_be_made() =>
        Assert.Throws<ArgumentException>(() => new DtlsSession(DtlsPair.ServerContext, DtlsRole.Server));

    private static void Exchange(DtlsSession client, DtlsSession server)
    {
        var now = Instant.FromMilliseconds(1);
        var buffer = new byte[1500];
        client.Start(now);
        for (var round = 0; round < 10; round++)
        {
            while (client.TryTakeTransmit(buffer, out var length)) server.HandleDatagram(now, buffer.AsSpan(0, length));
            while (server.TryTakeTransmit(buffer, out var length)) client.HandleDatagram(now, buffer.AsSpan(0, length));
        }
    }
}
