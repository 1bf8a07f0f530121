using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;
using Sluice.Workers.Transcoding;

namespace Sluice.Workers.Tests.Transcoding;

/// <summary>One channel with a publisher that hands over frames, and a workshop with real child processes beside it.</summary>
internal sealed class Stage : IDisposable
{
    private readonly Slab _slab = TrackResources.MakeSlab(256 << 20);
    private readonly GroupThread _consumers = new();
    private readonly LiveChannels _channels = new();
    private readonly ITrackConverters? _converters;

    public Stage(TranscodingOptions? options = null, ITrackConverters? converters = null, Func<Instant>? clock = null)
    {
        _converters = converters;
        Channel = _channels.Open("channel");
        Workshop = new TranscodingWorkshop(options ?? new TranscodingOptions { Linger = TimeSpan.Zero }, _ => _consumers.Group, clock ?? (() => MonotonicClock.Now),
            NullLogger<TranscodingWorkshop>.Instance);
        _channels.StreamEnded += Workshop.Close;
        Workshop.Start();
    }

    public LiveChannel Channel { get; }

    public TranscodingWorkshop Workshop { get; }

    public LiveStream Stream { get; private set; } = null!;

    public Track MakeTrack(MediaKind kind) => new(new TrackId(kind, 0, ""), _slab, PacketLogLimits.Audio) { Native = TrackFace.Frames };

    /// <summary>Goes live with tracks; their formats must be known.</summary>
    public void Publish(params Track[] tracks)
    {
        var offered = new RenditionPlanner(Workshop, _slab, _converters).Plan(Channel, tracks);
        Stream = new LiveStream(Channel.ChannelId, tracks, new Publication(), DateTimeOffset.UnixEpoch, offered);
        Channel.Start(Stream);
    }

    /// <summary>A track of sound or pictures like these frames, live.</summary>
    public Track Publish(IReadOnlyList<KeptFrame> like)
    {
        var track = MakeTrack(like[0].Format.Kind);
        track.Frames.Describe(like[0].Format);
        Publish(track);
        return track;
    }

    public Track Rendition(string encodingId) => Stream.Offered.Single(t => t.Id.EncodingId == encodingId);

    public RenditionSnapshot Observe(Track rendition) => Workshop.Observe(Stream).Single(s => s.Track == rendition.Id);

    public Transcoder TranscoderOf(Track rendition) => Workshop.Find(rendition)!;

    /// <summary>Waits until a rendition is as it should be, by asking again whenever the workshop has had time.</summary>
    public RenditionSnapshot WaitForState(Track rendition, Func<RenditionSnapshot, bool> isThere)
    {
        var until = Environment.TickCount64 + 30_000;
        while (true)
        {
            var now = Observe(rendition);
            if (isThere(now)) return now;
            Assert.True(Environment.TickCount64 < until, $"{now}");
            Thread.Yield();
        }
    }

    public void Append(Track track, IEnumerable<KeptFrame> frames)
    {
        foreach (var frame in frames)
        {
            Assert.True(track.Frames.Append(frame.ToFrame(), MonotonicClock.Now));
        }

        Channel.WakeReaders();
    }

    public RenditionReader Read(Track rendition) => new(Channel, _consumers.Group, rendition, () => $"{Observe(rendition)}");

    public void Dispose()
    {
        if (Stream is { } stream) Channel.End(stream, StreamEnd.Stopped);
        Workshop.Dispose();
        _consumers.Dispose();
    }

    private sealed class Publication : IPublication
    {
        public string Protocol => "test";

        public string Vendor => "";

        public TimeSpan RoundTrip => TimeSpan.Zero;

        public void Close(StreamEnd reason)
        {
        }
    }
}
