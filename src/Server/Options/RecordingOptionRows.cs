using System.Globalization;
using Sluice.Outputs.Recordings;
using Sluice.Storage.ObjectStores;

namespace Sluice.Server.Options;

/// <summary>The keys of recordings.</summary>
internal static class RecordingOptionRows
{
    private const string SizeAllowed = "a number of bytes such as 500M, 20G or 1T, where 0 is no limit";
    private const string SpanAllowed = "a time such as 90s, 30m, 6h or 7d, where 0 is no limit";

    public static IReadOnlyList<OptionRow> Rows { get; } =
    [
        new("Recording:Enabled", "true or false", true, (o, v) => bool.TryParse(v.Text, out var on) ? With(o, r => r with { Enabled = on }) : null),
        new("Recording:Directory", "empty, or the path of a directory that can be written", false, (o, v) =>
            o with { Recording = o.Recording with { Directory = string.IsNullOrWhiteSpace(v.Text) ? null : v.Text.Trim() } }),
        Span("Recording:SplitDuration", (r, v) => r with { SplitDuration = v }),
        Size("Recording:SplitSize", (r, v) => r with { SplitSize = v }),
        Span("Recording:KeepFor", (r, v) => r with { KeepFor = v }),
        Size("Recording:KeepBytes", (r, v) => r with { KeepBytes = v }),
        Size("Recording:KeepBytesPerChannel", (r, v) => r with { KeepBytesPerChannel = v }),
        Size("Recording:ReserveBytes", (r, v) => r with { ReserveBytes = v }),
        Span("Recording:SyncInterval", (r, v) => r with { SyncInterval = v }),
        Span("Recording:ReconnectWindow", (r, v) => r with { ReconnectWindow = v }),
        new("Recording:S3:Endpoint", "empty, or the address of an S3-compatible store, such as https://s3.example.org", false, (o, v) =>
            string.IsNullOrWhiteSpace(v.Text) || (Uri.TryCreate(v.Text.Trim(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
                ? WithS3(o, s => s with { Endpoint = v.Text?.Trim() ?? "" })
                : null),
        Text("Recording:S3:Bucket", "empty, or the name of a bucket", (s, v) => s with { Bucket = v }),
        Text("Recording:S3:Region", "the name of a region", (s, v) => s with { Region = v }),
        Text("Recording:S3:AccessKey", "empty, or the id of a key", (s, v) => s with { AccessKey = v }),
        Text("Recording:S3:SecretKey", "empty, or the secret of the key", (s, v) => s with { SecretKey = v }) with { IsSecret = true },
        Text("Recording:S3:Prefix", "empty, or what every key begins with, such as live/", (s, v) => s with { Prefix = v }),
        new("Recording:S3:PathStyle", "true or false", false, (o, v) => bool.TryParse(v.Text, out var on) ? WithS3(o, s => s with { PathStyle = on }) : null),
        new("Recording:S3:DeleteLocal", "true or false", false, (o, v) => bool.TryParse(v.Text, out var on)
            ? o with { Recording = o.Recording with { Upload = o.Recording.Upload with { DeletesLocal = on } } }
            : null),
    ];

    private static SluiceOptions With(SluiceOptions options, Func<RecordingOptions, RecordingOptions> change) =>
        options with { Recording = options.Recording with { Options = change(options.Recording.Options) } };

    private static SluiceOptions WithS3(SluiceOptions options, Func<S3Options, S3Options> change) =>
        options with { Recording = options.Recording with { S3 = change(options.Recording.S3) } };

    private static OptionRow Text(string key, string allowed, Func<S3Options, string, S3Options> set) => new(key, allowed, false, (options, value) =>
        (value.Text ?? "").Any(c => c is <= ' ' or > '~') ? null : WithS3(options, s => set(s, value.Text ?? "")));

    private static OptionRow Span(string key, Func<RecordingOptions, TimeSpan, RecordingOptions> set) => new(key, SpanAllowed, true, (options, value) =>
        TryScaled(value.Text, "smhd", [1, 60, 3600, 86_400], out var seconds) && seconds <= 36_500L * 86_400
            ? With(options, r => set(r, TimeSpan.FromSeconds(seconds)))
            : null);

    private static OptionRow Size(string key, Func<RecordingOptions, long, RecordingOptions> set) => new(key, SizeAllowed, true, (options, value) =>
        TryScaled(value.Text, "KMGT", [1L << 10, 1L << 20, 1L << 30, 1L << 40], out var bytes) ? With(options, r => set(r, bytes)) : null);

    private static bool TryScaled(string? text, string units, ReadOnlySpan<long> factors, out long value)
    {
        value = 0;
        text = text?.Trim() ?? "";
        if (text.Length == 0) return false;
        var unit = units.IndexOf(text[^1], StringComparison.OrdinalIgnoreCase);
        var digits = unit >= 0 ? text.AsSpan(0, text.Length - 1) : text;
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value)) return false;
        var factor = unit >= 0 ? factors[unit] : 1;
        if (value > long.MaxValue / 2 / factor) return false;
        value *= factor;
        return true;
    }
}
