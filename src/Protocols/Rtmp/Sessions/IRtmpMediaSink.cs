using Sluice.Protocols.Rtmp.Tags;

namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>Where a session delivers media. Called while bytes are handled, in the order of the wire, on the caller's thread.</summary>
public interface IRtmpMediaSink
{
    /// <summary>A tag of an accepted publication; its payload is valid during the call.</summary>
    /// <param name="streamId">The message stream of the publication.</param>
    /// <param name="tag">The tag. Codecs Sluice does not carry come too, so that the host can refuse them by name.</param>
    void OnMedia(uint streamId, in MediaTag tag);
}
