namespace Sluice.Protocols.Hls.Playlists;

/// <summary>How far another rendition is (RFC 8216bis §4.4.5.4).</summary>
/// <param name="Uri">Its playlist, relative to the one the report is in.</param>
/// <param name="LastSequence">Its newest segment, complete or growing, of which a part can be had.</param>
/// <param name="LastPart">The newest complete part of that segment.</param>
public readonly record struct RenditionReport(string Uri, long LastSequence, int LastPart);
