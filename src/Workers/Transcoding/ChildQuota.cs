using System.Globalization;
using Sluice.Protocols.Media;

namespace Sluice.Workers.Transcoding;

/// <summary>How many children there may be at once. Safe for any thread.</summary>
internal sealed class ChildQuota(TranscodingOptions options)
{
    private readonly Lock _gate = new();
    private readonly int[] _children = new int[2];

    /// <summary>The share of the machine's processors in use, 0 to 1, as measured last.</summary>
    public double Load { get; set; }

    public int Children(MediaKind kind) => Volatile.Read(ref _children[(int)kind]);

    /// <summary>Takes a place; false with the reason where there is none.</summary>
    public bool TryEnter(MediaKind kind, out string? reason)
    {
        var most = kind == MediaKind.Audio ? options.MaxAudio : options.MaxVideo;
        lock (_gate)
        {
            if (_children[(int)kind] >= most)
            {
                reason = $"all {most} places for {(kind == MediaKind.Audio ? "sound" : "pictures")} are taken (Transcoding:Max{kind})";
                return false;
            }

            // The first is never refused for that: without it the viewers see nothing, and it gives way to everything else on the machine.
            if (kind == MediaKind.Video && _children[(int)kind] > 0 && Load > options.MaxLoad)
            {
                reason = string.Create(CultureInfo.InvariantCulture, $"{Load * 100:0} % of the processors are in use already");
                return false;
            }

            _children[(int)kind]++;
            reason = null;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(MediaKind kind)
    {
        lock (_gate) _children[(int)kind]--;
    }
}
