using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Protocols.Tests.Srtp;

/// <summary>Packets whose tags are written together are, bit for bit, those whose tags are written at once.</summary>
public unsafe class SrtpBatchTests
{
    private const int Slot = 2400;

    private readonly byte[] _slab = GC.AllocateUninitializedArray<byte>(Slot * 1400, pinned: true);
    private readonly Random _random = new(11);

    [Fact]
    public void Tags_of_equal_packets_of_many_senders_are_right()
    {
        for (var count = 1; count <= 40; count++) Check([.. Enumerable.Repeat(1200, count)]);
    }

    [Fact]
    public void Tags_are_right_at_every_length()
    {
        for (var first = 0; first < 1500; first += 50)
        {
            Check([.. Enumerable.Range(first, 50).SelectMany(length => Enumerable.Repeat(length, 7))]);
        }
    }

    [Fact]
    public void Tags_of_mixed_lengths_are_right()
    {
        for (var round = 0; round < 40; round++) Check([.. Enumerable.Range(0, _random.Next(1, 300)).Select(_ => _random.Next(0, 1400))]);
    }

    [Fact]
    public void A_batch_beyond_its_capacity_writes_its_tags_early() => Check([.. Enumerable.Repeat(100, SrtpBatch.Capacity + 100)]);

    [Fact]
    public void A_packet_too_long_for_the_lanes_gets_its_tag() => Check([2300, 20, 2300]);

    [Fact]
    public void A_withdrawn_packet_is_not_written_to()
    {
        using var sender = Sender(SrtpProfile.Aes128CmSha1_80);
        var batch = new SrtpBatch();
        var kept = Write(sender, 0, 300, 1, batch);
        var before = batch.Count;
        Write(sender, 1, 300, 2, batch);
        batch.Withdraw(before);
        _slab.AsSpan(Slot, Slot).Fill(0xee);
        batch.Complete();
        Assert.Equal(-1, _slab.AsSpan(Slot, Slot).IndexOfAnyExcept((byte)0xee));
        Assert.Equal(Expected(sender, kept, 1), _slab.AsSpan(0, kept.Length).ToArray());
    }

    [Fact]
    public void Nothing_is_left_for_later_with_gcm()
    {
        using var sender = Sender(SrtpProfile.AeadAes128Gcm);
        var batch = new SrtpBatch();
        Write(sender, 0, 300, 1, batch);
        Assert.Equal(0, batch.Count);
    }

    private void Check(int[] lengths)
    {
        var senders = Enumerable.Range(0, Math.Min(lengths.Length, 23)).Select(_ => Sender(SrtpProfile.Aes128CmSha1_80)).ToArray();
        var batch = new SrtpBatch();
        var plain = new byte[lengths.Length][];
        for (var i = 0; i < lengths.Length; i++) plain[i] = Write(senders[i % senders.Length], i, lengths[i], (uint)i, batch);
        batch.Complete();
        Assert.Equal(0, batch.Count);
        for (var i = 0; i < lengths.Length; i++)
        {
            var expected = Expected(senders[i % senders.Length], plain[i], (uint)i);
            Assert.True(_slab.AsSpan(i * Slot, expected.Length).SequenceEqual(expected), $"packet {i} of {lengths.Length}, {lengths[i]} bytes");
        }

        foreach (var sender in senders) sender.Dispose();
    }

    // Header and payload of the packet, with room for the tag; the protected one is in the slab.
    private byte[] Write(SrtpSender sender, int slot, int length, uint rolloverCounter, SrtpBatch batch)
    {
        var packet = new byte[12 + length + sender.RtpOverhead];
        _random.NextBytes(packet);
        packet[0] = 0x80;
        var destination = _slab.AsSpan(slot * Slot, Slot);
        packet.AsSpan(0, 12).CopyTo(destination);
        sender.ProtectRtp(destination, 12, packet.AsSpan(12, length), rolloverCounter, batch);
        return packet;
    }

    private static byte[] Expected(SrtpSender sender, byte[] plain, uint rolloverCounter)
    {
        var packet = (byte[])plain.Clone();
        sender.ProtectRtp(packet, 12, packet.AsSpan(12, packet.Length - 12 - sender.RtpOverhead), rolloverCounter);
        return packet;
    }

    private SrtpSender Sender(SrtpProfile profile)
    {
        var master = new byte[profile.KeyLength() + profile.SaltLength()];
        _random.NextBytes(master);
        using var keys = new SrtpKeys(profile, master.AsSpan(0, profile.KeyLength()), master.AsSpan(profile.KeyLength()));
        return new SrtpSender(keys);
    }
}
