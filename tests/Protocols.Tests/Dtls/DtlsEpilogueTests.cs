using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Dtls;

namespace Sluice.Protocols.Tests.Dtls;

/// <summary>What a session still does after OpenSSL's part of it has been freed.</summary>
public class DtlsEpilogueTests
{
    private static readonly DateTimeOffset Today = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Openssl_keeps_nothing_for_a_connected_session()
    {
        using var pair = new DtlsPair();
        Assert.True(pair.Client.HoldsOpenSslSession);
        Assert.True(pair.Server.HoldsOpenSslSession);
        pair.Connect();
        Assert.False(pair.Client.HoldsOpenSslSession);
        Assert.False(pair.Server.HoldsOpenSslSession);
        pair.AssertKeysMatchCrosswise();
        pair.AssertKeysMatchCrosswise();
    }

    [Fact]
    public void Openssl_keeps_nothing_for_a_failed_session()
    {
        using var pair = new DtlsPair(clientExpects: DtlsPair.ClientContext.Fingerprint);
        pair.Handshake();
        Assert.False(pair.Client.HoldsOpenSslSession);
        Assert.False(pair.Server.HoldsOpenSslSession);
    }

    [Theory]
    [InlineData("ECDHE-ECDSA-AES128-GCM-SHA256", true)]
    [InlineData("ECDHE-ECDSA-AES128-GCM-SHA256", false)]
    [InlineData("ECDHE-ECDSA-AES256-GCM-SHA384", true)]
    [InlineData("ECDHE-ECDSA-AES256-GCM-SHA384", false)]
    [InlineData("ECDHE-ECDSA-CHACHA20-POLY1305", true)]
    [InlineData("ECDHE-ECDSA-CHACHA20-POLY1305", false)]
    public void A_close_is_understood_under_every_cipher(string cipher, bool byClient)
    {
        using var context = new DtlsContext(Today, cipher, [SrtpProfile.AeadAes128Gcm]);
        using var pair = new DtlsPair(clientContext: context);
        pair.Connect();
        (byClient ? pair.Client : pair.Server).Close();
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(DtlsState.Closed, pair.Client.State);
        Assert.Equal(DtlsState.Closed, pair.Server.State);
    }

    [Fact]
    public void A_last_flight_that_was_lost_is_sent_again_and_the_close_after_it_understood()
    {
        using var pair = new DtlsPair();
        var isLost = true;
        pair.Network = _ => (isLost && pair.Server.State == DtlsState.Connected ? 0 : 1, TimeSpan.FromMilliseconds(10));
        pair.Start();
        pair.Run(TimeSpan.FromMilliseconds(150));
        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.False(pair.Server.HoldsOpenSslSession);
        Assert.Equal(DtlsState.Handshaking, pair.Client.State);

        isLost = false;
        pair.Run(TimeSpan.FromSeconds(1));
        pair.AssertConnected();
        pair.Client.Close();
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(DtlsState.Closed, pair.Server.State);
    }

    [Fact]
    public void A_close_with_any_byte_changed_is_no_close()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        var close = CloseOf(pair.Client);
        for (var i = 0; i < close.Length; i++)
        {
            var forged = close.ToArray();
            forged[i] ^= 0x40;
            pair.Server.HandleDatagram(pair.Now, forged);
            pair.Server.HandleDatagram(pair.Now, forged.AsSpan(0, i));
            Assert.Equal(DtlsState.Connected, pair.Server.State);
        }

        pair.Server.HandleDatagram(pair.Now, close);
        Assert.Equal(DtlsState.Closed, pair.Server.State);
    }

    [Fact]
    public void A_close_of_another_association_is_no_close()
    {
        using var pair = new DtlsPair();
        using var other = new DtlsPair();
        pair.Connect();
        other.Connect();
        pair.Server.HandleDatagram(pair.Now, CloseOf(other.Client));
        pair.Server.HandleDatagram(pair.Now, CloseOf(other.Server));
        Assert.Equal(DtlsState.Connected, pair.Server.State);
    }

    [Fact]
    public void After_many_forgeries_alerts_are_not_looked_at()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        var close = CloseOf(pair.Client);
        var forged = close.ToArray();
        forged[^1] ^= 1;
        for (var i = 0; i < DtlsEpilogue.MaxForgeries; i++) pair.Server.HandleDatagram(pair.Now, forged);
        pair.Server.HandleDatagram(pair.Now, close);
        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.True(pair.Server.TryExportKeys(out _, out _));
    }

    [Fact]
    public void A_disposed_session_says_nothing_and_hears_nothing()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        var close = CloseOf(pair.Client);
        pair.Server.Dispose();
        pair.Server.HandleDatagram(pair.Now, close);
        Assert.False(pair.Server.TryTakeTransmit(new byte[1500], out _));
        Assert.False(pair.Server.TryExportKeys(out _, out _));
        pair.Server.Close();
        Assert.False(pair.Server.TryTakeTransmit(new byte[1500], out _));
    }

    private static byte[] CloseOf(DtlsSession session)
    {
        session.Close();
        var buffer = new byte[1500];
        Assert.True(session.TryTakeTransmit(buffer, out var length));
        Assert.InRange(length, DtlsRecords.HeaderLength + 2, DtlsEpilogue.MaxFarewell);
        return buffer[..length];
    }
}
