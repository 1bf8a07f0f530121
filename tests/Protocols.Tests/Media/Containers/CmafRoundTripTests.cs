using System.Buffers;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Media.Containers;

/// <summary>Whatever is written reads back as the same frames.</summary>
public sealed class CmafRoundTripTests
{
    [Fact]
    public void Any_frames_of_any_tracks_read_back_equal()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var recording = RandomRecording.Make((ulong)seed);
            using var file = new MemoryStream(recording.Bytes);
            Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(file, out var index));
            Assert.Equal(recording.Bytes.Length, index!.UsableLength);
            Assert.Equal(recording.Tracks, index.Movie.Tracks);

            var read = Clip.FramesOf(file, index);
            Assert.Equal(recording.Frames.Count, read.Length);
            for (var track = 0; track < recording.Tracks.Length; track++)
            {
                var written = recording.Frames.Where(frame => frame.Track == track).ToArray();
                var got = read.Where(frame => frame.Track == track).ToArray();
                Assert.Equal(written.Length, got.Length);
                for (var i = 0; i < got.Length; i++) Assert.True(written[i].SameAs(got[i]), $"seed {seed}, track {track}, frame {i}");
            }
        }
    }

    [Fact]
    public void The_index_says_of_each_fragment_what_was_written()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var recording = RandomRecording.Make((ulong)seed + 1000);
            using var file = new MemoryStream(recording.Bytes);
            Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(file, out var index));
            var offsets = index!.Fragments.Select(fragment => fragment.Offset).Distinct().ToArray();
            Assert.Equal(recording.Fragments.Select(fragment => fragment.Offset), offsets);
            foreach (var (offset, written) in recording.Fragments)
            {
                var entries = index.Fragments.Where(fragment => fragment.Offset == offset).ToArray();
                Assert.All(entries, entry => Assert.Equal(written.Length, entry.Length));
                Assert.Equal((written.DecodeTime, written.Duration), (entries[0].DecodeTime, entries[0].Duration));
                Assert.Equal(written.Frames, entries.Sum(entry => entry.Frames));
                Assert.Equal(written.IsIndependent, entries.All(entry => entry.IsIndependent));
            }
        }
    }
}

/// <summary>A file of random tracks, times, flags, sizes and prefixes.</summary>
internal sealed record RandomRecording(CmafTrack[] Tracks, List<KeptFrame> Frames, List<(long Offset, FragmentWritten Written)> Fragments, byte[] Bytes)
{
    public static RandomRecording Make(ulong seed)
    {
        var random = new SeededRandom(seed);
        FrameFormat[] known = [Formats.H264, Formats.H265, Formats.Av1, Formats.Vp9, Formats.Aac, Formats.HeAac, Formats.Opus, Formats.OpusOfSix];
        var tracks = Formats.Tracks([.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => known[random.Next(known.Length)])]);
        var output = new ArrayBufferWriter<byte>();
        CmafInit.TryWrite(tracks, new CmafInitOptions { ReservesFinish = random.Chance(0.5) }, output);
        var writer = new CmafFragmentWriter(tracks);
        var frames = new List<KeptFrame>();
        var fragments = new List<(long, FragmentWritten)>();
        var times = tracks.Select(_ => (long)random.Next(1 << 20)).ToArray();
        if (random.Chance(0.2)) times[0] += 1L << 40;
        var constant = random.Chance(0.5);
        for (var fragment = 1 + random.Next(6); fragment > 0; fragment--)
        {
            for (var count = random.Next(20); count >= 0; count--)
            {
                var track = random.Next(tracks.Length);
                var payload = new byte[constant ? 10 : random.Next(200)];
                random.Fill(payload);
                var isVideo = tracks[track].Format.Channels == 0;
                var flags = !isVideo || random.Chance(0.3) ? FrameFlags.Keyframe : random.Chance(0.3) ? FrameFlags.Disposable : FrameFlags.None;
                var offset = isVideo && random.Chance(0.3) ? random.Next(20_000) - 10_000 : 0;
                var kept = new KeptFrame(track, times[track], offset, flags, 0, payload);
                Assert.Equal(FragmentAdd.Added, writer.TryAdd(track, kept.ToFrame(tracks[track].Format), 1 + random.Next(3000)));
                frames.Add(kept);
                times[track] += constant ? 3000 : 1 + random.Next(5000);
            }

            var at = output.WrittenCount;
            TimedEvent[] events = random.Chance(0.2) ? [new("urn:x", "v", 1, 1000, 5, 5, new byte[random.Next(30)])] : [];
            fragments.Add((at, writer.Write(output, new FragmentPrefix
            {
                Start = (FragmentStart)random.Next(3),
                ProducerTime = random.Chance(0.3) ? new ProducerTime(default, times[0]) : null,
                Events = events,
            })));
        }

        return new RandomRecording(tracks, frames, fragments, output.WrittenSpan.ToArray());
    }
}
