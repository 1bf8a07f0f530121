using System.ComponentModel;
using System.Globalization;
using Sluice.Control.Pictures;
using Sluice.Workers.Transcoding;

namespace Sluice.Workers.Pictures;

/// <summary>Decodes key pictures in a child process that lives for one call: what a stream makes a decoder do stays there.</summary>
public sealed class FfmpegPictureDecoder : IPictureDecoder
{
    private const int MaxJpeg = 8 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lazy<FfmpegTool?> _tool;

    /// <param name="path">The path of ffmpeg, or a name to be looked for when first wanted.</param>
    public FfmpegPictureDecoder(string path) => _tool = new Lazy<FfmpegTool?>(() => FfmpegTool.Probe(path));

    /// <inheritdoc />
    public bool IsAvailable => _tool.Value is not null;

    /// <inheritdoc />
    public byte[]? Decode(ReadOnlyMemory<byte> movie, PictureSheet sheet)
    {
        if (_tool.Value is not { } tool) return null;
        try
        {
            using var child = ChildProcess.Start(tool, ArgumentsOf(sheet));
            using var cancel = new CancellationTokenSource(Patience);
            var errors = child.ReadErrorsAsync();
            var feeding = FeedAsync(child.Input, movie, cancel.Token);
            var reading = ReadAsync(child.Output, cancel.Token);
            var isDone = Task.WaitAll([feeding, reading, child.Exited], Patience);
            if (!isDone) child.Kill();
            child.Exited.Wait(Patience);
            errors.Wait(Patience);
            return isDone && reading.Result is { Length: > 4 } jpeg && jpeg[0] == 0xff && jpeg[1] == 0xd8 ? jpeg : null;
        }
        catch (Exception failure) when (failure is Win32Exception or InvalidOperationException or IOException or AggregateException)
        {
            return null;
        }
    }

    private static List<string> ArgumentsOf(PictureSheet sheet)
    {
        var height = sheet.Height > 0 ? sheet.Height : -2;
        var scale = string.Create(CultureInfo.InvariantCulture, $"scale={sheet.Width}:{height}:flags=fast_bilinear");
        var filter = sheet is { Columns: 1, Rows: 1 } ? scale : string.Create(CultureInfo.InvariantCulture, $"{scale},tile={sheet.Columns}x{sheet.Rows}");
        return
        [
            "-hide_banner", "-v", "error", "-nostdin", "-threads", "1", "-f", "mp4", "-protocol_whitelist", "pipe", "-i", "pipe:0", "-an", "-sn",
            "-vf", filter, "-fps_mode", "passthrough", "-frames:v", "1", "-q:v", "5", "-pix_fmt", "yuvj420p", "-f", "mjpeg", "pipe:1",
        ];
    }

    // The child may have seen enough before it has read all.
    private static async Task FeedAsync(Stream input, ReadOnlyMemory<byte> movie, CancellationToken cancel)
    {
        try
        {
            await input.WriteAsync(movie, cancel);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            // Its answer says whether it was enough.
        }
        finally
        {
            try
            {
                await input.DisposeAsync();
            }
            catch (IOException)
            {
                // Gone already.
            }
        }
    }

    private static async Task<byte[]?> ReadAsync(Stream output, CancellationToken cancel)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await output.ReadAsync(buffer, cancel)) > 0)
            {
                if (kept.Length + count > MaxJpeg) return null;
                kept.Write(buffer, 0, count);
            }
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            return null;
        }

        return kept.ToArray();
    }
}
