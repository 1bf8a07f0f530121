using Sluice.Control.Recordings;
using Sluice.Protocols.Media.Containers.Cmaf;

namespace Sluice.Outputs.Recordings;

/// <summary>
/// Makes a plain file of a part where it lies: a table of all samples is put behind it, and the fragments stay where they are, so that the same file is played as
/// a whole and fragment by fragment. Blocking. Whatever interrupts it, the file plays.
/// </summary>
internal static class PartFinisher
{
    // The last frame shown may last longer than the span.
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(50);

    /// <summary>The part as it is afterwards: finished, failed, or, where the disk has no room for the table, as it was.</summary>
    public static RecordingPart Finish(string path, RecordingPart part)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            if (CmafIndex.TryOpen(file, out var index) != CmafOpenError.None || index!.Fragments.Count == 0) return part with { State = PartState.Failed, Size = file.Length };
            var known = part with { Duration = DurationOf(index), Size = file.Length };
            if (index.IsFinished) return known with { State = PartState.Finished };
            return CmafFinish.TryFinishInPlace(file, index, part.StartedAt.UtcDateTime) switch
            {
                CmafFinishError.None => known with { State = PartState.Finished, Size = file.Length },

                // Written by another hand, or longer than tables may be: it plays as it is.
                CmafFinishError.NoRoom or CmafFinishError.TooLong => known with { State = PartState.Finished },
                _ => known with { State = PartState.Failed },
            };
        }
        catch (FileNotFoundException)
        {
            return part with { State = PartState.Failed, Size = 0 };
        }
        catch (DirectoryNotFoundException)
        {
            return part with { State = PartState.Failed, Size = 0 };
        }
        catch (IOException)
        {
            return part;
        }
    }

    /// <summary>Cuts off what a crash left half written; the part is whole then.</summary>
    public static RecordingPart Recover(string path, RecordingPart part)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
            if (CmafIndex.TryOpen(file, out var index) != CmafOpenError.None || index!.Fragments.Count == 0) return part with { State = PartState.Failed, Size = file.Length };
            if (!index.IsFinished && file.Length > index.UsableLength)
            {
                file.SetLength(index.UsableLength);
                file.Flush(flushToDisk: true);
            }

            var tracks = part.Tracks.Count > 0 ? part.Tracks : [.. index.Movie.Tracks.Select(t => OpenPart.Describe(t.Format))];
            return part with { State = PartState.Written, Size = file.Length, Duration = DurationOf(index), Tracks = tracks };
        }
        catch (IOException)
        {
            return part with { State = PartState.Failed, Size = 0 };
        }
    }

    /// <summary>What the file of a clip has before its start, to begin decoding with; zero for all others.</summary>
    internal static TimeSpan LeadOf(CmafIndex index, TimeSpan shown) => DurationOf(index) - shown is var lead && lead > Rounding ? lead : TimeSpan.Zero;

    internal static TimeSpan DurationOf(CmafIndex index)
    {
        var end = TimeSpan.Zero;
        foreach (var fragment in index.Fragments)
        {
            var last = TimeSpan.FromSeconds((double)(fragment.DecodeTime + fragment.Duration) / index.Movie.Tracks[fragment.Track].Format.ClockRate);
            if (last > end) end = last;
        }

        return end;
    }
}
