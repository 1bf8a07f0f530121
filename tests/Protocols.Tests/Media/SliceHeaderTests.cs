using System.Globalization;
using System.Text.RegularExpressions;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Tests.Media.Containers;
using Sluice.Testing.Media;

namespace Sluice.Protocols.Tests.Media;

/// <summary>Headers of encoders are judged by what ffmpeg reads of them; what no encoder here writes is written with its own parameter sets.</summary>
public sealed partial class SliceHeaderTests
{
    private const string Fading = "testsrc2=size=192x112:rate=25:duration=1,fade=in:0:20";

    [FfmpegTheory]
    [InlineData("libx264", "ultrafast", "", 25)]
    [InlineData("libx264", "slow", "bframes=3:ref=5:weightp=2:weightb=1:b-pyramid=normal:keyint=10", 25)]
    [InlineData("libx264", "veryfast", "slices=4:bframes=2:open-gop=1:keyint=8", 100)]
    [InlineData("libx264", "medium", "tff=1:bframes=2:cabac=0", 25)]
    [InlineData("libx264", "medium", "bff=1:slices=2:nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500", 50)]
    [InlineData("libx264", "medium", "deblock=-2,1:ref=3:bframes=0:aud=1:repeat-headers=1", 25)]
    [InlineData("libx264", "medium", "no-deblock=1:intra-refresh=1", 25)]
    [InlineData("libx264", "medium", "weightp=2", 25, "yuv444p")]
    [InlineData("libx264", "medium", "weightp=2", 25, "gray")]
    [InlineData("libx265", "medium", "keyint=10", 25)]
    [InlineData("libx265", "slow", "bframes=4:ref=5:weightb=1:b-adapt=2:keyint=12:open-gop=1", 25)]
    [InlineData("libx265", "ultrafast", "slices=2:bframes=0:keyint=8", 50)]
    [InlineData("libx265", "fast", "no-wpp=1:no-sao=1:no-deblock=1:temporal-layers=1", 25)]
    [InlineData("libx265", "fast", "deblock=2,-2:scaling-list=default:cbqpoffs=2:crqpoffs=-2:ctu=16:min-cu-size=16", 25)]
    [InlineData("libx265", "fast", "interlace=tff:repeat-headers=1:aud=1:hrd=1:vbv-maxrate=500:vbv-bufsize=500", 25)]
    [InlineData("libx265", "fast", "weightb=1", 25, "yuv444p10le")]
    [InlineData("libx265", "fast", "", 25, "gray")]
    public void Headers_end_where_ffmpeg_says(string encoder, string preset, string options, int atLeast, string pixels = "yuv420p")
    {
        var path = TestMovie.NewPath("headers.mp4");
        var (name, quiet) = encoder == "libx264" ? ("-x264-params", "log-level=none") : ("-x265-params", "log-level=none");
        Ffmpeg.Run(
            "ffmpeg", "-v", "quiet", "-f", "lavfi", "-i", Fading, "-c:v", encoder, "-preset", preset, name, options.Length > 0 ? $"{quiet}:{options}" : quiet,
            "-pix_fmt", pixels, "-movflags", "frag_keyframe+empty_moov+default_base_moof", path);
        var clip = Clip.Read(path);
        var headers = Headers(encoder, clip.Tracks[0].Format.Configuration);
        var measured = new List<int>();
        foreach (var frame in clip.Frames)
        {
            var units = new LengthPrefixedReader(frame.Payload, 4);
            while (units.TryRead(out var unit))
            {
                if (!headers.IsSlice(unit)) continue;
                Assert.True(headers.TryMeasure(unit, out var length), $"slice {measured.Count}");
                measured.Add(EmulationPrevention.Remove(unit[..length], new byte[length]));
            }
        }

        Assert.True(measured.Count >= atLeast, $"{measured.Count} slices");
        Assert.Equal(Judge(path), measured);
    }

    [Fact]
    public void A_header_of_H264_is_measured_whatever_its_sets_ask_of_it()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var writer = new H264HeaderWriter(random);
            var record = new byte[1024];
            var length = AvcConfiguration.Write(record, [writer.SequenceSet], [writer.PictureSet]);
            CheckSlice(random, new H264SliceHeaders(record.AsSpan(0, length)), writer.Slice(), endsWithBit: false, seed);
        }
    }

    [Fact]
    public void A_header_of_H265_is_measured_whatever_its_sets_ask_of_it()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var writer = new H265HeaderWriter(random);
            var record = new byte[4096];
            var length = HevcConfiguration.Write(record, [], [writer.SequenceSet], [writer.PictureSet]);
            CheckSlice(random, new H265SliceHeaders(record.AsSpan(0, length)), writer.Slice(), endsWithBit: true, seed);
        }
    }

    [Theory]
    [InlineData("65c07f80ffffffffffffffffffffff")] // a picture parameter set that is not there
    [InlineData("65")]
    [InlineData("6588")]
    [InlineData("6780ffffffffffff")]
    [InlineData("62888200ffffffff")] // a data partition
    [InlineData("65b02fffffffffff")] // slice type 11
    public void What_is_no_header_of_H264_is_not_measured(string hex) =>
        Assert.False(new H264SliceHeaders(Formats.H264.Configuration).TryMeasure(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("2601afffffffffff")] // its end is no single one before zeros
    [InlineData("2601")]
    [InlineData("26")]
    [InlineData("4001ac00")]
    [InlineData("2609af00ffff")] // another layer
    public void What_is_no_header_of_H265_is_not_measured(string hex) =>
        Assert.False(new H265SliceHeaders(Formats.H265.Configuration).TryMeasure(Convert.FromHexString(hex), out _));

    [Fact]
    public void Without_parameter_sets_nothing_is_measured_and_slices_are_known()
    {
        SliceHeaders avc = new H264SliceHeaders([1, 2]), hevc = new H265SliceHeaders([]);
        Assert.False(avc.TryMeasure(Convert.FromHexString("658884000fffffff"), out _));
        Assert.False(hevc.TryMeasure(Convert.FromHexString("2601ac00ffff"), out _));
        Assert.Equal([false, true, true, true, true, true, false, false], Enumerable.Range(0, 8).Select(type => avc.IsSlice([(byte)type, 0])));
        Assert.True(hevc.IsSlice([0x26, 1]) && !hevc.IsSlice([0x40, 1]) && !hevc.IsSlice([0x26]));
    }

    [Theory]
    [InlineData("0102030405", 3, 3)]
    [InlineData("0000030101", 3, 4)]
    [InlineData("0000030101", 2, 2)] // the escape belongs to what comes behind it
    [InlineData("00000300000301", 4, 5)]
    [InlineData("00000300000301", 5, 7)]
    [InlineData("0102", 9, 2)]
    public void Bytes_are_counted_without_their_escapes(string hex, int count, int escaped) =>
        Assert.Equal(escaped, EmulationPrevention.Measure(Convert.FromHexString(hex), count));

    private static SliceHeaders Headers(string encoder, ReadOnlySpan<byte> record) => encoder == "libx264" ? new H264SliceHeaders(record) : new H265SliceHeaders(record);

    // What follows the header is anything; cut short within the header nothing is measured.
    private static void CheckSlice(Random random, SliceHeaders headers, (byte[] Header, BitWriter Bits, int Length) slice, bool endsWithBit, int seed)
    {
        var bits = slice.Bits;
        if (endsWithBit) bits.Bits(1, 1);
        var (whole, used) = (endsWithBit ? slice.Length + 8 >> 3 : slice.Length + 7 >> 3, slice.Length + (endsWithBit ? 1 : 0));
        bits.Bits(endsWithBit ? 0 : 0xffu, whole * 8 - used);
        var header = bits.ToNal(slice.Header);
        var data = new byte[20];
        random.NextBytes(data);
        for (var i = 0; i < data.Length; i++) data[i] |= 0x10;
        Assert.True(headers.TryMeasure([.. header, .. data], out var length), $"seed {seed}");
        Assert.True(length == header.Length, $"seed {seed}: {length}, not {header.Length}");
        Assert.False(headers.TryMeasure(header.AsSpan(0, header.Length - 1), out _), $"seed {seed}");
    }

    // The whole bytes that each header takes, with the unit's own.
    private static List<int> Judge(string file)
    {
        var (_, _, said) = Ffmpeg.TryRun("ffmpeg", "-v", "info", "-i", file, "-c", "copy", "-bsf:v", "trace_headers", "-f", "null", "-");
        var ends = new List<int>();
        var isSlice = false;
        foreach (var line in said.Split('\n'))
        {
            if (line.EndsWith("Slice Header", StringComparison.Ordinal) || line.EndsWith("Slice Segment Header", StringComparison.Ordinal))
            {
                ends.Add(0);
                isSlice = true;
            }
            else if (Element().Match(line) is { Success: true } element)
            {
                if (isSlice) ends[^1] = int.Parse(element.Groups[1].Value, CultureInfo.InvariantCulture) + element.Groups[2].Length;
            }
            else
            {
                isSlice = false;
            }
        }

        return [.. ends.Select(bits => bits + 7 >> 3)];
    }

    [GeneratedRegex(@"\] (\d+) +\S+ +([01]+) = -?\d+$")]
    private static partial Regex Element();
}
