namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>Writes the boxes of a fragment.</summary>
internal static class FragmentBoxes
{
    private const uint DefaultBaseIsMoof = 0x02_0000;
    private const uint HasDefaultDuration = 0x08;
    private const uint HasDefaultSize = 0x10;
    private const uint HasDefaultFlags = 0x20;

    private const uint HasDataOffset = 0x01;
    private const uint HasFirstFlags = 0x04;
    private const uint HasDurations = 0x100;
    private const uint HasSizes = 0x200;
    private const uint HasFlags = 0x400;
    private const uint HasOffsets = 0x800;

    /// <summary>Writes what goes before the fragment: segment type, producer time, events.</summary>
    public static void WritePrefix(BoxBuilder boxes, uint trackId, in FragmentPrefix prefix)
    {
        if (prefix.Start != FragmentStart.None)
        {
            var styp = boxes.Begin(BoxType.Styp);
            boxes.U32(BoxType.Msdh);
            boxes.U32(0);
            boxes.U32(BoxType.Msdh);
            if (prefix.Start == FragmentStart.Segment)
            {
                boxes.U32(BoxType.Cmfs);
                boxes.U32(BoxType.Cmff);
            }

            boxes.U32(BoxType.Cmfl);
            boxes.End(styp);
        }

        if (prefix.ProducerTime is { } time)
        {
            var prft = boxes.Begin(BoxType.Prft, 1); // flags 0: the time the frame reached the encoder
            boxes.U32(trackId);
            boxes.U64(time.Time.Value);
            boxes.U64((ulong)time.MediaTime);
            boxes.End(prft);
        }

        foreach (var timed in prefix.Events)
        {
            var emsg = boxes.Begin(BoxType.Emsg, 1);
            boxes.U32(timed.Timescale);
            boxes.U64(timed.PresentationTime);
            boxes.U32(timed.Duration);
            boxes.U32(timed.Id);
            boxes.Text(timed.Scheme);
            boxes.Text(timed.Value);
            boxes.Bytes(timed.Message.Span);
            boxes.End(emsg);
        }
    }

    /// <summary>Writes the fragment's box; the samples follow it in one <c>mdat</c> with a header of 8 bytes, track by track.</summary>
    public static void WriteMoof(BoxBuilder boxes, uint sequence, ReadOnlySpan<FragmentTrack> tracks)
    {
        Span<int> offsets = stackalloc int[CmafInit.MaxTracks]; // where each run's data offset is to be filled in
        var moof = boxes.Begin(BoxType.Moof);
        var mfhd = boxes.Begin(BoxType.Mfhd, 0);
        boxes.U32(sequence);
        boxes.End(mfhd);
        for (var i = 0; i < tracks.Length; i++)
        {
            if (tracks[i].Frames > 0) offsets[i] = WriteTrack(boxes, tracks[i]);
        }

        boxes.End(moof);
        var at = boxes.Length - moof + 8;
        for (var i = 0; i < tracks.Length; i++)
        {
            if (tracks[i].Frames == 0) continue;
            boxes.PatchU32(offsets[i], (uint)at);
            at += tracks[i].Bytes;
        }
    }

    // What all frames share is said once; CMAF wants it in the fragment and not in the movie box.
    private static int WriteTrack(BoxBuilder boxes, FragmentTrack track)
    {
        var samples = track.Samples;
        var first = samples[0];
        var common = samples.Length > 1 ? samples[1].Flags : first.Flags;
        bool sameDuration = true, sameSize = first.Size > 0, sameFlags = true, noOffsets = first.CompositionOffset == 0;
        for (var i = 1; i < samples.Length; i++)
        {
            sameDuration &= samples[i].Duration == first.Duration;
            sameSize &= samples[i].Size == first.Size;
            sameFlags &= samples[i].Flags == common;
            noOffsets &= samples[i].CompositionOffset == 0;
        }

        var traf = boxes.Begin(BoxType.Traf);
        var tfhdFlags = DefaultBaseIsMoof
            | (sameDuration ? HasDefaultDuration : 0) | (sameSize ? HasDefaultSize : 0) | (sameFlags ? HasDefaultFlags : 0);
        var tfhd = boxes.Begin(BoxType.Tfhd, 0, tfhdFlags);
        boxes.U32(track.Track.Id);
        if (sameDuration) boxes.U32((uint)first.Duration);
        if (sameSize) boxes.U32((uint)first.Size);
        if (sameFlags) boxes.U32(common);
        boxes.End(tfhd);

        var tfdt = boxes.Begin(BoxType.Tfdt, 1);
        boxes.U64((ulong)track.DecodeTime);
        boxes.End(tfdt);

        var hasFirst = sameFlags && first.Flags != common;
        var trun = boxes.Begin(BoxType.Trun, 1, HasDataOffset
            | (hasFirst ? HasFirstFlags : 0) | (sameDuration ? 0 : HasDurations) | (sameSize ? 0 : HasSizes)
            | (sameFlags ? 0 : HasFlags) | (noOffsets ? 0 : HasOffsets));
        boxes.U32((uint)samples.Length);
        var dataOffset = boxes.Length;
        boxes.U32(0);
        if (hasFirst) boxes.U32(first.Flags);
        foreach (var sample in samples)
        {
            if (!sameDuration) boxes.U32((uint)sample.Duration);
            if (!sameSize) boxes.U32((uint)sample.Size);
            if (!sameFlags) boxes.U32(sample.Flags);
            if (!noOffsets) boxes.I32(sample.CompositionOffset);
        }

        boxes.End(trun);
        boxes.End(traf);
        return dataOffset;
    }
}
