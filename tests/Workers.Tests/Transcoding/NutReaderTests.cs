using Sluice.Testing.Media;
using Sluice.Workers.Transcoding;

namespace Sluice.Workers.Tests.Transcoding;

public sealed class NutReaderTests
{
    [FfmpegTheory]
    [InlineData(44_100, 1)]
    [InlineData(48_000, 1)]
    [InlineData(44_100, 7)]
    [InlineData(44_100, 100_000)]
    public void Every_packet_is_read_however_the_pipe_cuts_it(int rate, int piece)
    {
        var file = Ffmpeg.Convert([], "-f", "lavfi", "-i", $"sine=frequency=440:sample_rate={rate}:duration=3", "-c:a", "libopus", "-f", "nut", "pipe:1");
        var reader = new NutReader();
        var times = new List<long>();
        for (var at = 0; at < file.Length; at += piece)
        {
            reader.Append(file.AsSpan(at, Math.Min(piece, file.Length - at)));
            NutReading reading;
            while ((reading = reader.TryRead(out var packet)) == NutReading.Packet)
            {
                Assert.True(packet.Payload.Length > 0);
                times.Add(packet.Pts);
            }

            Assert.Equal(NutReading.NeedsMore, reading);
        }

        Assert.Equal(new TimeBase(1, 48_000), reader.TimeBase);
        Assert.Equal("OpusHead", System.Text.Encoding.ASCII.GetString(reader.Configuration, 0, 8));
        Assert.InRange(times.Count, 150, 152);
        Assert.Equal(Enumerable.Range(0, times.Count).Select(i => times[0] + i * 960L), times);
    }
}
