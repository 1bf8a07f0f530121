using Sluice.Control.Recordings;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Recordings;

/// <summary>The file a session writes now: the fragment that is being filled, and what the ledger is told.</summary>
internal sealed class OpenPart
{
    private readonly RecordingLedger _ledger;
    private readonly CmafFragmentWriter _writer;
    private readonly Instant _leadArrival;
    private readonly TimeSpan _longestJump;
    private RecordingPart _row;
    private long _fragmentStart;
    private long _lastLead = -1;
    private TimeSpan _newest;
    private FrameFormat _largest;
    private int _usualSize = 64 * 1024;

    public OpenPart(RecordingLedger ledger, List<RecorderTrack> tracks, Instant leadArrival, DateTimeOffset startedAt, TimeSpan longestJump)
    {
        _ledger = ledger;
        _leadArrival = leadArrival;
        _longestJump = longestJump;
        _largest = LeadFormat = tracks[0].Format!;
        var inFile = new CmafTrack[tracks.Count];
        for (var i = 0; i < tracks.Count; i++)
        {
            tracks[i].Index = i;
            inFile[i] = new CmafTrack((uint)i + 1, tracks[i].Format!);
        }

        _writer = new CmafFragmentWriter(inFile);
        _row = ledger.NextPart(startedAt, [.. inFile.Select(t => Describe(t.Format))]);
        File = ledger.OpenFile(_row);
        var init = new FragmentBuffer(4096);
        CmafInit.TryWrite(inFile, new CmafInitOptions { Created = startedAt.UtcDateTime, ReservesFinish = true }, init);
        File.TryAppend(init);
    }

    public PartFile File { get; }

    public FrameFormat LeadFormat { get; }

    /// <summary>Bytes of the file, once all that was handed over is written.</summary>
    public long Size => _row.Size + _writer.Bytes;

    public TimeSpan Length(long time) => TimeSpan.FromSeconds((double)time / LeadFormat.ClockRate);

    /// <summary>
    /// A picture of this format can follow in the file. VP8 says all there is to say in its key pictures, its size too; that of the others stands at the front of the
    /// file.
    /// </summary>
    public bool Holds(FrameFormat format) =>
        ReferenceEquals(LeadFormat, format) || (LeadFormat.Codec == Codec.Vp8 && format.Codec == Codec.Vp8) || LeadFormat.Equals(format);

    /// <summary>How long the fragment would be if it ended now.</summary>
    public TimeSpan Elapsed(long time) => _writer.Frames == 0 ? TimeSpan.Zero : Length(time - _fragmentStart);

    /// <summary>The frame's clock goes on where the file is; false where it jumped.</summary>
    public bool IsContinuedBy(in Frame frame) => _lastLead < 0 || Length(frame.DecodeTime - _lastLead) <= _longestJump;

    /// <summary>Leaves a frame of the lead's out; the file goes on behind it.</summary>
    public void PassOver(in Frame frame) => _lastLead = frame.DecodeTime;

    public FragmentAdd Add(RecorderTrack lead, in Frame frame, long time)
    {
        if (_writer.Frames == 0) _fragmentStart = time;
        var added = AddTo(lead, in frame, time);
        if (added != FragmentAdd.Added) return added;
        _lastLead = frame.DecodeTime;
        if (!ReferenceEquals(frame.Format, _largest) && frame.Format.Resolution.Width > _largest.Resolution.Width) Grow(frame.Format);
        return added;
    }

    /// <summary>Moves a track's frames before a time of the lead's into the fragment. False where it has frames that need another file.</summary>
    public bool Take(RecorderTrack track, RecorderTrack lead, long end)
    {
        if (track.Index < 0) return track.Pending.Count == 0 || !track.IsKnown;
        var until = RecorderTrack.Scale(end, LeadFormat.ClockRate, track.Format!.ClockRate);
        while (track.Pending.TryPeek(out var frame))
        {
            if (!ReferenceEquals(frame.Format, track.Format) && !frame.Format.Equals(track.Format)) return false;
            var time = frame.DecodeTime - track.Offset;
            if (time >= until) return true;

            // What was heard before the file began, or is there already because the clocks were put right, is passed over.
            if (time >= 0 && time > track.LastTime && AddTo(track, in frame, time) == FragmentAdd.Full) return true;
            track.Pending.Drop();
        }

        return true;
    }

    /// <summary>Hands the fragment to the disk; false where the disk does not keep up or has a fault.</summary>
    /// <param name="end">When the lead's next frame begins, where it is known.</param>
    public bool TryWrite(long? end)
    {
        if (_writer.Frames == 0) return true;
        if (end is { } time) _writer.EndAt(0, time);
        var buffer = new FragmentBuffer(_usualSize);
        var shown = _fragmentStart + _writer.DurationOf(0);
        _writer.Write(buffer);
        var length = buffer.Length;
        _usualSize = Math.Max(4096, length + length / 4);
        if (!File.TryAppend(buffer))
        {
            _row = _row with { Gaps = _row.Gaps + 1 };
            return false;
        }

        var lasts = Length(shown) > _newest ? Length(shown) : _newest;
        _row = _row with { Duration = lasts, Size = _row.Size + length };
        _ledger.Progress(_row);
        return true;
    }

    /// <summary>Puts the other tracks' clocks right where the publisher's reports now say something else.</summary>
    public void Realign(List<RecorderTrack> tracks, RecorderTrack lead, TimeSpan largestSkew)
    {
        foreach (var track in tracks)
        {
            if (ReferenceEquals(track, lead) || track.Index < 0) continue;
            var offset = track.TimeAt(lead, LeadFormat, lead.Offset, _leadArrival);
            var rate = track.Format!.ClockRate;
            if (TimeSpan.FromSeconds(Math.Abs(offset - track.Offset) / (double)rate) > largestSkew) track.Offset = offset;
        }
    }

    public void Close() => _ledger.Close(_row, File);

    // What is listed is the size of the best picture in the file.
    private void Grow(FrameFormat format)
    {
        _largest = format;
        _row = _row with { Tracks = [Describe(format), .. _row.Tracks.Skip(1)] };
    }

    private FragmentAdd AddTo(RecorderTrack track, in Frame frame, long time)
    {
        var added = _writer.TryAdd(track.Index, new Frame
        {
            Format = track.Format!,
            DecodeTime = time,
            CompositionOffset = frame.CompositionOffset,
            Flags = frame.Flags,
            Payload = frame.Payload,
        });
        if (added != FragmentAdd.Added) return added;
        track.LastTime = time;
        var at = TimeSpan.FromSeconds((double)time / track.Format!.ClockRate);
        if (at > _newest) _newest = at;
        return FragmentAdd.Added;
    }

    internal static RecordedTrack Describe(FrameFormat format) => new(
        format.Kind == MediaKind.Video ? "video" : "audio", format.Codec == Codec.Aac ? "AAC" : CodecFacts.NameOf(format.Codec), CodecStrings.Of(format),
        format.Resolution.Width, format.Resolution.Height, format.Kind == MediaKind.Audio ? format.ClockRate : 0, format.Channels);
}
