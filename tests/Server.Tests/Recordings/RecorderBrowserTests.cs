using Sluice.Control.Recordings;
using Sluice.Control.Tracks;
using Sluice.Outputs.Recordings;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Testing.Media;

namespace Sluice.Server.Tests.Recordings;

/// <summary>What browsers publish is recorded: packets with loss, key pictures on request, renditions that come and go, sizes that change.</summary>
public sealed class RecorderBrowserTests : IDisposable
{
    private readonly Studio _studio = new();

    public void Dispose() => _studio.Dispose();

    [FfmpegTheory]
    [InlineData("h264one+opus", "H264")]
    [InlineData("vp8one+opus", "VP8")]
    [InlineData("vp9one+opus", "VP9")]
    [InlineData("av1one+opus", "AV1")]
    public async Task Key_pictures_are_asked_for_so_that_a_recording_can_be_sought_in(string codecs, string name)
    {
        var browser = new BrowserStream(_studio, ("", Footage.Of(codecs)));
        browser.Play(13);
        browser.End();
        var recording = Assert.Single(await _studio.DevelopAsync());
        Assert.Equal(RecordingState.Ready, recording.State);
        var part = Assert.Single(recording.Parts);
        Assert.Equal([name, "OPUS"], part.Tracks.Select(t => t.Codec.ToUpperInvariant()));
        Assert.InRange(part.Duration.TotalSeconds, 12.5, 13.2);
        Assert.InRange(Ffmpeg.DecodedFrames(_studio.FileOf(recording), 'v').Length, 12.5 * 25, 13.2 * 25);
        Assert.InRange(Ffmpeg.DecodedFrames(_studio.FileOf(recording), 'a').Length, 12.5 * 50, 13.2 * 50);
        var begins = KeyTimes(recording);
        Assert.InRange(begins.Count, 3, 5);
        Assert.All(begins.Zip(begins.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 1, 4.5));
    }

    [FfmpegTheory]
    [InlineData("h264one+opus")]
    [InlineData("vp8one+opus")]
    [InlineData("vp9one+opus")]
    [InlineData("av1one+opus")]
    public async Task What_is_lost_on_the_way_costs_pictures_and_nothing_that_decodes_wrongly(string codecs)
    {
        var browser = new BrowserStream(_studio, ("", Footage.Of(codecs, "640x360"))) { Loses = number => number % 199 is 151 or 152 };
        browser.Play(15);
        browser.End();
        var recording = Assert.Single(await _studio.DevelopAsync());
        var part = Assert.Single(recording.Parts);
        Assert.InRange(part.Duration.TotalSeconds, 13, 15.5);

        // Throws at the first complaint of a decoder.
        Assert.InRange(Ffmpeg.DecodedFrames(_studio.FileOf(recording), 'v').Length, 100, 15 * 25 - 5);
        Assert.InRange(Ffmpeg.DecodedFrames(_studio.FileOf(recording), 'a').Length, 13 * 50, 15.5 * 50);
    }

    [FfmpegTheory]
    [InlineData("h264one+opus", "1:192 2:320")]
    [InlineData("vp9one+opus", "1:192 2:320")]
    [InlineData("av1one+opus", "1:192 2:320")]
    [InlineData("vp8one+opus", "1:320")]
    public async Task Another_size_begins_another_file_but_for_VP8_and_the_playlist_has_all_pictures(string codecs, string parts)
    {
        var browser = new BrowserStream(_studio, ("", Footage.Of(codecs)));
        browser.Play(4);
        browser.Change("", Footage.Of(codecs, "320x180"));
        browser.Play(4);
        browser.End();
        var recording = Assert.Single(await _studio.DevelopAsync());
        Assert.Equal(parts, string.Join(' ', recording.Parts.Select(p => $"{p.Number}:{p.Tracks[0].Width}")));
        var widths = recording.Parts.SelectMany(p => Widths(_studio.FileOf(recording, p.Number))).ToList();
        Assert.Equal(["192", "320"], widths.Distinct());
        Assert.InRange(widths.Count(w => w == "192"), 95, 105);
        Assert.InRange(widths.Count(w => w == "320"), 95, 105);
        Assert.Equal(4 * (recording.Parts.Count - 1), (recording.Parts[^1].StartedAt - recording.Parts[0].StartedAt).TotalSeconds, 0.1);
        if (codecs.StartsWith("vp8", StringComparison.Ordinal)) return;

        // ffmpeg keeps the first map for the whole playlist and drops what goes back in time, both of which a discontinuity allows: it judges one stretch at a time.
        var stretches = LayOut(recording);
        Assert.Equal(recording.Parts.Count, stretches.Count);
        Assert.Equal(widths, stretches.SelectMany(Widths));
        Assert.Equal(widths.Count, stretches.Sum(s => Ffmpeg.DecodedFrames(s, 'v').Length));
    }

    [FfmpegFact]
    public async Task The_largest_rendition_that_comes_is_recorded()
    {
        var browser = new BrowserStream(_studio, ("h", Footage.Of("h264one+opus", "320x180")), ("l", Footage.Of("h264one+opus")));
        browser.Play(4);
        browser.Sends = rid => rid == "l";
        browser.Play(6);
        browser.Sends = _ => true;
        browser.Play(10);
        browser.End();
        var recording = Assert.Single(await _studio.DevelopAsync());
        Assert.Equal([320, 192, 320], recording.Parts.Select(p => p.Tracks[0].Width));

        // The picture stands still until the silence is noticed; nothing of the sound is missing.
        Assert.InRange(recording.Parts[0].Duration.TotalSeconds, 5.9, 6.7);
        Assert.True(Math.Abs(recording.Duration.TotalSeconds - 20) < 0.3, string.Join(", ", recording.Parts.Select(p => $"{p.StartedAt:ss.fff} {p.Duration.TotalSeconds}")));
        Assert.InRange(recording.Parts.Sum(p => Ffmpeg.DecodedFrames(_studio.FileOf(recording, p.Number), 'a').Length), 19.6 * 50, 20.1 * 50);
        foreach (var part in recording.Parts) Ffmpeg.DecodedFrames(_studio.FileOf(recording, part.Number), 'v');
        Assert.False(browser.TrackOf("l").IsWanted(TrackFace.Frames));
    }

    [FfmpegFact]
    public async Task A_largest_rendition_that_never_comes_is_not_waited_for()
    {
        var browser = new BrowserStream(_studio, ("h", Footage.Of("h264one+opus", "320x180")), ("l", Footage.Of("h264one+opus"))) { Sends = rid => rid == "l" };
        browser.Play(8);
        browser.End();
        var recording = Assert.Single(await _studio.DevelopAsync());
        var part = Assert.Single(recording.Parts);
        Assert.Equal(["video", "audio"], part.Tracks.Select(t => t.Kind));
        Assert.Equal(192, part.Tracks[0].Width);
        Assert.InRange(part.Duration.TotalSeconds, 4.5, 8.1);
    }

    [FfmpegFact]
    public async Task Sound_goes_on_while_the_picture_stands_still()
    {
        var browser = new BrowserStream(_studio, ("", Footage.Of("h264one+opus")));
        browser.Play(4);
        browser.Sends = _ => false;
        browser.Play(60);
        var running = _studio.Library.FindRunning(Studio.Channel)!;
        Assert.InRange(running.Duration.TotalSeconds, 60, 64.1);
        browser.Sends = _ => true;
        browser.Play(4);
        browser.End();
        var recording = Assert.Single(await _studio.DevelopAsync());
        Assert.InRange(recording.Duration.TotalSeconds, 67, 68.5);
        Assert.InRange(recording.Parts.Sum(p => Ffmpeg.DecodedFrames(_studio.FileOf(recording, p.Number), 'a').Length), 67 * 50, 68.2 * 50);

        // The playlist has every fragment of the file, and says how long it is.
        var first = _studio.Files.Fragmented(recording)[0];
        var playlist = RecordingPlaylist.Write([first], true, "");
        var ranges = playlist.Split('\n').Where(line => line.StartsWith("#EXT-X-BYTERANGE:", StringComparison.Ordinal)).Select(line => long.Parse(line["#EXT-X-BYTERANGE:".Length..].Split('@')[0])).Sum();
        Assert.Equal(first.Fragments[^1].End - first.Fragments[0].Offset, ranges);
        var seconds = playlist.Split('\n').Where(line => line.StartsWith("#EXTINF:", StringComparison.Ordinal)).Sum(line => double.Parse(line["#EXTINF:".Length..].TrimEnd(','), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(recording.Parts[0].Duration.TotalSeconds, seconds, 0.1);
    }

    private static string[] Widths(string file) => [.. Ffmpeg.Probe(file, "v:0", "frame=width").Split('\n').Select(line => line.Trim(',')).Where(line => line.Length > 0)];

    // The playlist with everything it names beside it, as the server has them, cut where there is a discontinuity; each piece is whole by itself.
    private List<string> LayOut(Recording recording)
    {
        const string Break = "#EXT-X-DISCONTINUITY\n", Map = "#EXT-X-MAP:", End = "#EXT-X-ENDLIST\n";
        var folder = Path.Combine(_studio.Folder, "hls");
        foreach (var part in recording.Parts)
        {
            var number = part.Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, number)).FullName, "init.mp4"), _studio.Files.Init(recording, part.Number)!);
            File.Copy(_studio.FileOf(recording, part.Number), Path.Combine(folder, $"{number}.mp4"));
        }

        var playlist = RecordingPlaylist.Write(_studio.Files.Fragmented(recording), true, "");
        Assert.EndsWith(End, playlist, StringComparison.Ordinal);
        var head = playlist[..playlist.IndexOf(Map, StringComparison.Ordinal)];
        return [.. playlist[head.Length..^End.Length].Split(Break).Select((stretch, i) =>
        {
            Assert.StartsWith(Map, stretch, StringComparison.Ordinal);
            var path = Path.Combine(folder, $"stretch-{i}.m3u8");
            File.WriteAllText(path, head + stretch + End);
            return path;
        })];
    }

    // When pictures of the file can be decoded without others.
    private List<double> KeyTimes(Recording recording)
    {
        using var file = File.OpenRead(_studio.FileOf(recording));
        Assert.Equal(CmafOpenError.None, CmafIndex.TryOpen(file, out var index));
        return [.. index!.Fragments.Where(f => index.Movie.Tracks[f.Track].Format.Kind == MediaKind.Video && f.IsIndependent).Select(f => f.DecodeTime / 90_000.0)];
    }
}
