using Sluice.Control.Live;

namespace Sluice.Inputs.Rtmp;

/// <summary>
/// A publisher as one of its streams knows it. A publisher whose tracks change begins another stream, and that one's start ends the one before: only the newest
/// publication closes the connection.
/// </summary>
internal sealed class RtmpPublication(RtmpPublisher publisher) : IPublication
{
    public string Protocol => publisher.Protocol;

    public string Vendor => publisher.Vendor;

    public TimeSpan RoundTrip => publisher.RoundTrip;

    public PublisherIdentity Identity => publisher.Identity;

    public void Close(StreamEnd reason) => publisher.Close(this, reason);
}
