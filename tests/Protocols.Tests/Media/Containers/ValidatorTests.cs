using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Testing;
using Sluice.Testing.Media;

namespace Sluice.Protocols.Tests.Media.Containers;

/// <summary>Readers that share no code with ffmpeg look at what is written: MediaInfo, GStreamer and MP4Box in JavaScript.</summary>
public sealed class ValidatorTests
{
    private static readonly string[] Shapes = ["parts", "recording", "copy", "finished", "clip"];

    [ProgramFact("mediainfo")]
    public void MediaInfo_finds_no_fault()
    {
        foreach (var (shape, path, clip) in Files())
        {
            var report = Ffmpeg.Run("mediainfo", "--Full", path);
            Assert.True(!report.Contains("Conformance errors") && !report.Contains("IsTruncated"), $"{shape}: {report}");
            Assert.Contains("avc1", report);
            Assert.Equal(clip.Tracks.Length > 1, report.Contains("mp4a-40-2"));
        }
    }

    [ProgramFact("gst-launch-1.0")]
    public void GStreamer_plays_it_to_the_end()
    {
        foreach (var (shape, path, _) in Files())
        {
            var (exit, output, complaints) = Ffmpeg.TryRun("gst-launch-1.0", "-q", "filesrc", $"location={path}", "!", "qtdemux", "name=d", "d.video_0", "!", "h264parse", "!", "avdec_h264", "!", "fakesink", "sync=false");
            Assert.True(exit == 0 && !complaints.Contains("ERROR"), $"{shape}: {output}{complaints}");
        }
    }

    [Mp4BoxFact]
    public void Mp4box_parses_every_box()
    {
        var script = TestMovie.NewPath("check.mjs");
        File.WriteAllText(script, """
            import { pathToFileURL } from 'node:url';
            import fs from 'node:fs';
            const [library, path] = process.argv.slice(2);
            const { createFile } = await import(pathToFileURL(library));
            const file = createFile();
            let seen = 0, info;
            file.onError = (module, message) => { console.log('error', module, message); process.exit(1); };
            file.onReady = (i) => { info = i; for (const t of i.tracks) file.setExtractionOptions(t.id, null, { nbSamples: 1 }); file.start(); };
            file.onSamples = (id, user, samples) => { seen += samples.length; };
            const bytes = fs.readFileSync(path);
            const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
            buffer.fileStart = 0;
            file.appendBuffer(buffer);
            file.flush();
            const problems = [];
            const walk = (boxes) => { for (const b of boxes ?? []) { if (b.constructor?.name === 'UnknownBox' || b.has_unparsed_data) problems.push(b.type); walk(b.boxes); } };
            walk(file.boxes);
            const names = info.tracks.map((t) => t.codec).join(',');
            console.log(JSON.stringify({ seen, names, problems }));
            """);
        foreach (var (shape, path, clip) in Files())
        {
            var names = string.Join(',', clip.Tracks.Select(track => CodecStrings.Of(track.Format)));
            var report = Ffmpeg.Run("node", script, Mp4BoxFactAttribute.Library, path).Trim();
            Assert.Contains("\"problems\":[]", report);
            Assert.Contains($"\"names\":\"{names}\"", report);
            if (shape != "clip") Assert.Contains($"\"seen\":{clip.Frames.Length},", report);
        }
    }

    private static List<(string Shape, string Path, Clip Clip)> Files()
    {
        var files = new List<(string, string, Clip)>();
        var clip = Clip.Of("h264b+aac");
        var single = Clip.Of("h264b");
        foreach (var shape in Shapes)
        {
            var path = TestMovie.NewPath($"{shape}.mp4");
            var source = shape == "parts" ? single : clip;
            using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
            var bytes = Fragmented.Write(source, 30, new CmafInitOptions { ReservesFinish = shape == "finished" });
            using var recording = new MemoryStream();
            recording.Write(bytes);
            CmafIndex.TryOpen(recording, out var index);
            switch (shape)
            {
                case "copy":
                    CmafFinish.TryCopy(recording, index!, file);
                    break;
                case "clip":
                    CmafClip.TryWrite(recording, index!, TimeSpan.FromSeconds(0.6), TimeSpan.FromSeconds(1.4), file);
                    break;
                case "finished":
                    CmafFinish.TryFinishInPlace(recording, index!);
                    recording.WriteTo(file);
                    break;
                default:
                    file.Write(bytes);
                    break;
            }

            files.Add((shape, path, source));
        }

        return files;
    }
}

/// <summary>A fact that needs ffmpeg for its clip and a program as judge: skipped by name where one is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProgramFactAttribute : FactAttribute
{
    /// <param name="program">The judge.</param>
    public ProgramFactAttribute(string program)
    {
        if (!Ffmpeg.IsInstalled) Skip = "ffmpeg is not installed";
        else if (!Ffmpeg.IsOnPath(program)) Skip = $"{program} is not installed";
    }
}

/// <summary>A fact judged by MP4Box in JavaScript, which the interop tests install: skipped where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class Mp4BoxFactAttribute : FactAttribute
{
    /// <inheritdoc />
    public Mp4BoxFactAttribute()
    {
        if (!Ffmpeg.IsInstalled) Skip = "ffmpeg is not installed";
        else if (!Ffmpeg.IsOnPath("node")) Skip = "node is not installed";
        else if (!File.Exists(Library)) Skip = "mp4box is not installed below tests/Interop";
    }

    internal static string Library => Checkout.PathOf("tests", "Interop", "node_modules", "mp4box", "dist", "mp4box.all.mjs");
}
