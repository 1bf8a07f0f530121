using Sluice.Control.Recordings;
using Sluice.Protocols.Media.Containers.Cmaf;

namespace Sluice.Outputs.Recordings;

/// <summary>Cuts clips out of recordings, finished ones and those that are being written: each becomes a recording of its own.</summary>
public sealed class RecordingClips(RecordingLibrary library, RecordingFinisher finisher, TimeProvider time)
{
    /// <summary>
    /// Begins a clip and returns its entry; it is cut in the background. Null where nothing lies in the span. Pictures begin at the key picture before the
    /// start, and an edit list hides what lies between.
    /// </summary>
    /// <param name="source">The recording.</param>
    /// <param name="start">From its beginning.</param>
    /// <param name="end">From its beginning.</param>
    public Recording? Begin(Recording source, TimeSpan start, TimeSpan end)
    {
        var spans = SpansOf(source, start, end);
        if (spans.Count == 0) return null;
        var now = time.GetUtcNow();
        var first = spans[0];
        var clip = new Recording(RecordingId.New(now), source.ChannelId, first.Part.StartedAt + first.Start)
        {
            State = RecordingState.Finishing, ClipOf = source.Id, EndedAt = first.Part.StartedAt + first.Start + (end - start),
        };
        library.Store.Add(clip);
        for (var i = 0; i < spans.Count; i++)
        {
            library.Store.Put(clip.Id, new RecordingPart(i + 1, spans[i].Part.StartedAt + spans[i].Start) { State = PartState.Writing, Tracks = spans[i].Part.Tracks });
        }

        finisher.Enqueue($"clip {clip.Id}", () => Cut(source, clip, spans));
        return library.Find(clip.Id);
    }

    private void Cut(Recording source, Recording clip, List<Span> spans)
    {
        try
        {
            for (var i = 0; i < spans.Count; i++)
            {
                if (library.Find(clip.Id) is null) return;
                var row = new RecordingPart(i + 1, spans[i].Part.StartedAt + spans[i].Start) { Tracks = spans[i].Part.Tracks };
                library.Store.Put(clip.Id, CutPart(library.FileOf(source.ChannelId, source.Id, spans[i].Part.Number), library.FileOf(clip.ChannelId, clip.Id, i + 1), spans[i], row));
            }
        }
        finally
        {
            foreach (var part in library.Find(clip.Id)?.Parts.Where(p => p.State == PartState.Writing) ?? [])
            {
                library.Store.Put(clip.Id, part with { State = PartState.Failed });
            }

            finisher.Enqueue(clip.Id);
        }
    }

    private static RecordingPart CutPart(string from, string to, Span span, RecordingPart row)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (CmafIndex.TryOpen(source, out var index) != CmafOpenError.None) return row with { State = PartState.Failed };
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        var unfinished = Path.ChangeExtension(to, RecordingLibrary.UnfinishedExtension);
        CmafFinishError error;
        long size;
        using (var output = new FileStream(unfinished, FileMode.Create, FileAccess.ReadWrite))
        {
            error = CmafClip.TryWrite(source, index!, span.Start, span.End, output, row.StartedAt.UtcDateTime);
            output.Flush(flushToDisk: true);
            size = output.Length;
        }

        if (error != CmafFinishError.None)
        {
            File.Delete(unfinished);
            return row with { State = PartState.Failed };
        }

        File.Move(unfinished, to);
        return row with { State = PartState.Finished, Size = size, Duration = Shorter(span.End, PartFinisher.DurationOf(index!)) - span.Start };
    }

    private static List<Span> SpansOf(Recording source, TimeSpan start, TimeSpan end)
    {
        var spans = new List<Span>();
        var at = TimeSpan.Zero;
        foreach (var part in source.Parts)
        {
            var from = start > at ? start - at : TimeSpan.Zero;
            var to = Shorter(end - at, part.Duration);
            at += part.Duration;
            if (part.State != PartState.Failed && part.IsLocal && to > from) spans.Add(new Span(part, from, to));
        }

        return spans;
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private sealed record Span(RecordingPart Part, TimeSpan Start, TimeSpan End);
}
