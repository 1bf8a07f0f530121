using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Testing.Clips;

namespace Sluice.Control.Tests.Conversion;

public sealed class PacketsFromFramesTests
{
    public static TheoryData<string> Clips => [.. Clip.Names];

    [Theory]
    [MemberData(nameof(Clips))]
    public void Frames_become_packets_that_become_the_same_frames(string name)
    {
        using var stand = new ConversionStand(name);
        stand.FrameTrack.Want(TrackFace.Packets);
        using var cursor = stand.Watch();
        var seen = stand.Seen;
        var count = 2 * stand.Clip.Frames.Count;
        for (var i = 0; i < count; i++)
        {
            stand.Pass(40);
            stand.AppendFrame(i);
        }

        foreach (var packet in PacketsOf(stand.FrameTrack)) stand.Append(packet);

        Assert.Equal(count, seen.Count);
        for (var i = 0; i < count; i++)
        {
            Assert.True(stand.FrameAt(i).Payload.SequenceEqual(seen[i].Payload));
            Assert.Equal(stand.FrameAt(i).PresentationTime, seen[i].DecodeTime + seen[i].CompositionOffset);
        }
    }

    [Theory]
    [MemberData(nameof(Clips))]
    public void The_track_is_described_and_its_packets_are_in_order(string name)
    {
        using var stand = new ConversionStand(name);
        stand.FrameTrack.Want(TrackFace.Packets);
        for (var i = 0; i < 14; i++) stand.AppendFrame(i);
        var packets = PacketsOf(stand.FrameTrack);

        Assert.Equal(stand.Format, stand.FrameTrack.Format);
        Assert.Equal(stand.Clip.Format.Resolution, stand.FrameTrack.Resolution);
        Assert.Equal(Enumerable.Range(0, packets.Count).Select(i => packets[0].Header.Sequence + i), packets.Select(p => p.Header.Sequence));
        Assert.Equal(packets.Select(p => p.Header.Index), packets.Select(p => p.Header.Sequence - packets[0].Header.Sequence));
        Assert.All(packets, p => Assert.Equal(stand.Format, stand.FrameTrack.FormatAt(p.Header.FormatIndex)));
        if (stand.Clip.Format.Kind == MediaKind.Audio) return;
        Assert.Equal(14, packets.Count(p => p.Header.Has(PacketFlags.Marker)));
        Assert.Equal(14, packets.Count(p => p.Header.Has(PacketFlags.StartsFrame)));
        Assert.Equal(2, packets.Count(p => p.Header.Has(PacketFlags.StartsKeyframe)));
        Assert.Equal(2, stand.FrameTrack.Packets.Keyframes);
    }

    [Fact]
    public void What_nobody_wants_is_not_made()
    {
        using var stand = new ConversionStand("h264");
        for (var i = 0; i < 14; i++) stand.AppendFrame(i);
        Assert.Equal(0, stand.FrameTrack.Packets.Head);
        stand.FrameTrack.Want(TrackFace.Packets);
        Assert.False(stand.FrameTrack.IsCurrent(TrackFace.Packets));
        stand.AppendFrame(14);
        Assert.True(stand.FrameTrack.IsCurrent(TrackFace.Packets));
        Assert.Equal([50_400], PacketsOf(stand.FrameTrack).Select(p => p.Header.Timestamp).Distinct()); // the key picture of that moment
        stand.FrameTrack.Unwant(TrackFace.Packets);
        Assert.False(stand.FrameTrack.IsWantedAtAll); // the converter's own cursor does not count
        stand.AppendFrame(15);
        Assert.Equal([50_400], PacketsOf(stand.FrameTrack).Select(p => p.Header.Timestamp).Distinct());
    }

    [Fact]
    public void A_pause_within_a_picture_group_repeats_nothing_and_leaves_nothing_out()
    {
        using var stand = new ConversionStand("vp8");
        stand.FrameTrack.Want(TrackFace.Packets);
        for (var i = 0; i < 3; i++) stand.AppendFrame(i);
        stand.FrameTrack.Unwant(TrackFace.Packets);
        stand.AppendFrame(3);
        stand.AppendFrame(4);
        stand.FrameTrack.Want(TrackFace.Packets);
        stand.AppendFrame(5);
        var packets = PacketsOf(stand.FrameTrack);
        Assert.Equal(Enumerable.Range(0, 6).Select(i => i * 3600L), packets.Select(p => p.Header.Timestamp).Distinct());
        Assert.Equal(6, packets.Count(p => p.Header.Has(PacketFlags.Marker)));
    }

    [Fact]
    public void After_a_longer_pause_packets_go_on_at_the_newest_key_picture_with_the_next_number()
    {
        using var stand = new ConversionStand("vp8");
        stand.FrameTrack.Want(TrackFace.Packets);
        for (var i = 0; i < 3; i++) stand.AppendFrame(i);
        var before = PacketsOf(stand.FrameTrack);
        stand.FrameTrack.Unwant(TrackFace.Packets);
        for (var i = 3; i < 24; i++) stand.AppendFrame(i);
        stand.FrameTrack.Want(TrackFace.Packets);
        stand.AppendFrame(24);
        var after = PacketsOf(stand.FrameTrack)[before.Count..];
        Assert.Equal(before[^1].Header.Sequence + 1, after[0].Header.Sequence);
        Assert.True(after[0].Header.Has(PacketFlags.StartsKeyframe));
        Assert.Equal(Enumerable.Range(21, 4).Select(i => i * 3600L), after.Select(p => p.Header.Timestamp).Distinct());
    }

    [Fact]
    public void A_format_that_changes_is_told_with_the_first_packet_that_has_it()
    {
        using var stand = new ConversionStand("vp8");
        using var other = new ConversionStand("vp9");
        stand.FrameTrack.Want(TrackFace.Packets);
        stand.AppendFrame(0);
        var frame = (other.Clip.Frames[0] with { DecodeTime = 3600 }).With(other.Clip.Format);
        Assert.True(stand.FrameTrack.Frames.Append(frame, stand.Now));
        stand.FrameTrack.Derive(stand.Now);
        Assert.Equal([Codec.Vp8, Codec.Vp9],
            PacketsOf(stand.FrameTrack).Select(p => stand.FrameTrack.FormatAt(p.Header.FormatIndex).Codec).Distinct());
        Assert.Equal(Codec.Vp9, stand.FrameTrack.Format!.Codec);
    }

    [Fact]
    public void Frames_no_packet_carries_are_passed_over()
    {
        using var stand = new ConversionStand("opus");
        stand.FrameTrack.Want(TrackFace.Packets);
        var aac = new FrameFormat(Codec.Aac, 48_000, 2, default, [0x11, 0x90]);
        Assert.True(stand.FrameTrack.Frames.Append(new ClipFrame(-5, 0, FrameFlags.Keyframe, new byte[100]).With(aac), stand.Now));
        stand.FrameTrack.Derive(stand.Now);
        Assert.Equal(0, stand.FrameTrack.Packets.Head);
        Assert.Null(stand.FrameTrack.Format);
        stand.AppendFrame(0);
        Assert.Equal(1, stand.FrameTrack.Packets.Head);
    }

    private static List<SentPacket> PacketsOf(Track track)
    {
        List<SentPacket> packets = [];
        for (var i = 0L; i < track.Packets.Head; i++)
        {
            Assert.True(track.Packets.TryRead(i, out var view));
            packets.Add(new SentPacket(0, view.Header, view.Payload.ToArray()));
        }

        return packets;
    }
}
