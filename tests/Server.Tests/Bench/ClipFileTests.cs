using System.Buffers.Binary;
using Sluice.Bench.Traffic;

namespace Sluice.Server.Tests.Bench;

public sealed class ClipFileTests
{
    [Fact]
    public void Times_lengths_and_the_beginnings_of_payloads_are_taken()
    {
        byte[] file =
        [
            .. Record(0, 0, Rtp(marker: false, 90_000, [0x7c, 0x81, 1, 2, 3])),
            .. Record(0, 0, Rtp(marker: true, 90_000, [0x7c, 0x41, 4])),
            .. Record(5_000, 1, Rtp(marker: false, 777, [0xfc, 9, 9, 9])),
            .. Record(33_000, 0, Rtp(marker: true, 93_000, [0x06, 1, 2, 3, 4, 5])),
        ];

        Assert.True(ClipFile.TryRead(file, "clip", out var shape));

        Assert.Equal(66_666, shape.RoundMicroseconds); // two pictures of 3000 ticks
        Assert.Equal(4, shape.Packets.Length);
        Assert.Equal([5, 3, 4, 6], Lengths(shape));
        Assert.Equal([0x7c, 0x81], shape.Packets[0].Prefix.ToArray());
        Assert.True(shape.Packets[1].Marker);
        Assert.Equal(0u, shape.Packets[2].Timestamp);
        Assert.True(shape.Packets[2].IsAudio);
        Assert.Equal(3000u, shape.Packets[3].Timestamp);
        Assert.Equal([0x06, 1, 2, 3], shape.Packets[3].Prefix.ToArray());
    }

    [Fact]
    public void What_lies_behind_the_last_picture_is_left_out()
    {
        byte[] file = [.. Record(0, 0, Rtp(true, 0, [0x41, 1])), .. Record(33_000, 0, Rtp(true, 3000, [0x41, 1])), .. Record(70_000, 1, Rtp(false, 1, [1, 2]))];

        Assert.True(ClipFile.TryRead(file, "clip", out var shape));
        Assert.Equal(2, shape.Packets.Length);
    }

    [Fact]
    public void A_record_that_is_cut_short_is_refused()
    {
        byte[] file = [.. Record(0, 0, Rtp(true, 0, [0x41, 1, 2, 3]))];

        for (var length = 1; length < file.Length; length++) Assert.False(ClipFile.TryRead(file.AsSpan(0, length), "clip", out _));
    }

    [Fact]
    public void What_is_no_recording_is_refused()
    {
        Assert.False(ClipFile.TryRead([], "clip", out _));
        Assert.False(ClipFile.TryRead([.. Record(0, 2, Rtp(true, 0, [1, 2]))], "clip", out _)); // a third kind
        Assert.False(ClipFile.TryRead([.. Record(uint.MaxValue, 0, Rtp(true, 0, [1, 2]))], "clip", out _)); // later than any round
        Assert.False(ClipFile.TryRead([.. Record(0, 0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])], "clip", out _)); // no RTP
        Assert.False(ClipFile.TryRead([.. Record(0, 0, Rtp(true, 0, new byte[TrafficShape.MaxPayload + 1]))], "clip", out _));
        Assert.False(ClipFile.TryRead([.. Record(0, 0, Rtp(true, 0, []))], "clip", out _)); // nothing in it
    }

    private static int[] Lengths(TrafficShape shape)
    {
        var lengths = new List<int>();
        foreach (var packet in shape.Packets) lengths.Add(packet.Length);
        return [.. lengths];
    }

    private static byte[] Record(uint time, byte kind, byte[] packet)
    {
        var record = new byte[8 + packet.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(record, time);
        record[4] = kind;
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(6), (ushort)packet.Length);
        packet.CopyTo(record, 8);
        return record;
    }

    private static byte[] Rtp(bool marker, uint timestamp, byte[] payload)
    {
        var packet = new byte[12 + payload.Length];
        packet[0] = 0x80;
        packet[1] = (byte)(marker ? 0xe0 : 0x60);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), timestamp);
        payload.CopyTo(packet, 12);
        return packet;
    }
}
