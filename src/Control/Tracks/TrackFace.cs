using Sluice.Protocols.Wire;

namespace Sluice.Control.Tracks;

/// <summary>The two faces of a track. An input writes the one it has; the other is derived once, while somebody wants it.</summary>
public enum TrackFace
{
    /// <summary>RTP payloads, as WebRTC forwards them.</summary>
    Packets = 0,

    /// <summary>Access units in MP4's normal form, as everything that stores or repacks media reads them.</summary>
    Frames = 1,
}

/// <summary>
/// Derives one face of a track from the other: a cursor on the face the input writes, and the writer of the other. Only the input's thread calls it, right after it
/// has appended.
/// </summary>
public interface ITrackConverter
{
    /// <summary>Converts what has come. Work is bounded by what was appended since the last call, and by the newest picture group after a pause.</summary>
    void Convert(Instant now);

    /// <summary>Nobody wants the derived face any more. The next <see cref="Convert"/> starts at the newest key picture, with numbers that go on.</summary>
    void Pause();
}

/// <summary>Makes converters; Control knows no payload formats.</summary>
public interface ITrackConverters
{
    /// <summary>The converter that fills the face the track's input does not write.</summary>
    ITrackConverter Make(Track track);
}
