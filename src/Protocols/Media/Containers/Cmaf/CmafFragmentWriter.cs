using System.Buffers;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>
/// Collects frames and writes them as movie fragments: one <c>moof</c> and one <c>mdat</c> each time (ISO/IEC 14496-12 §8.8). A fragment of
/// one track is a CMAF chunk; of several it has a <c>traf</c> for each, their samples one track behind the other. One thread. Payloads are copied
/// when added. Nothing is allocated once the buffers have grown to the largest fragment.
/// </summary>
/// <remarks>
/// Durations: within a fragment they follow from the decoding times. The last frame's is, from best to worst: what
/// <see cref="EndAt"/> says once the next frame is known, what was given with the frame, what the codec tells (AAC, Opus), the one before.
/// A wrong guess is harmless: every fragment states its decoding time.
/// </remarks>
public sealed class CmafFragmentWriter
{
    /// <summary>Bytes of payload a fragment may hold unless said otherwise.</summary>
    public const int DefaultMaxBytes = 64 * 1024 * 1024;

    /// <summary>Frames a fragment may hold unless said otherwise.</summary>
    public const int DefaultMaxFrames = 16 * 1024;

    private readonly FragmentTrack[] _tracks;
    private readonly int _maxBytes;
    private readonly int _maxFrames;
    private readonly BoxBuilder _boxes = new();

    /// <param name="tracks">The tracks as the initialization segment has them.</param>
    /// <param name="maxBytes">Bytes of payload a fragment may hold; more is <see cref="FragmentAdd.Full"/>.</param>
    /// <param name="maxFrames">Frames a fragment may hold, of all tracks.</param>
    /// <exception cref="ArgumentException">As <see cref="CmafInit.TryWrite"/>.</exception>
    public CmafFragmentWriter(ReadOnlySpan<CmafTrack> tracks, int maxBytes = DefaultMaxBytes, int maxFrames = DefaultMaxFrames)
    {
        CmafInit.Check(tracks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxFrames);
        _tracks = new FragmentTrack[tracks.Length];
        for (var i = 0; i < tracks.Length; i++) _tracks[i] = new FragmentTrack(tracks[i]);
        _maxBytes = maxBytes;
        _maxFrames = maxFrames;
    }

    /// <summary>Frames that wait.</summary>
    public int Frames { get; private set; }

    /// <summary>Bytes of payload that wait.</summary>
    public int Bytes { get; private set; }

    /// <summary>The number the next fragment gets; from 1 on.</summary>
    public uint NextSequence { get; set; } = 1;

    /// <summary>Adds a frame.</summary>
    /// <param name="track">Its track's place in the list given to the constructor.</param>
    /// <param name="frame">The frame; copied.</param>
    /// <param name="duration">How long it lasts in its track's ticks; 0 where the caller does not know.</param>
    public FragmentAdd TryAdd(int track, in Frame frame, int duration = 0)
    {
        if (Frames == _maxFrames || frame.Payload.Length > _maxBytes - Bytes) return FragmentAdd.Full;
        var added = _tracks[track].TryAdd(in frame, duration);
        if (added != FragmentAdd.Added) return added;
        Frames++;
        Bytes += frame.Payload.Length;
        return FragmentAdd.Added;
    }

    /// <summary>
    /// Says when the frame behind a track's last one begins, so that the last one's duration is right. Does nothing where no frame of the track waits or
    /// the time does not lie behind it.
    /// </summary>
    public void EndAt(int track, long decodeTime)
    {
        if (_tracks[track].Frames > 0) _tracks[track].TrySetEnd(decodeTime);
    }

    /// <summary>Duration of the frames of a track that wait, in its ticks.</summary>
    public long DurationOf(int track) => _tracks[track].Duration;

    /// <summary>Writes what waits as one fragment and forgets it; nothing where no frame waits.</summary>
    public FragmentWritten Write(IBufferWriter<byte> output, in FragmentPrefix prefix = default)
    {
        if (Frames == 0) return default;
        FragmentTrack? lead = null;
        var independent = true;
        foreach (var track in _tracks)
        {
            if (track.Frames == 0) continue;
            lead ??= track;
            independent &= track.StartsWithSync;
        }

        _boxes.Clear();
        FragmentBoxes.WritePrefix(_boxes, lead!.Track.Id, in prefix);
        FragmentBoxes.WriteMoof(_boxes, NextSequence++, _tracks);
        _boxes.U32((uint)Bytes + 8);
        _boxes.U32(BoxType.Mdat);
        output.Write(_boxes.Written);
        var written = new FragmentWritten(_boxes.Length + Bytes, Frames, lead.DecodeTime, lead.Duration, independent);
        foreach (var track in _tracks)
        {
            output.Write(track.Payload);
            track.Clear();
        }

        Frames = 0;
        Bytes = 0;
        return written;
    }
}
