using System.Diagnostics.CodeAnalysis;
using Sluice.Bench.Traffic;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Bench.Floor;

/// <summary>What <c>sluice bench floor</c> was asked to do. Immutable.</summary>
internal sealed record FloorOptions
{
    private const int PacketsPerPicture = 9;

    public int Viewers { get; init; } = 400;

    public SrtpProfile Profile { get; init; } = SrtpProfile.AeadAes128Gcm;

    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(6);

    public int Windows { get; init; } = 3;

    public string Shape { get; init; } = "ideal";

    public string? ClipFile { get; init; }

    /// <summary>True where the row is printed as JSON, for the run that asked for it.</summary>
    public bool PrintsJson { get; init; }

    /// <summary>The traffic that was asked for.</summary>
    public TrafficShape LoadShape()
    {
        if (ClipFile is not null)
            return Traffic.ClipFile.TryRead(File.ReadAllBytes(ClipFile), "clip", out var clip) ? clip : throw new BenchException($"{ClipFile} is no recording.");
        return Shape switch
        {
            "clip" => TrafficShape.BuiltIn(),
            "low" => SyntheticShape.Low(),
            "audio" => SyntheticShape.Audio(),
            _ => SyntheticShape.Ideal(PacketsPerPicture),
        };
    }

    /// <summary>Reads the arguments behind <c>bench floor</c>.</summary>
    public static bool TryParse(ReadOnlySpan<string> arguments, [NotNullWhen(true)] out FloorOptions? options, out string problem)
    {
        options = null;
        problem = "";
        var read = new FloorOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length)
            {
                problem = $"{arguments[i]} needs a value.";
                return false;
            }

            var value = arguments[i + 1];
            switch (arguments[i])
            {
                case "--viewers" when BenchOptions.TryNumber(value, 1, 20_000, out var viewers):
                    read = read with { Viewers = viewers };
                    break;
                case "--seconds" when BenchOptions.TryNumber(value, 1, 3600, out var seconds):
                    read = read with { Window = TimeSpan.FromSeconds(seconds) };
                    break;
                case "--windows" when BenchOptions.TryNumber(value, 1, 100, out var windows):
                    read = read with { Windows = windows };
                    break;
                case "--srtp" when BenchOptions.TryProfiles(value, out var profiles) && profiles.Length == 1:
                    read = read with { Profile = profiles[0] };
                    break;
                case "--shape" when value is "ideal" or "clip" or "low" or "audio":
                    read = read with { Shape = value };
                    break;
                case "--print" when value is "json" or "text":
                    read = read with { PrintsJson = value == "json" };
                    break;
                case "--clip":
                    read = read with { ClipFile = value };
                    break;
                default:
                    problem = $"{arguments[i]} {value} is not understood; sluice bench --help lists the options.";
                    return false;
            }
        }

        options = read;
        return true;
    }
}
