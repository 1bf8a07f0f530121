using System.Diagnostics.CodeAnalysis;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>Reads what a track box says of the track (ISO/IEC 14496-12 §8.3.1).</summary>
internal static class TrackParser
{
    private const long MaxShift = 1L << 40;

    /// <summary>The timescale of a movie or media header; 0 where it is cut short.</summary>
    public static uint ReadTimescale(in Box header)
    {
        if (!header.TryReadFull(out var version, out _, out var rest)) return 0;
        var reader = new ByteReader(rest);
        return reader.TrySkip(version == 1 ? 16 : 8) && reader.TryReadU32(out var timescale) ? timescale : 0;
    }

    /// <summary>Reads a track of sound or picture; false where it is of another kind, its codec is unknown or a part is missing.</summary>
    /// <param name="trak">The box's payload.</param>
    /// <param name="movieTimescale">Ticks of the movie's time, which edits last.</param>
    /// <param name="track">The track.</param>
    /// <param name="shift">What its edit list moves it, in its ticks.</param>
    public static bool TryParse(ReadOnlySpan<byte> trak, uint movieTimescale, [NotNullWhen(true)] out CmafTrack? track, out long shift)
    {
        track = null;
        shift = 0;
        if (!BoxReader.TryFind(trak, BoxType.Tkhd, out var tkhd) || !TryReadId(in tkhd, out var id)
            || !BoxReader.TryFind(trak, BoxType.Mdia, out var mdia)
            || !BoxReader.TryFind(mdia.Payload, BoxType.Mdhd, out var mdhd)
            || ReadTimescale(in mdhd) is not (> 0 and <= int.MaxValue and var timescale)
            || !BoxReader.TryFind(mdia.Payload, BoxType.Minf, out var minf)
            || !BoxReader.TryFind(minf.Payload, BoxType.Stbl, out var stbl)
            || !BoxReader.TryFind(stbl.Payload, BoxType.Stsd, out var stsd)
            || !stsd.TryReadFull(out _, out _, out var entries) || entries.Length < 4) return false;

        var reader = new BoxReader(entries[4..]);
        if (!reader.TryRead(out var entry) || !SampleEntryParser.TryParse(in entry, (int)timescale, out var format)) return false;
        if (BoxReader.TryFind(trak, BoxType.Edts, out var edts) && BoxReader.TryFind(edts.Payload, BoxType.Elst, out var elst))
        {
            shift = ReadShift(in elst, movieTimescale, timescale);
        }

        track = new CmafTrack(id, format) { Language = ReadLanguage(in mdhd) };
        return true;
    }

    private static bool TryReadId(in Box tkhd, out uint id)
    {
        id = 0;
        if (!tkhd.TryReadFull(out var version, out _, out var rest)) return false;
        var reader = new ByteReader(rest);
        return reader.TrySkip(version == 1 ? 16 : 8) && reader.TryReadU32(out id) && id != 0;
    }

    private static string ReadLanguage(in Box mdhd)
    {
        if (!mdhd.TryReadFull(out var version, out _, out var rest)) return "und";
        var reader = new ByteReader(rest);
        if (!reader.TrySkip(version == 1 ? 28 : 16) || !reader.TryReadU16(out var packed)) return "und";
        ReadOnlySpan<char> letters = [(char)((packed >> 10 & 31) + 0x60), (char)((packed >> 5 & 31) + 0x60), (char)((packed & 31) + 0x60)];
        foreach (var letter in letters)
        {
            if (letter is < 'a' or > 'z') return "und";
        }

        return new string(letters);
    }

    // Nothing for a while, then the media from some time on: all that is seen of edit lists in streams. What follows is not looked at.
    private static long ReadShift(in Box elst, uint movieTimescale, uint timescale)
    {
        if (!elst.TryReadFull(out var version, out _, out var rest)) return 0;
        var reader = new ByteReader(rest);
        if (!reader.TryReadU32(out var count)) return 0;
        long shift = 0;
        for (var i = 0; i < Math.Min(count, 16); i++)
        {
            if (!TryReadEdit(ref reader, version, out var duration, out var mediaTime)) break;
            if (mediaTime >= 0)
            {
                shift -= mediaTime;
                break;
            }

            shift += (long)Math.Min(MaxShift, (double)duration * timescale / movieTimescale);
        }

        return Math.Clamp(shift, -MaxShift, MaxShift);
    }

    private static bool TryReadEdit(ref ByteReader reader, byte version, out ulong duration, out long mediaTime)
    {
        mediaTime = 0;
        if (version == 1)
        {
            if (!reader.TryReadU64(out duration) || !reader.TryReadU64(out var time)) return false;
            mediaTime = (long)time;
        }
        else
        {
            duration = 0;
            if (!reader.TryReadU32(out var brief) || !reader.TryReadU32(out var time)) return false;
            duration = brief;
            mediaTime = (int)time;
        }

        return reader.TrySkip(4);
    }
}
