using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Sockets;
using Sluice.Workers.Transcoding;

namespace Sluice.Bench.Micro.Conversion;

/// <summary>
/// What converting sound costs: AAC in real time on many channels, each made Opus by a child process; the time from the frame that completes a packet to the packet, and
/// processor time.
/// </summary>
internal static class ConversionCommand
{
    private const int Rate = 48_000;
    private const int Samples = 1024;

    public static int Run(IReadOnlyList<string> options)
    {
        var channels = options.Count > 0 ? int.Parse(options[0], CultureInfo.InvariantCulture) : 8;
        var seconds = options.Count > 1 ? int.Parse(options[1], CultureInfo.InvariantCulture) : 20;
        var frames = Encode(seconds);
        var group = new Served();
        using var workshop = new TranscodingWorkshop(
            new TranscodingOptions { MaxAudio = channels }, _ => group.Group, () => MonotonicClock.Now, NullLogger<TranscodingWorkshop>.Instance);
        workshop.Start();
        if (workshop.Tool is not { } tool) return 1;

        var slab = TrackResources.MakeSlab(1L << 30);
        var lives = new LiveChannels();
        var stages = Enumerable.Range(0, channels).Select(i => Begin(lives.Open($"{i}"), slab, workshop, group.Group, frames.Format)).ToArray();
        var own = Process.GetCurrentProcess().TotalProcessorTime;
        var arrivals = new long[frames.Payloads.Count];
        var start = MonotonicClock.Now;
        for (var i = 0; i < frames.Payloads.Count; i++)
        {
            var due = start + TimeSpan.FromSeconds((double)i * Samples / Rate);
            var wait = due - MonotonicClock.Now;
            if (wait > TimeSpan.Zero) Thread.Sleep(wait);
            arrivals[i] = MonotonicClock.Now.Nanoseconds;
            foreach (var (channel, track, _) in stages)
            {
                track.Frames.Append(
                    new Frame { Format = frames.Format, DecodeTime = i * (long)Samples, Flags = FrameFlags.Keyframe, Payload = frames.Payloads[i] }, MonotonicClock.Now);
                channel.WakeReaders();
            }
        }

        var children = stages.Sum(s => workshop.Observe(s.Channel.Stream!).Sum(r => r.Cpu));
        own = Process.GetCurrentProcess().TotalProcessorTime - own;
        var delays = stages.SelectMany(s => s.Reader.Delays(arrivals)).Order().ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{channels} x AAC to Opus, {seconds} s, ffmpeg {tool.Version}: {delays.Count} packets; delay after the frame that completes it p50 {delays[delays.Count / 2]:0.0} ms, p99 {delays[delays.Count * 99 / 100]:0.0} ms; "
            + $"cores: child {children / channels:0.0000} each, own {own.TotalSeconds / seconds / channels:0.0000} each"));
        return 0;
    }

    private static (LiveChannel Channel, Track Track, Reader Reader) Begin(
        LiveChannel channel, Protocols.Wire.Slab slab, TranscodingWorkshop workshop, ConsumerGroup group, FrameFormat format)
    {
        var track = new Track(new TrackId(MediaKind.Audio, 0, ""), slab, PacketLogLimits.Audio) { Native = TrackFace.Frames };
        track.Frames.Describe(format);
        var offered = new RenditionPlanner(workshop, slab, null).Plan(channel, [track]);
        channel.Start(new LiveStream(channel.ChannelId, [track], new Publication(), DateTimeOffset.UnixEpoch, offered));
        var reader = new Reader(offered[0]);
        group.Add(channel, reader);
        return (channel, track, reader);
    }

    private static (FrameFormat Format, List<byte[]> Payloads) Encode(int seconds)
    {
        var start = new ProcessStartInfo("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", $"sine=frequency=440:sample_rate={Rate}:duration={seconds}", "-ac", "2", "-c:a", "aac",
            "-b:a", "128k", "-f", "adts", "pipe:1"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var stream = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(stream);
        var adts = stream.ToArray();
        var payloads = new List<byte[]>();
        for (var at = 0; at + 7 <= adts.Length;)
        {
            var length = (adts[at + 3] & 3) << 11 | adts[at + 4] << 3 | adts[at + 5] >> 5;
            payloads.Add(adts[(at + 7)..(at + length)]);
            at += length;
        }

        return (new FrameFormat(Codec.Aac, Rate, 2, default, [0x11, 0x90]), payloads);
    }

    private sealed class Reader(Track rendition) : IFrameConsumer
    {
        private readonly FrameCursor _cursor = new(rendition);
        private readonly List<(long Time, long At)> _taken = [];

        public Protocols.Wire.Instant NextTimeout => Protocols.Wire.Instant.Never;

        public void Advance(Protocols.Wire.Instant now)
        {
            while (_cursor.TryTake(out var frame))
            {
                lock (_taken) _taken.Add((frame.DecodeTime, MonotonicClock.Now.Nanoseconds));
            }
        }

        public void Abandon(Exception failure) => Console.Error.WriteLine(failure);

        // A packet is complete with the frame that holds its last sample; the first second is the child's start.
        public IEnumerable<double> Delays(long[] arrivals)
        {
            lock (_taken)
            {
                return [.. _taken.Where(t => t.Time > 2 * Rate && (t.Time + 959) / Samples < arrivals.Length)
                    .Select(t => (t.At - arrivals[(t.Time + 959) / Samples]) / 1e6)];
            }
        }
    }

    private sealed class Served
    {
        private readonly AutoResetEvent _news = new(false);

        public Served()
        {
            Group = new ConsumerGroup(() => _news.Set());
            new Thread(Run) { IsBackground = true }.Start();
        }

        public ConsumerGroup Group { get; }

        private void Run()
        {
            while (true)
            {
                var wait = Group.Advance(MonotonicClock.Now) - MonotonicClock.Now;
                if (wait > TimeSpan.Zero) _news.WaitOne(wait);
            }
        }
    }

    private sealed class Publication : IPublication
    {
        public string Protocol => "bench";

        public string Vendor => "";

        public TimeSpan RoundTrip => TimeSpan.Zero;

        public void Close(StreamEnd reason)
        {
        }
    }
}
