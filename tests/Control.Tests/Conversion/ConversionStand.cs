using Sluice.Control.Tracks;
using Sluice.Conversion;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Rtp.Payloads.Packetizers;
using Sluice.Protocols.Wire;
using Sluice.Testing.Clips;

namespace Sluice.Control.Tests.Conversion;

/// <summary>A packet as a source sends it.</summary>
internal sealed record SentPacket(int Frame, PacketHeader Header, byte[] Payload);

/// <summary>A frame as a reader saw it.</summary>
internal sealed record SeenFrame(FrameFormat Format, long DecodeTime, int CompositionOffset, FrameFlags Flags, byte[] Payload);

/// <summary>Two tracks, one with frames and one with packets, and a clip to send into either.</summary>
internal sealed class ConversionStand : IDisposable
{
    private readonly Slab _slab = new(TrackResources.PageSize, 256);
    private FrameCursor? _cursor;

    public ConversionStand(string clip, bool makesKeyframes = true)
    {
        Clip = Clip.Load(clip);
        var id = new TrackId(Clip.Format.Kind, 0, "");
        var converters = new TrackConverters();
        FrameTrack = new Track(id, _slab, PacketLogLimits.Video) { Native = TrackFace.Frames, Converters = converters };
        PacketTrack = new Track(id, _slab, PacketLogLimits.Video, makesKeyframes ? () => { } : null)
        {
            Native = TrackFace.Packets,
            Converters = converters,
        };
        if (RtpFormats.TryDescribe(Clip.Format, out var described)) Format = described;
    }

    public Clip Clip { get; }

    public TrackFormat? Format { get; }

    public Track FrameTrack { get; }

    public Track PacketTrack { get; }

    public Instant Now { get; set; } = Instant.FromMilliseconds(1000);

    public void Pass(double milliseconds) => Now += TimeSpan.FromMilliseconds(milliseconds);

    public void Dispose() => _cursor?.Dispose();

    /// <summary>The clip's packets, rounds of it one after another, numbered and timed as a sender would.</summary>
    public List<SentPacket> Packets(int rounds = 1, int maxPayload = 200)
    {
        Assert.True(Packetizer.TryCreate(Clip.Format.Codec, out var packetizer, maxPayload));
        List<SentPacket> packets = [];
        var buffer = new byte[packetizer.MaxPayload];
        for (var i = 0; i < Clip.Frames.Count * rounds; i++)
        {
            var frame = FrameAt(i);
            Assert.True(packetizer.Begin(frame));
            while (packetizer.TryTake(frame, buffer, out var payload))
            {
                var header = new PacketHeader
                {
                    Sequence = 70_000 + packets.Count,
                    Timestamp = frame.PresentationTime,
                    Flags = (payload.Marker ? PacketFlags.Marker : 0) | (payload.StartsKeyframe ? PacketFlags.StartsKeyframe : 0),
                };
                packets.Add(new SentPacket(i, header, buffer[..payload.Length]));
            }
        }

        return packets;
    }

    /// <summary>A frame of the clip played in a loop.</summary>
    public Frame FrameAt(int index)
    {
        var round = index / Clip.Frames.Count;
        var frame = Clip.Frames[index % Clip.Frames.Count];
        var length = Clip.Format.Kind == MediaKind.Video ? 14 * 3600 : 960 * Clip.Frames.Count;
        return (frame with { DecodeTime = frame.DecodeTime + (long)round * length }).With(Clip.Format);
    }

    public void Append(SentPacket packet)
    {
        var header = packet.Header;
        header.ArrivedAt = Now;
        header.FormatIndex = PacketTrack.IndexOf(Format!);
        Assert.True(PacketTrack.Packets.Append(ref header, default, packet.Payload));
        Derive();
    }

    /// <summary>A reader of the packet track's frames; what it takes goes to <see cref="Seen"/>.</summary>
    public FrameCursor Watch() => _cursor = new FrameCursor(PacketTrack);

    /// <summary>The same for a reader who comes so many milliseconds after these packets.</summary>
    public FrameCursor WatchLate(IEnumerable<SentPacket> packets, double milliseconds)
    {
        foreach (var packet in packets) Append(packet);
        Pass(milliseconds);
        return Watch();
    }

    /// <summary>What the newest reader of the packet track's frames has taken.</summary>
    public List<SeenFrame> Seen { get; } = [];

    /// <summary>Brings the packet track's frames up to date and lets the reader take them.</summary>
    public void Derive()
    {
        PacketTrack.Derive(Now);
        while (_cursor is { } cursor && PacketTrack.IsWanted(TrackFace.Frames) && cursor.TryTake(out var frame))
        {
            Seen.Add(new SeenFrame(frame.Format, frame.DecodeTime, frame.CompositionOffset, frame.Flags, frame.Payload.ToArray()));
        }
    }

    public void AppendFrame(int index)
    {
        Assert.True(FrameTrack.Frames.Append(FrameAt(index), Now));
        FrameTrack.Derive(Now);
    }
}
