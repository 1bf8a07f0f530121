using System.Globalization;
using Sluice.Outputs.Thumbnails;

namespace Sluice.Server.Options;

/// <summary>The keys of pictures.</summary>
internal static class ThumbnailOptionRows
{
    public static IReadOnlyList<OptionRow> Rows { get; } =
    [
        new("Thumbnails:Enabled", "true or false", true, (o, v) => bool.TryParse(v.Text, out var on) ? With(o, t => t with { Enabled = on }) : null),
        Number("Thumbnails:IntervalSeconds", "a whole number of seconds from 1 to 3600", 1, 3600, (t, v) => t with { Interval = TimeSpan.FromSeconds(v) }),
        Number("Thumbnails:Width", "a whole number of pixels from 64 to 1920", 64, 1920, (t, v) => t with { Width = v / 2 * 2 }),
        Number("Thumbnails:SmallWidth", "a whole number of pixels from 32 to 480", 32, 480, (t, v) => t with { SmallWidth = v / 2 * 2 }),
    ];

    private static SluiceOptions With(SluiceOptions options, Func<ThumbnailOptions, ThumbnailOptions> change) => options with { Thumbnails = change(options.Thumbnails) };

    private static OptionRow Number(string key, string allowed, int min, int max, Func<ThumbnailOptions, int, ThumbnailOptions> set) =>
        new(key, allowed, true, (options, value) =>
            int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
                ? With(options, t => set(t, number))
                : null);
}
