using Sluice.Control.Recordings;

namespace Sluice.Outputs.Recordings;

/// <summary>What is deleted because it is old, or because there is too much. Only finished files are: what grows stays.</summary>
internal static class RecordingRetention
{
    public static void Apply(RecordingLibrary library, RecordingOptions options, DateTimeOffset now)
    {
        var parts = library.Store.FinishedParts(null).ToList();
        if (options.KeepFor > TimeSpan.Zero)
        {
            foreach (var part in parts.Where(p => p.Part.StartedAt + p.Part.Duration < now - options.KeepFor))
            {
                library.DeletePart(part);
            }

            parts.RemoveAll(p => p.Part.StartedAt + p.Part.Duration < now - options.KeepFor);
        }

        parts.RemoveAll(p => !p.Part.IsLocal);
        if (options.KeepBytesPerChannel > 0)
        {
            foreach (var channel in parts.GroupBy(p => p.ChannelId).ToList())
            {
                foreach (var gone in Oldest([.. channel], options.KeepBytesPerChannel))
                {
                    Free(library, gone);
                    parts.Remove(gone);
                }
            }
        }

        if (options.KeepBytes <= 0) return;
        foreach (var gone in Oldest(parts, options.KeepBytes))
        {
            Free(library, gone);
        }
    }

    // What the object store has too only leaves this disk.
    private static void Free(RecordingLibrary library, StoredPart part)
    {
        if (part.Part.IsUploaded) library.DeleteLocal(part);
        else library.DeletePart(part);
    }

    private static IEnumerable<StoredPart> Oldest(List<StoredPart> oldestFirst, long keep)
    {
        var total = oldestFirst.Sum(p => p.Part.Size);
        foreach (var part in oldestFirst)
        {
            if (total <= keep) yield break;
            total -= part.Part.Size;
            yield return part;
        }
    }
}
