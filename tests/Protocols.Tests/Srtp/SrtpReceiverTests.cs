using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Protocols.Tests.Srtp;

public class SrtpReceiverTests
{
    public static TheoryData<SrtpProfile> Profiles => [SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm, SrtpProfile.Aes128CmSha1_80];

    [Theory]
    [MemberData(nameof(CryptoPathRows.PathsAndProfiles), MemberType = typeof(CryptoPathRows))]
    public void What_a_sender_protects_a_receiver_opens(string path, SrtpProfile profile)
    {
        using var keys = Keys(profile);
        using var sender = new SrtpSender(keys, CryptoPathRows.Parse(path));
        using var receiver = new SrtpReceiver(keys, CryptoPathRows.Parse(path));
        var random = new Random(1);
        for (ulong index = 65_000; index < 67_000; index++)
        {
            var payload = new byte[random.Next(0, 1300)];
            random.NextBytes(payload);
            var packet = Protect(sender, 0x1234, index, payload);
            Assert.Equal(12 + payload.Length + profile.RtpOverhead(), packet.Length);
            Assert.Equal(SrtpError.None, receiver.UnprotectRtp(packet, out var length, out var seen));
            Assert.Equal(index, seen);
            Assert.Equal(payload, packet[12..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_payload_may_lie_in_place_elsewhere_or_across(SrtpProfile profile)
    {
        using var keys = Keys(profile);
        using var sender = new SrtpSender(keys);
        var payload = new byte[500];
        new Random(1).NextBytes(payload);
        var expected = Protect(sender, 1, 7, payload);
        for (var shift = 0; shift <= 40; shift++)
        {
            var buffer = new byte[700];
            payload.CopyTo(buffer, 12 + shift);
            var source = buffer.AsSpan(12 + shift, payload.Length);
            expected.AsSpan(0, 12).CopyTo(buffer);
            var length = sender.ProtectRtp(buffer, 12, source, 0);
            Assert.Equal(expected, buffer[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_packet_is_taken_once(SrtpProfile profile)
    {
        using var keys = Keys(profile);
        using var sender = new SrtpSender(keys);
        using var receiver = new SrtpReceiver(keys);
        var packet = Protect(sender, 1, 100, [1, 2, 3]);
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp((byte[])packet.Clone(), out _));
        Assert.Equal(SrtpError.Replayed, receiver.UnprotectRtp(packet, out var length));
        Assert.Equal(0, length);

        var rtcp = ProtectRtcp(sender, 1);
        Assert.Equal(SrtpError.None, receiver.UnprotectRtcp((byte[])rtcp.Clone(), out _));
        Assert.Equal(SrtpError.Replayed, receiver.UnprotectRtcp(rtcp, out length));
        Assert.Equal(0, length);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_changed_bit_is_noticed_and_changes_no_state(SrtpProfile profile)
    {
        using var keys = Keys(profile);
        using var sender = new SrtpSender(keys);
        using var receiver = new SrtpReceiver(keys);
        var packet = Protect(sender, 1, 100, new byte[40]);
        for (var bit = 0; bit < packet.Length * 8; bit++)
        {
            var changed = (byte[])packet.Clone();
            changed[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.NotEqual(SrtpError.None, receiver.UnprotectRtp(changed, out var length));
            Assert.Equal(0, length);
        }

        Assert.Equal(0, receiver.StreamCount);
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(packet, out _));

        var rtcp = ProtectRtcp(sender, 1);
        for (var bit = 0; bit < rtcp.Length * 8; bit++)
        {
            var changed = (byte[])rtcp.Clone();
            changed[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.NotEqual(SrtpError.None, receiver.UnprotectRtcp(changed, out _));
        }

        Assert.Equal(SrtpError.None, receiver.UnprotectRtcp(rtcp, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_truncation_is_refused(SrtpProfile profile)
    {
        using var keys = Keys(profile);
        using var sender = new SrtpSender(keys);
        using var receiver = new SrtpReceiver(keys);
        var packet = Protect(sender, 1, 100, new byte[40]);
        var rtcp = ProtectRtcp(sender, 1);
        for (var length = 0; length < packet.Length; length++)
        {
            var error = receiver.UnprotectRtp(packet.AsSpan(0, length).ToArray(), out _);
            Assert.Equal(length < 12 + profile.TagLength() ? SrtpError.TooShort : SrtpError.AuthenticationFailed, error);
        }

        for (var length = 0; length < rtcp.Length; length++) Assert.NotEqual(SrtpError.None, receiver.UnprotectRtcp(rtcp.AsSpan(0, length).ToArray(), out _));
    }

    [Fact]
    public void A_header_that_claims_more_than_there_is_is_too_short()
    {
        using var keys = Keys(SrtpProfile.AeadAes128Gcm);
        using var receiver = new SrtpReceiver(keys);
        var packet = new byte[60];
        packet[0] = 0x8f; // fifteen CSRCs
        Assert.Equal(SrtpError.TooShort, receiver.UnprotectRtp(packet, out _));
        packet[0] = 0x90; // an extension of 65535 words
        packet[14] = packet[15] = 0xff;
        Assert.Equal(SrtpError.TooShort, receiver.UnprotectRtp(packet, out _));
        packet[0] = 0x40; // version 1
        Assert.Equal(SrtpError.TooShort, receiver.UnprotectRtp(packet, out _));
        Assert.Equal(SrtpError.TooShort, receiver.UnprotectRtcp(packet, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Keys_of_another_session_open_nothing(SrtpProfile profile)
    {
        using var keys = Keys(profile);
        using var others = Keys(profile, seed: 2);
        using var sender = new SrtpSender(keys);
        using var receiver = new SrtpReceiver(others);
        Assert.Equal(SrtpError.AuthenticationFailed, receiver.UnprotectRtp(Protect(sender, 1, 1, new byte[99]), out _));
        Assert.Equal(SrtpError.AuthenticationFailed, receiver.UnprotectRtcp(ProtectRtcp(sender, 1), out _));
    }

    [Fact]
    public void Late_packets_are_taken_within_the_window_only()
    {
        using var keys = Keys(SrtpProfile.AeadAes128Gcm);
        using var sender = new SrtpSender(keys);
        using var receiver = new SrtpReceiver(keys);
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protect(sender, 1, 2000, []), out _));
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protect(sender, 1, 2000 - 1023, []), out _));
        Assert.Equal(SrtpError.Replayed, receiver.UnprotectRtp(Protect(sender, 1, 2000 - 1024, []), out _));
    }

    [Fact]
    public void A_stream_is_taken_to_start_in_round_zero()
    {
        using var keys = Keys(SrtpProfile.AeadAes128Gcm);
        using var sender = new SrtpSender(keys);
        using var receiver = new SrtpReceiver(keys);
        Assert.Equal(SrtpError.AuthenticationFailed, receiver.UnprotectRtp(Protect(sender, 1, 66_000, []), out _));
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protect(sender, 1, 464, []), out _));
    }

    [Fact]
    public void The_rollover_counter_is_followed_over_loss_and_reordering()
    {
        using var keys = Keys(SrtpProfile.AeadAes128Gcm);
        using var sender = new SrtpSender(keys);
        using var receiver = new SrtpReceiver(keys);
        var random = new Random(5);
        ulong highest = 60_000;
        for (var i = 0; i < 4000; i++)
        {
            var index = random.Next(3) == 0 && highest > 60_900 ? highest - (ulong)random.Next(1, 900) : highest + (ulong)random.Next(1, 2000);
            var error = receiver.UnprotectRtp(Protect(sender, 9, index, [1]), out _, out var seen);
            if (error == SrtpError.Replayed) continue; // drawn before
            Assert.Equal(SrtpError.None, error);
            Assert.Equal(index, seen);
            highest = Math.Max(highest, index);
        }

        Assert.True(highest > 20 * 65_536);
    }

    [Theory]
    [InlineData(0ul, 65_535, 65_535ul)] // there is no round before the first
    [InlineData(65_535ul, 0, 65_536ul)]
    [InlineData(65_536ul, 65_535, 65_535ul)]
    [InlineData(100ul, 32_867, 32_867ul)]
    [InlineData(0x2_0010ul, 0xfff0, 0x1_fff0ul)]
    [InlineData(0x2_fff0ul, 0x0010, 0x3_0010ul)]
    public void The_index_is_estimated_as_the_nearest(ulong highest, int sequence, ulong expected) =>
        Assert.Equal(expected, SrtpReceiver.EstimateIndex(highest, (ushort)sequence));

    [Fact]
    public void The_number_of_streams_is_bounded_and_known_ones_go_on()
    {
        using var keys = Keys(SrtpProfile.AeadAes128Gcm);
        using var sender = new SrtpSender(keys);
        using var receiver = new SrtpReceiver(keys);
        for (uint ssrc = 0; ssrc < SrtpReceiver.MaxStreams; ssrc++)
        {
            Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protect(sender, ssrc, 1, []), out _));
            Assert.Equal(SrtpError.None, receiver.UnprotectRtcp(ProtectRtcp(sender, ssrc), out _));
        }

        Assert.Equal(SrtpError.TooManyStreams, receiver.UnprotectRtp(Protect(sender, 1000, 1, []), out _));
        Assert.Equal(SrtpError.TooManyStreams, receiver.UnprotectRtcp(ProtectRtcp(sender, 1000), out _));
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protect(sender, 63, 2, []), out _));
        Assert.Equal(SrtpReceiver.MaxStreams, receiver.StreamCount);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Unencrypted_srtcp_is_refused(SrtpProfile profile)
    {
        using var keys = Keys(profile);
        using var sender = new SrtpSender(keys);
        using var receiver = new SrtpReceiver(keys);
        var packet = ProtectRtcp(sender, 1);
        var word = profile == SrtpProfile.Aes128CmSha1_80 ? packet.Length - 14 : packet.Length - 4;
        packet[word] &= 0x7f;
        Assert.Equal(SrtpError.AuthenticationFailed, receiver.UnprotectRtcp(packet, out _));
    }

    [Fact]
    public void A_sender_refuses_buffers_that_do_not_fit()
    {
        using var keys = Keys(SrtpProfile.AeadAes128Gcm);
        using var sender = new SrtpSender(keys);
        Assert.Throws<ArgumentException>(() => sender.ProtectRtp(new byte[100], 11, new byte[10], 0));
        Assert.Throws<ArgumentException>(() => sender.ProtectRtp(new byte[37], 12, new byte[10], 0));
        Assert.Throws<ArgumentException>(() => sender.ProtectRtcp(new byte[100], 7));
        Assert.Throws<ArgumentException>(() => sender.ProtectRtcp(new byte[27], 8));
        sender.NextRtcpIndex = 0x8000_0000;
        Assert.Throws<InvalidOperationException>(() => sender.ProtectRtcp(new byte[100], 8));
    }

    [Theory]
    [MemberData(nameof(CryptoPathRows.PathsAndProfiles), MemberType = typeof(CryptoPathRows))]
    public void Nothing_is_encrypted_with_keys_that_were_overwritten(string path, SrtpProfile profile)
    {
        using var keys = Keys(profile);
        var sender = new SrtpSender(keys, CryptoPathRows.Parse(path));
        sender.Dispose();

        // Whatever the path says of it (.NET's own objects guard themselves in their own words), nothing comes out.
        Assert.ThrowsAny<Exception>(() => Protect(sender, 1, 1, new byte[100]));
        if (path != nameof(CryptoPath.Portable)) Assert.Throws<ObjectDisposedException>(() => Protect(sender, 1, 1, new byte[100]));
        keys.Dispose();
        Assert.All(keys.MasterKey.ToArray(), static b => Assert.Equal(0, b));
        Assert.All(keys.MasterSalt.ToArray(), static b => Assert.Equal(0, b));
    }

    [Theory]
    [MemberData(nameof(CryptoPathRows.PathsAndProfiles), MemberType = typeof(CryptoPathRows))]
    public void No_packet_costs_an_allocation(string path, SrtpProfile profile)
    {
        using var keys = Keys(profile);
        using var sender = new SrtpSender(keys, CryptoPathRows.Parse(path));
        using var receiver = new SrtpReceiver(keys, CryptoPathRows.Parse(path));
        var packet = new byte[1300];
        var payload = new byte[1200];
        packet[0] = 0x80;
        long allocated = 0;
        for (var i = 0; i < 200; i++)
        {
            if (i == 100) allocated = GC.GetAllocatedBytesForCurrentThread();
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)i);
            var length = sender.ProtectRtp(packet, 12, payload, 0);
            if (receiver.UnprotectRtp(packet.AsSpan(0, length), out _) != SrtpError.None) Assert.Fail("not opened");
            length = sender.ProtectRtcp(packet, 60);
            if (receiver.UnprotectRtcp(packet.AsSpan(0, length), out _) != SrtpError.None) Assert.Fail("not opened");
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    private static SrtpKeys Keys(SrtpProfile profile, int seed = 1)
    {
        var bytes = new byte[profile.KeyLength() + profile.SaltLength()];
        new Random(seed).NextBytes(bytes);
        return new SrtpKeys(profile, bytes.AsSpan(0, profile.KeyLength()), bytes.AsSpan(profile.KeyLength()));
    }

    private static byte[] Protect(SrtpSender sender, uint ssrc, ulong index, byte[] payload)
    {
        var packet = new byte[12 + payload.Length + sender.RtpOverhead];
        packet[0] = 0x80;
        packet[1] = 96;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)index);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        Assert.Equal(packet.Length, sender.ProtectRtp(packet, 12, payload, (uint)(index >> 16)));
        return packet;
    }

    private static byte[] ProtectRtcp(SrtpSender sender, uint ssrc)
    {
        var packet = new byte[28 + sender.RtcpOverhead];
        packet[0] = 0x80;
        packet[1] = 200;
        packet[3] = 6;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), ssrc);
        Assert.Equal(packet.Length, sender.ProtectRtcp(packet, 28));
        return packet;
    }
}
