using System.Globalization;
using Sluice.Protocols.Media;

namespace Sluice.Workers.Transcoding;

/// <summary>How many children there may be at once. Safe for any thread.</summary>
internal sealed class ChildQuota(TranscodingOptions options)
{
    private readonly Lock _gate = new();
    private readonly int[] _children = new int[2];
    private double _load;

    /// <summary>The share of the machine's processors in use, 0 to 1, as measured last.</summary>
    public double Load { get => Volatile.Read(ref _load); set => Volatile.Write(ref _load, value); }

    public int Children(MediaKind kind) => Volatile.Read(ref _children[(int)kind]);

    /// <summary>Takes a place; false with the reason where there is none.</summary>
    public bool TryEnter(MediaKind kind, out string? reason)
    {
        lock (_gate)
        {
            reason = WhyNot(kind);
            if (reason is null) _children[(int)kind]++;
            return reason is null;
        }
    }

    /// <summary>Why no place would be given now; null where one would.</summary>
    public string? WhyNot(MediaKind kind)
    {
        var most = kind == MediaKind.Audio ? options.MaxAudio : options.MaxVideo;
        var children = Children(kind);
        if (children >= most) return $"all {most} places for {(kind == MediaKind.Audio ? "sound" : "pictures")} are taken (Transcoding:Max{kind})";

        // The first is never refused for that: without it the viewers see nothing, and it gives way to everything else on the machine.
        return kind == MediaKind.Video && children > 0 && Load > options.MaxLoad
            ? string.Create(CultureInfo.InvariantCulture, $"{Load * 100:0} % of the processors are in use already")
            : null;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(MediaKind kind)
    {
        lock (_gate) _children[(int)kind]--;
    }
}
