using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Rtmp;

/// <summary>
/// Publishers by RTMP and Enhanced RTMP: connections become sessions, and what these publish becomes live streams. The gate says who may. Safe for any thread.
/// </summary>
/// <param name="gate">Who may publish.</param>
/// <param name="channels">Where streams go.</param>
/// <param name="resources">What tracks are made with.</param>
/// <param name="options">What publishers may do; asked anew for each connection.</param>
/// <param name="clock">The node's wall clock.</param>
/// <param name="time">For when a stream began.</param>
public sealed partial class RtmpInput(RtmpGate gate, LiveChannels channels, TrackResources resources, Func<RtmpInputOptions> options, WallClock clock,
    TimeProvider time, ILogger<RtmpInput> logger) : IStreamListener
{
    private readonly ConcurrentDictionary<RtmpPublisher, string> _publishing = new();

    /// <summary>Sessions that publish; bounded by the connections the port takes.</summary>
    public int PublisherCount => _publishing.Count;

    internal LiveChannels Channels => channels;

    internal TrackResources Resources => resources;

    internal WallClock Clock => clock;

    internal DateTimeOffset UtcNow => time.GetUtcNow();

    /// <inheritdoc />
    public IStreamSession Accept(Instant now, IStreamConnection connection) => Accept(now, connection, "rtmp");

    /// <summary>The input as one whose publishers came over TLS.</summary>
    public IStreamListener OverTls => new TlsListener(this);

    /// <summary>Ends every publication of a channel: what let it in is no longer true.</summary>
    public void CloseAll(string channelId)
    {
        foreach (var (publisher, channel) in _publishing)
        {
            if (channel == channelId) publisher.Close(StreamEnd.Ended);
        }
    }

    /// <summary>Ends every publication because the node goes down; publishers whose software can (Enhanced RTMP v2) are asked to connect again.</summary>
    public void Shutdown()
    {
        foreach (var (publisher, _) in _publishing)
        {
            publisher.Close(StreamEnd.Shutdown);
        }
    }

    internal async ValueTask<RtmpAnswer> AskAsync(RtmpRequest request, TimeSpan patience)
    {
        using var cancellation = new CancellationTokenSource(patience);
        try
        {
            return await gate(request, cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            return RtmpAnswer.Refused(RtmpRefusal.Failed, "The server could not check the stream key in time; try again.");
        }
        catch (Exception failure)
        {
            LogGateFailed(failure);
            return RtmpAnswer.Refused(RtmpRefusal.Failed, "The server could not check the stream key; try again.");
        }
    }

    internal void Remember(RtmpPublisher publisher, string channelId) => _publishing[publisher] = channelId;

    internal void Forget(RtmpPublisher publisher) => _publishing.TryRemove(publisher, out _);

    private RtmpPublisher Accept(Instant now, IStreamConnection connection, string protocol)
    {
        var seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        return new RtmpPublisher(this, connection, protocol, options(), seed, now);
    }

    private sealed class TlsListener(RtmpInput input) : IStreamListener
    {
        public IStreamSession Accept(Instant now, IStreamConnection connection) => input.Accept(now, connection, "rtmps");
    }
}
