using Sluice.Control.Live;
using Sluice.Inputs.Whip;
using Sluice.Outputs.Whep;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Peers;
using Sluice.Protocols.Wire;
using Endpoint = Sluice.Protocols.WebRtc.Peers.Endpoint;

namespace Sluice.Server.Media;

/// <summary>
/// One worker's machine: its peers, what its publishers appended, and its share of the fan-out. The driver handles a batch of datagrams, then
/// takes everything: at the first take other shards learn once of what the batch brought, and the fan-out looks for news.
/// </summary>
public sealed class WebRtcShard : IDatagramMachine
{
    private bool _isTaking;

    public WebRtcShard(Endpoint endpoint, ReaderThread thread)
    {
        Endpoint = endpoint;
        Appends = new WhipAppends(thread);
        FanOut = new WhepFanOut(thread, SrtpBatch.IsWorthwhile ? new SrtpBatch() : null);
    }

    public Endpoint Endpoint { get; }

    public WhipAppends Appends { get; }

    public WhepFanOut FanOut { get; }

    public Instant NextTimeout => Instant.Min(Instant.Min(Endpoint.NextTimeout, FanOut.NextTimeout), Appends.NextTimeout);

    public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram)
    {
        _isTaking = false;
        return Endpoint.HandleDatagram(now, path, datagram);
    }

    public void HandleTimeout(Instant now)
    {
        _isTaking = false;
        Endpoint.HandleTimeout(now);
    }

    public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
    {
        if (!_isTaking)
        {
            _isTaking = true;
            Appends.Flush(now);
            FanOut.Prepare(now);
        }

        if (Endpoint.TryTakeTransmit(now, destination, out transmit)) return true;
        if (FanOut.TryTakeTransmit(now, destination, out transmit)) return true;
        _isTaking = false;
        return false;
    }

    public void CompleteTransmits() => FanOut.CompleteTransmits();
}
