using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Testing.Media;

namespace Sluice.Workers.Tests.Transcoding;

/// <summary>One frame kept.</summary>
internal sealed record KeptFrame(FrameFormat Format, long DecodeTime, int CompositionOffset, FrameFlags Flags, byte[] Payload)
{
    public long PresentationTime => DecodeTime + CompositionOffset;

    public static KeptFrame Of(in Frame frame) => new(frame.Format, frame.DecodeTime, frame.CompositionOffset, frame.Flags, frame.Payload.ToArray());

    public Frame ToFrame() => new()
    {
        Format = Format, DecodeTime = DecodeTime, CompositionOffset = CompositionOffset, Flags = Flags, Payload = Payload,
    };
}

/// <summary>Media as a publisher would send it.</summary>
internal static class MediaSample
{
    private static readonly int[] Rates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

    /// <summary>AAC of a source of sound, its first frame at a time.</summary>
    public static List<KeptFrame> Aac(string source, int rate, int channels, long firstTime = 0)
    {
        return FromAdts(Ffmpeg.Convert([], "-f", "lavfi", "-i", source, "-ar", $"{rate}", "-ac", $"{channels}", "-c:a", "aac", "-b:a", "192k", "-f", "adts", "pipe:1"), firstTime);
    }

    /// <summary>HE-AAC of a source of sound at 48 kHz; the configuration says so, or leaves it to the decoder to find out.</summary>
    /// <param name="source">The source.</param>
    /// <param name="profile">5 with replicated bands, 29 with stereo out of one channel besides.</param>
    /// <param name="isAnnounced">It is said before the first frame.</param>
    public static List<KeptFrame> HeAac(string source, int profile, bool isAnnounced)
    {
        var (wave, coded) = (TestMovie.NewPath("in.wav"), TestMovie.NewPath("out"));
        File.WriteAllBytes(wave, Ffmpeg.Convert([], "-f", "lavfi", "-i", source, "-ar", "48000", "-ac", "2", "-f", "wav", "pipe:1"));
        var (exit, _, complaints) = Ffmpeg.TryRun(NewerPrograms.Find("fdkaac")!, "-S", "-p", $"{profile}", "-b", "48000", "-f", isAnnounced ? "0" : "2", "-o", coded, wave);
        Assert.True(exit == 0, complaints);
        return isAnnounced ? FromMovie(Ffmpeg.Convert([], "-i", coded, "-c", "copy", "-movflags", Fragmented, "-f", "mp4", "pipe:1")) : FromAdts(File.ReadAllBytes(coded), 0);
    }

    /// <summary>H.265 of a source of pictures, encoded with these parameters of x265, at 90 kHz.</summary>
    public static List<KeptFrame> H265(string source, string parameters) => FromMovie(Ffmpeg.Convert([], "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-c:v", "libx265",
        "-preset", "ultrafast", "-x265-params", "log-level=none:" + parameters, "-tag:v", "hvc1", "-video_track_timescale", "90000", "-movflags", Fragmented, "-f", "mp4", "pipe:1"));

    private const string Fragmented = "empty_moov+frag_keyframe+default_base_moof";

    private static List<KeptFrame> FromMovie(byte[] file)
    {
        using var stream = new MemoryStream(file);
        Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(stream, out var index));
        var frames = new List<KeptFrame>();
        var times = new long[index!.Movie.Tracks.Count];
        foreach (var fragment in index.Fragments)
        {
            var reader = new CmafFrameReader(file.AsSpan((int)fragment.Offset, (int)fragment.Length), index.Movie, fragment.Offset, times);
            while (reader.TryRead(out _, out var frame, out _)) frames.Add(KeptFrame.Of(frame));
            Assert.False(reader.Malformed);
        }

        return frames;
    }

    private static List<KeptFrame> FromAdts(byte[] adts, long firstTime)
    {
        var frames = new List<KeptFrame>();
        FrameFormat? format = null;
        for (var at = 0; at + 7 <= adts.Length;)
        {
            var length = (adts[at + 3] & 3) << 11 | adts[at + 4] << 3 | adts[at + 5] >> 5;
            var frequency = adts[at + 2] >> 2 & 15;
            var layout = (adts[at + 2] & 1) << 2 | adts[at + 3] >> 6;
            var profile = (adts[at + 2] >> 6) + 1;
            format ??= new FrameFormat(Codec.Aac, Rates[frequency], layout == 7 ? 8 : layout, default,
                [(byte)(profile << 3 | frequency >> 1), (byte)((frequency & 1) << 7 | layout << 3)]);
            frames.Add(new KeptFrame(format, firstTime + frames.Count * 1024L, 0, FrameFlags.Keyframe, adts[(at + 7)..(at + length)]));
            at += length;
        }

        return frames;
    }

    /// <summary>Opus of a source of sound, in packets of 20 ms.</summary>
    public static List<KeptFrame> Opus(string source, long firstTime = 0)
    {
        var reader = new Workers.Transcoding.NutReader();
        reader.Append(Ffmpeg.Convert([], "-f", "lavfi", "-i", source, "-ar", "48000", "-ac", "2", "-c:a", "libopus", "-b:a", "128k", "-f", "nut", "pipe:1"));
        var format = Workers.Transcoding.RenditionFormats.FrameFormatOf(Workers.Transcoding.RenditionKind.Opus)!;
        var frames = new List<KeptFrame>();
        while (reader.TryRead(out var packet) == Workers.Transcoding.NutReading.Packet)
        {
            frames.Add(new KeptFrame(format, firstTime + frames.Count * 960L, 0, FrameFlags.Keyframe, packet.Payload.ToArray()));
        }

        return frames;
    }

    /// <summary>H.264 of a source of pictures, encoded with these arguments, at 90 kHz.</summary>
    public static List<KeptFrame> H264(string source, params string[] arguments)
    {
        // FLV says both times of each picture and has it in the form of MP4.
        var flv = Ffmpeg.Convert([], ["-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast", .. arguments,
            "-flvflags", "no_duration_filesize", "-f", "flv", "pipe:1"]);
        var frames = new List<KeptFrame>();
        FrameFormat? format = null;
        for (var at = 13; at + 15 <= flv.Length;)
        {
            var length = flv[at + 1] << 16 | flv[at + 2] << 8 | flv[at + 3];
            var milliseconds = flv[at + 7] << 24 | flv[at + 4] << 16 | flv[at + 5] << 8 | flv[at + 6];
            var body = flv.AsSpan(at + 11, length);
            at += length + 15;
            if (flv[at - length - 15] != 9) continue;
            var payload = body[5..];
            switch (body[1])
            {
                case 0:
                    format = MakeFormat(payload);
                    break;
                case 1:
                    var offset = (body[2] << 16 | body[3] << 8 | body[4]) << 8 >> 8;
                    frames.Add(new KeptFrame(format!, milliseconds * 90L, offset * 90, body[0] >> 4 == 1 ? FrameFlags.Keyframe : FrameFlags.None, payload.ToArray()));
                    break;
            }
        }

        return frames;
    }

    private static FrameFormat MakeFormat(ReadOnlySpan<byte> record)
    {
        Assert.True(AvcConfiguration.TryParse(record, out var configuration));
        var sets = configuration.SequenceSets;
        Assert.True(sets.TryRead(out var set));
        Assert.True(H264Sps.TryParse(set, out var sps));
        return new FrameFormat(Codec.H264, 90_000, 0, sps.Resolution, record);
    }

    /// <summary>Sound as it is heard: samples of one channel, the first at the time of the first frame.</summary>
    public static float[] Decode(IReadOnlyList<KeptFrame> frames, int rate)
    {
        var bytes = Ffmpeg.Convert(ToMatroska(frames), "-f", "matroska", "-i", "pipe:0", "-ac", "1", "-ar", $"{rate}", "-f", "f32le", "pipe:1");
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }

    public static byte[] ToMatroska(IReadOnlyList<KeptFrame> frames)
    {
        var file = new MemoryStream();
        var format = frames[0].Format;
        file.Write(Workers.Transcoding.MatroskaWriter.MakeHeader(format));
        var head = new byte[Workers.Transcoding.MatroskaWriter.FrameHeadLength];
        foreach (var frame in frames)
        {
            var time = (frame.PresentationTime - frames[0].DecodeTime) * 1_000_000 / format.ClockRate;
            Workers.Transcoding.MatroskaWriter.WriteFrameHead(head, time, (frame.Flags & FrameFlags.Keyframe) != 0, frame.Payload.Length);
            file.Write(head);
            file.Write(frame.Payload);
        }

        return file.ToArray();
    }

    /// <summary>How much of a frequency is in the samples: about the amplitude of a pure tone (Goertzel).</summary>
    public static double AmplitudeOf(double frequency, ReadOnlySpan<float> samples, int rate)
    {
        var coefficient = 2 * Math.Cos(2 * Math.PI * frequency / rate);
        double before = 0, last = 0;
        foreach (var sample in samples)
        {
            (before, last) = (last, sample + coefficient * last - before);
        }

        return 2 * Math.Sqrt(Math.Max(0, last * last + before * before - coefficient * last * before)) / samples.Length;
    }

    /// <summary>Where the loudest sample is.</summary>
    public static int LoudestOf(ReadOnlySpan<float> samples)
    {
        var loudest = 0;
        for (var i = 1; i < samples.Length; i++)
        {
            if (Math.Abs(samples[i]) > Math.Abs(samples[loudest])) loudest = i;
        }

        return loudest;
    }
}
