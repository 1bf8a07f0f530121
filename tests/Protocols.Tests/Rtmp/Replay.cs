using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.Aac;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtmp;

/// <summary>A server session with an accepting host that keeps what a real client, or its recording, sends.</summary>
internal sealed class Replay : IRtmpMediaSink
{
    private readonly byte[] _output = new byte[1 << 16];

    public RtmpServerSession Session { get; } = new(RtmpServerOptions.Default, 42, Instant.Zero);

    public List<KeptTag> Tags { get; } = [];

    public List<RtmpEvent> Events { get; } = [];

    void IRtmpMediaSink.OnMedia(uint streamId, in MediaTag tag) => Tags.Add(new KeptTag(
        streamId, tag.Kind, tag.Codec, tag.PacketType, tag.Track, tag.TimestampNanoseconds, tag.CompositionOffset, tag.IsKeyframe, tag.Payload.ToArray()));

    /// <summary>Takes bytes of the client; gives what to answer.</summary>
    public byte[] Take(ReadOnlySpan<byte> bytes, Instant now)
    {
        var answer = new List<byte>();
        while (true)
        {
            var progress = Session.Handle(bytes, now, this, out var consumed);
            bytes = bytes[consumed..];
            while (Session.TryTakeEvent(out var e))
            {
                Events.Add(e);
                if (e.Kind == RtmpEventKind.ConnectRequested) Session.AcceptConnect(now);
                if (e.Kind == RtmpEventKind.PublishRequested) Session.AcceptPublish(now);
            }

            while (Session.TryTakeOutput(_output, out var written)) answer.AddRange(_output.AsSpan(0, written));
            if (progress != RtmpProgress.Waiting) return [.. answer];
        }
    }

    /// <summary>The connection is closed.</summary>
    public void Close()
    {
        Session.HandleClosed();
        while (Session.TryTakeEvent(out var e)) Events.Add(e);
    }

    /// <summary>What must hold of every client that published H.264 of 64x48 and AAC under the name 7-secret.</summary>
    public void AssertIsWholePublication()
    {
        Assert.Equal(RtmpError.None, Session.Error);
        Assert.Equal("7-secret", Assert.Single(Events, e => e.Kind == RtmpEventKind.PublishRequested).Publish!.Name);
        Assert.Equal("live", Events[0].Connect!.App);
        Assert.Single(Events, e => e.Kind == RtmpEventKind.PublishEnded);
        Assert.Contains(Events, e => e.Kind == RtmpEventKind.Metadata);
        Assert.DoesNotContain(Events, e => e.Kind == RtmpEventKind.Unsupported);
        Assert.Equal(0, Session.UnreadableMessages);

        var start = Tags.First(tag => tag is { Kind: MediaKind.Video, PacketType: TagPacketType.SequenceStart });
        Assert.True(AvcConfiguration.TryParse(start.Payload, out var configuration));
        var sets = configuration.SequenceSets;
        Assert.True(sets.TryRead(out var nal));
        Assert.True(H264Sps.TryParse(nal, out var sps));
        Assert.Equal(new Resolution(64, 48), sps.Resolution);
        var frames = Tags.Where(tag => tag is { Kind: MediaKind.Video, PacketType: TagPacketType.CodedFrames }).ToArray();
        Assert.True(frames.Length >= 8, $"{frames.Length} frames");
        Assert.True(frames[0].IsKeyframe);
        foreach (var frame in frames)
        {
            var units = new LengthPrefixedReader(frame.Payload, configuration.LengthSize);
            var hasIdr = false;
            while (units.TryRead(out var unit)) hasIdr |= new H264NalHeader(unit[0]).Type == H264NalType.IdrSlice;
            Assert.False(units.Malformed);
            Assert.Equal(frame.IsKeyframe, hasIdr);
        }

        var sound = Tags.First(tag => tag is { Kind: MediaKind.Audio, PacketType: TagPacketType.SequenceStart });
        Assert.True(AudioSpecificConfig.TryParse(sound.Payload, out var config));
        Assert.Equal("AAC-LC", config.ProfileName);
        Assert.True(Tags.Count(tag => tag is { Kind: MediaKind.Audio, PacketType: TagPacketType.CodedFrames }) >= 20);
        foreach (var kind in (MediaKind[])[MediaKind.Audio, MediaKind.Video])
        {
            var times = Tags.Where(tag => tag.Kind == kind && tag.PacketType == TagPacketType.CodedFrames).Select(tag => tag.Nanoseconds).ToArray();
            Assert.Equal(times.Order(), times);
            Assert.InRange(times[^1] - times[0], 400_000_000, 3_000_000_000);
        }
    }
}
