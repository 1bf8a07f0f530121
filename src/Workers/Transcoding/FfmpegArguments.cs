using System.Globalization;

namespace Sluice.Workers.Transcoding;

/// <summary>The arguments of each kind of child: fixed lists, and numbers measured here.</summary>
internal static class FfmpegArguments
{
    // The pipe's format is given and its head says everything: nothing is probed. ("-fflags nobuffer" would throw the first packets away.)
    private static readonly string[] Input =
    [
        "-hide_banner", "-nostdin", "-loglevel", "error", "-probesize", "32", "-analyzeduration", "0", "-copyts", "-threads", "1",
        "-f", "matroska", "-i", "pipe:0", "-map", "0:0",
    ];

    private static readonly string[] Output = ["-avoid_negative_ts", "disabled", "-flush_packets", "1", "-f", "nut", "pipe:1"];

    /// <summary>For sound.</summary>
    public static string[] ForSound(RenditionKind kind) => kind switch
    {
        RenditionKind.Opus =>
        [
            .. Input, "-threads", "1", "-c:a", "libopus", "-b:a", "128k", "-application", "audio", "-frame_duration", "20", "-ac", "2", "-ar", "48000",
            .. Output,
        ],
        RenditionKind.Aac => [.. Input, "-threads", "1", "-c:a", "aac", "-profile:a", "aac_low", "-b:a", "160k", "-ac", "2", "-ar", "48000", .. Output],
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>For pictures.</summary>
    /// <param name="from">The first time on the pipe of which a picture is made; those before are only decoded.</param>
    /// <param name="bitrate">The most it may take, bits a second.</param>
    /// <param name="threads">Processors it may use.</param>
    public static string[] ForPictures(TimeSpan from, long bitrate, int threads) =>
    [
        .. Input,
        "-vf", string.Create(CultureInfo.InvariantCulture, $"trim=start={from.TotalSeconds:0.000000},format=yuv420p"),
        "-fps_mode", "passthrough", "-enc_time_base", "1:90000",
        "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-profile:v", "baseline", "-bf", "0",
        "-threads", threads.ToString(CultureInfo.InvariantCulture),
        "-crf", "21", "-maxrate", Number(bitrate), "-bufsize", Number(bitrate / 2),
        "-g", "600", "-forced-idr", "1", "-force_key_frames", "expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+1))",
        .. Output,
    ];

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
