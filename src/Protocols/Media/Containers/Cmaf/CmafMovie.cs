using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>What the movie box of a fragmented file says: its tracks and what their fragments leave unsaid. Immutable.</summary>
public sealed class CmafMovie
{
    private readonly MovieDefaults[] _defaults;

    private CmafMovie(CmafTrack[] tracks, MovieDefaults[] defaults, int unsupported, bool isFragmented)
    {
        Tracks = tracks;
        _defaults = defaults;
        UnsupportedTracks = unsupported;
        IsFragmented = isFragmented;
    }

    /// <summary>The tracks whose codec and configuration are known, in the order of the file; at most <see cref="CmafInit.MaxTracks"/>.</summary>
    public IReadOnlyList<CmafTrack> Tracks { get; }

    /// <summary>Tracks that were passed over: of another kind or codec, damaged, or too many.</summary>
    public int UnsupportedTracks { get; }

    /// <summary>Fragments may follow.</summary>
    public bool IsFragmented { get; }

    /// <summary>
    /// Reads an initialization segment, or any bytes that have a whole movie box in them. False where there is none. Damage within a track only
    /// loses that track.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> init, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CmafMovie? movie)
    {
        movie = null;
        if (!BoxReader.TryFind(init, BoxType.Moov, out var moov)) return false;
        movie = Parse(moov.Payload);
        return true;
    }

    /// <summary>Place in <see cref="Tracks"/> of the track of a number; -1 where there is none.</summary>
    public int IndexOf(uint trackId)
    {
        for (var i = 0; i < _defaults.Length; i++)
        {
            if (Tracks[i].Id == trackId) return i;
        }

        return -1;
    }

    /// <summary>
    /// How much later a track's frames are presented than their times say, in its ticks: what its edit list moves. Negative where the edit
    /// list skips the beginning.
    /// </summary>
    public long ShiftOf(int track) => _defaults[track].Shift;

    internal static CmafMovie Parse(ReadOnlySpan<byte> moov)
    {
        var tracks = new List<CmafTrack>();
        var defaults = new List<MovieDefaults>();
        var unsupported = 0;
        var movieTimescale = 1u;
        var isFragmented = false;
        ReadOnlySpan<byte> extends = default;
        var reader = new BoxReader(moov);
        while (reader.TryRead(out var box))
        {
            switch (box.Type)
            {
                case BoxType.Mvhd:
                    movieTimescale = Math.Max(1, TrackParser.ReadTimescale(in box));
                    break;
                case BoxType.Trak when tracks.Count < CmafInit.MaxTracks
                    && TrackParser.TryParse(box.Payload, movieTimescale, out var track, out var shift) && !IsUsed(tracks, track.Id):
                    tracks.Add(track);
                    defaults.Add(new MovieDefaults(shift, 0, 0, 0));
                    break;
                case BoxType.Trak:
                    unsupported++;
                    break;
                case BoxType.Mvex:
                    isFragmented = true;
                    extends = box.Payload;
                    break;
            }
        }

        ReadExtends(extends, tracks, defaults);
        return new CmafMovie([.. tracks], [.. defaults], unsupported, isFragmented);
    }

    internal MovieDefaults DefaultsOf(int track) => _defaults[track];

    private static bool IsUsed(List<CmafTrack> tracks, uint id)
    {
        foreach (var track in tracks)
        {
            if (track.Id == id) return true;
        }

        return false;
    }

    private static void ReadExtends(ReadOnlySpan<byte> extends, List<CmafTrack> tracks, List<MovieDefaults> defaults)
    {
        var reader = new BoxReader(extends);
        while (reader.TryRead(out var box))
        {
            if (box.Type != BoxType.Trex || !box.TryReadFull(out _, out _, out var rest)) continue;
            var fields = new ByteReader(rest);
            if (!fields.TryReadU32(out var id) || !fields.TryReadU32(out _) || !fields.TryReadU32(out var duration)
                || !fields.TryReadU32(out var size) || !fields.TryReadU32(out var flags)) continue;
            for (var i = 0; i < tracks.Count; i++)
            {
                if (tracks[i].Id == id) defaults[i] = new MovieDefaults(defaults[i].Shift, duration, size, flags);
            }
        }
    }
}

/// <summary>What a track's fragments leave unsaid (<c>trex</c>), and what its edit list moves.</summary>
/// <param name="Shift">Ticks its frames are presented later.</param>
/// <param name="Duration">Duration of a sample.</param>
/// <param name="Size">Bytes of a sample.</param>
/// <param name="Flags">Flags of a sample.</param>
internal readonly record struct MovieDefaults(long Shift, uint Duration, uint Size, uint Flags);
