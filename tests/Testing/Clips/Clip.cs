using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Media.Codecs.Opus;
using Sluice.Protocols.Media.Codecs.Vp8;
using Sluice.Protocols.Media.Codecs.Vp9;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Testing.Clips;

/// <summary>A frame with memory of its own.</summary>
public sealed record ClipFrame(long DecodeTime, int CompositionOffset, FrameFlags Flags, byte[] Payload)
{
    /// <summary>The frame as protocols take it.</summary>
    public Frame With(FrameFormat format) => new()
    {
        Format = format,
        DecodeTime = DecodeTime,
        CompositionOffset = CompositionOffset,
        Flags = Flags,
        Payload = Payload,
    };
}

/// <summary>
/// Fourteen frames of a test picture at 25 a second with a keyframe every seven, or 0.6 s of a tone, as real encoders wrote them (x264,
/// x265, libvpx, libaom, libopus by FFmpeg), in the normal form of frames.
/// </summary>
public sealed record Clip(FrameFormat Format, IReadOnlyList<ClipFrame> Frames)
{
    private const int FrameTicks = 3600;

    // Presentation order of the seven pictures of a group in h264-reordered.
    private static readonly int[] Reordered = [0, 4, 2, 1, 3, 6, 5];

    /// <summary>Every clip by name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["h264", "h264-reordered", "h265", "vp8", "vp9", "av1", "opus"];

    /// <summary>Loads a clip of <see cref="Names"/>.</summary>
    public static Clip Load(string name) => name switch
    {
        "h264" => H264(Read("h264.264"), isReordered: false),
        "h264-reordered" => H264(Read("h264-reordered.264"), isReordered: true),
        "h265" => H265(Read("h265.265")),
        "vp8" => Vp8(Ivf(Read("vp8.ivf"))),
        "vp9" => Vp9(Ivf(Read("vp9.ivf"))),
        "av1" => Av1(Ivf(Read("av1.ivf"))),
        "opus" => Opus(Read("opus.ogg")),
        _ => throw new ArgumentException($"There is no clip {name}.", nameof(name)),
    };

    private static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Clips", file));

    private static Clip H264(byte[] stream, bool isReordered)
    {
        List<byte[]> sequences = [], pictures = [];
        List<ClipFrame> frames = [];
        List<byte> frame = [];
        var flags = FrameFlags.Disposable;
        var reader = new AnnexBReader(stream);
        while (reader.TryRead(out var nal))
        {
            var header = new H264NalHeader(nal[0]);
            switch (header.Type)
            {
                case H264NalType.AccessUnitDelimiter:
                    Close(frames, frame, ref flags);
                    flags = FrameFlags.Disposable;
                    break;
                case H264NalType.Sps:
                    if (sequences.Count == 0) sequences.Add(nal.ToArray());
                    break;
                case H264NalType.Pps:
                    if (pictures.Count == 0) pictures.Add(nal.ToArray());
                    break;
                default:
                    if (header.Type == H264NalType.IdrSlice) flags |= FrameFlags.Keyframe;
                    if (header.Type is H264NalType.IdrSlice or H264NalType.Slice && header.ReferenceIdc != 0) flags &= ~FrameFlags.Disposable;
                    Prefix(frame, nal);
                    break;
            }
        }

        Close(frames, frame, ref flags);
        if (isReordered)
        {
            for (var i = 0; i < frames.Count; i++)
            {
                var presentation = (i / Reordered.Length * Reordered.Length + Reordered[i % Reordered.Length]) * FrameTicks;
                var decode = (i - 2) * FrameTicks;
                frames[i] = frames[i] with { DecodeTime = decode, CompositionOffset = presentation - decode };
            }
        }

        var record = new byte[1024];
        var length = AvcConfiguration.Write(record, sequences.ToArray(), pictures.ToArray());
        _ = H264Sps.TryParse(sequences[0], out var sps);
        return new Clip(new FrameFormat(Codec.H264, 90_000, 0, sps.Resolution, record.AsSpan(0, length)), frames);
    }

    private static Clip H265(byte[] stream)
    {
        List<byte[]> videos = [], sequences = [], pictures = [];
        List<ClipFrame> frames = [];
        List<byte> frame = [];
        var flags = FrameFlags.Disposable;
        var reader = new AnnexBReader(stream);
        while (reader.TryRead(out var nal))
        {
            _ = H265NalHeader.TryRead(nal, out var header);
            switch (header.Type)
            {
                case H265NalType.AccessUnitDelimiter:
                    Close(frames, frame, ref flags);
                    flags = FrameFlags.Disposable;
                    break;
                case H265NalType.Vps:
                    if (videos.Count == 0) videos.Add(nal.ToArray());
                    break;
                case H265NalType.Sps:
                    if (sequences.Count == 0) sequences.Add(nal.ToArray());
                    break;
                case H265NalType.Pps:
                    if (pictures.Count == 0) pictures.Add(nal.ToArray());
                    break;
                default:
                    if (header.IsSlice && header.IsRandomAccess) flags |= FrameFlags.Keyframe;
                    if (header.IsSlice && !header.IsNonReference) flags &= ~FrameFlags.Disposable;
                    Prefix(frame, nal);
                    break;
            }
        }

        Close(frames, frame, ref flags);
        var record = new byte[1024];
        var length = HevcConfiguration.Write(record, videos.ToArray(), sequences.ToArray(), pictures.ToArray());
        _ = H265Sps.TryParse(sequences[0], out var sps);
        return new Clip(new FrameFormat(Codec.H265, 90_000, 0, sps.Resolution, record.AsSpan(0, length)), frames);
    }

    private static Clip Vp8(List<byte[]> pictures)
    {
        _ = Vp8FrameHeader.TryParse(pictures[0], out var first);
        var record = new byte[8];
        VpConfiguration.Of(first.Version, 8, 1, first.Resolution).Write(record);
        return new Clip(new FrameFormat(Codec.Vp8, 90_000, 0, first.Resolution, record),
            Timed(pictures, p => Vp8FrameHeader.TryParse(p, out var header) && header.IsKeyframe));
    }

    private static Clip Vp9(List<byte[]> pictures)
    {
        _ = Vp9FrameHeader.TryParse(pictures[0], out var first);
        var record = new byte[8];
        VpConfiguration.Of(first.Profile, first.BitDepth, first.ChromaSubsampling, first.Resolution).Write(record);
        return new Clip(new FrameFormat(Codec.Vp9, 90_000, 0, first.Resolution, record),
            Timed(pictures, p => Vp9FrameHeader.TryParse(p, out var header) && header.IsKeyframe));
    }

    private static Clip Av1(List<byte[]> units)
    {
        var record = new byte[256];
        var length = 0;
        var resolution = default(Resolution);
        for (var i = 0; i < units.Count; i++)
        {
            List<byte> kept = [];
            var reader = new Av1ObuReader(units[i]);
            while (reader.TryRead(out var obu))
            {
                if (obu.Header.Type == Av1ObuType.TemporalDelimiter) continue;
                kept.AddRange(obu.Unit);
                if (length > 0 || obu.Header.Type != Av1ObuType.SequenceHeader) continue;
                length = Av1Configuration.Write(record, obu.Payload);
                _ = Av1SequenceHeader.TryParse(obu.Payload, out var header);
                resolution = header.Resolution;
            }

            units[i] = [.. kept];
        }

        return new Clip(new FrameFormat(Codec.Av1, 90_000, 0, resolution, record.AsSpan(0, length)),
            Timed(units, u => Av1TemporalUnit.Scan(u).HasKeyframe));
    }

    private static Clip Opus(byte[] ogg)
    {
        var packets = Ogg(ogg);
        var format = new FrameFormat(Codec.Opus, 48_000, 2, default, packets[0]);
        List<ClipFrame> frames = [];
        long time = 0;
        foreach (var packet in packets.Skip(2))
        {
            frames.Add(new ClipFrame(time, 0, FrameFlags.Keyframe, packet));
            _ = OpusPacket.TryParse(packet, out var opus);
            time += opus.Samples;
        }

        return new Clip(format, frames);
    }

    private static List<ClipFrame> Timed(List<byte[]> pictures, Func<byte[], bool> isKeyframe) =>
        [.. pictures.Select((p, i) => new ClipFrame(i * FrameTicks, 0, isKeyframe(p) ? FrameFlags.Keyframe : FrameFlags.None, p))];

    private static void Prefix(List<byte> frame, ReadOnlySpan<byte> nal)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, nal.Length);
        frame.AddRange(length);
        frame.AddRange(nal);
    }

    private static void Close(List<ClipFrame> frames, List<byte> frame, ref FrameFlags flags)
    {
        if (frame.Count > 0) frames.Add(new ClipFrame(frames.Count * FrameTicks, 0, flags, [.. frame]));
        frame.Clear();
    }

    private static List<byte[]> Ivf(ReadOnlySpan<byte> file)
    {
        List<byte[]> frames = [];
        for (var rest = file[32..]; !rest.IsEmpty;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            frames.Add(rest.Slice(12, length).ToArray());
            rest = rest[(12 + length)..];
        }

        return frames;
    }

    private static List<byte[]> Ogg(ReadOnlySpan<byte> file)
    {
        List<byte[]> packets = [];
        List<byte> packet = [];
        for (var rest = file; !rest.IsEmpty;)
        {
            var laces = rest.Slice(27, rest[26]);
            rest = rest[(27 + laces.Length)..];
            foreach (var lace in laces)
            {
                packet.AddRange(rest[..lace]);
                rest = rest[lace..];
                if (lace == 255) continue;
                packets.Add([.. packet]);
                packet.Clear();
            }
        }

        return packets;
    }
}
