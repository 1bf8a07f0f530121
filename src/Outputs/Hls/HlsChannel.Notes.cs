using Sluice.Protocols.Media.Codecs.Id3;

namespace Sluice.Outputs.Hls;

/// <summary>Notes of the stream that is on, as ID3 in what players play: the pictures, or the sound where there are none.</summary>
public sealed partial class HlsChannel
{
    private const long FurthestNote = 2_000_000;

    // Who begins to package in mid-stream finds what was said before.
    private const long OldestNote = 10_000_000;

    private long _notesTaken;
    private uint _notesGiven;

    private void TakeNotes()
    {
        // Until segments are made there is no place for them.
        if (_stream is not { } stream || _leader is not { } leader || !leader.Rendition.Segmenter.IsOpen) return;
        while (stream.Notes.TryTake(ref _notesTaken, out var note))
        {
            // Who says it may have another clock: no later than a player could be waiting for it.
            var time = Math.Min((note.At - _zero).Ticks / TimeSpan.TicksPerMicrosecond, leader.Rendition.Segmenter.Position + FurthestNote);
            if (time < leader.Rendition.Segmenter.SegmentStart - OldestNote) continue;
            var tag = note.Data is { } data ? Id3Tag.Private(note.Name, data) : Id3Tag.Text(note.Name, note.Text);
            _notesGiven++;
            foreach (var feed in _feeds)
            {
                if (feed.Rendition.Kind != leader.Rendition.Kind) continue;
                lock (feed.Rendition.Gate) feed.Rendition.Segmenter.Announce(_notesGiven, time, tag);
            }
        }
    }
}
