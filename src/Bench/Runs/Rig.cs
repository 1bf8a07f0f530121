using System.Diagnostics;
using System.Globalization;
using Sluice.Bench.Load;
using Sluice.Bench.Measuring;
using Sluice.Bench.Traffic;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Runs;

/// <summary>One server with publishers and viewers around it: what every scenario is built on.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    private readonly ServerUnderTest _server;
    private readonly TrafficShape _shape;
    private readonly ServerApi _api;
    private readonly DtlsContext _context;
    private readonly List<string> _channels = [];
    private readonly string _run = Convert.ToHexStringLower(BitConverter.GetBytes(Random.Shared.Next()));

    public Rig(ServerUnderTest server, TrafficShape shape, SrtpProfile profile, bool takesRuns = false)
    {
        _server = server;
        _shape = shape;
        _api = new ServerApi(server.Url, server.Token);
        _context = new DtlsContext(DateTimeOffset.UtcNow, profile);
        Viewers = new ViewerLoop(shape, takesRuns);
        Publishers = new PublisherLoop();
        Meter = new Meter(server.Process, Viewers, Publishers);
        ResidentAtStart = Resident;
    }

    public ViewerLoop Viewers { get; }

    public PublisherLoop Publishers { get; }

    public Meter Meter { get; }

    /// <summary>The server's resident memory in kB before the first viewer.</summary>
    public long ResidentAtStart { get; private set; }

    /// <summary>The server's resident memory in kB now.</summary>
    public long Resident => ProcessTimes.ReadResidentKilobytes(_server.Process);

    /// <summary>Opens so many channels with a publisher each, spread over a picture's time, and gives their ids.</summary>
    public async Task<List<string>> PublishAsync(int count)
    {
        var publishers = new List<Publisher>();
        var opened = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var channel = string.Create(CultureInfo.InvariantCulture, $"bench_{_run}_{_channels.Count}");
            var key = await _api.CreateChannelAsync(channel);
            _channels.Add(channel);
            opened.Add(channel);
            var publisher = await Publishers.InvokeAsync(_ => Publishers.Add(_context, _shape));
            var offer = PeerOffer.Publish(publisher.Link.Credentials, _context.Fingerprint, publisher.VideoSsrc, publisher.AudioSsrc);
            var answer = await _api.OfferAsync($"whip/{channel}", offer, key);
            Meter.ServerPort = answer.Server.Port;
            await Publishers.InvokeAsync(now => publisher.Link.Begin(now, answer));
            publishers.Add(publisher);
        }

        await AwaitAsync(() => publishers.TrueForAll(static p => p.Link.State is LinkState.Up or LinkState.Dead), ConnectLimit);
        var failed = publishers.Find(static p => p.Link.State != LinkState.Up);
        if (failed is not null) throw new BenchException($"A publisher did not connect: {failed.Link.Problem}");
        await Publishers.InvokeAsync(now =>
        {
            for (var i = 0; i < publishers.Count; i++) Publishers.Start(publishers[i], now + PublisherLoop.StartsIn + PublisherLoop.PictureTime * i / publishers.Count);
        });
        await Task.Delay(TimeSpan.FromSeconds(1));
        ResidentAtStart = Resident;
        return opened;
    }

    /// <summary>
    /// Lets viewers join at a rate, one channel after the other, and waits until each has its first picture or has failed.
    /// </summary>
    public async Task<Joining> JoinAsync(int count, IReadOnlyList<string> channels, double perSecond, ViewerKind kind = ViewerKind.Good, Func<int, bool>? isProbe = null)
    {
        var viewers = await Viewers.InvokeAsync(_ =>
        {
            var made = new List<Viewer>(count);
            for (var i = 0; i < count; i++) made.Add(Viewers.Add(_context, kind, isProbe?.Invoke(i) ?? false));
            return made;
        });
        var cpu = new Usage(_server.Process);
        var drops = Meter.ServerDrops;
        var before = await Viewers.InvokeAsync(Viewers.Read);
        var watch = Stopwatch.StartNew();
        var joins = new Task[count];
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds(i / perSecond) - watch.Elapsed;
            if (due > TimeSpan.FromMilliseconds(1)) await Task.Delay(due);
            joins[i] = JoinAsync(viewers[i], channels[i % channels.Count]);
        }

        await Task.WhenAll(joins);
        var asked = watch.Elapsed;
        await AwaitAsync(() => viewers.TrueForAll(static v => v.FirstFrameAt != Instant.Never || v.Link.State == LinkState.Dead), ConnectLimit);
        var after = await Viewers.InvokeAsync(Viewers.Read);
        return new Joining(viewers, asked, watch.Elapsed, new Usage(_server.Process) - cpu, (after.CpuNanoseconds - before.CpuNanoseconds) / 1e9, after.ReceivedByAll - before.ReceivedByAll, Meter.ServerDrops - drops);
    }

    /// <summary>Lets viewers leave again, politely, and forgets none of what they counted.</summary>
    public Task LeaveAsync(Joining joining) => Viewers.InvokeAsync(_ =>
    {
        foreach (var viewer in joining.Viewers) viewer.Link.Close();
    });

    public async ValueTask DisposeAsync()
    {
        Viewers.Dispose();
        Publishers.Dispose();
        if (!_server.IsOurs)
        {
            foreach (var channel in _channels) await _api.DeleteChannelAsync(channel);
        }

        _api.Dispose();
        _context.Dispose();
    }

    private async Task JoinAsync(Viewer viewer, string channel)
    {
        var offer = PeerOffer.Watch(viewer.Link.Credentials, _context.Fingerprint);
        viewer.PostedAt = MonotonicClock.Now;
        try
        {
            var answer = await _api.OfferAsync($"whep/{channel}", offer, bearer: null);
            viewer.AnsweredAt = MonotonicClock.Now;
            await Viewers.InvokeAsync(now => viewer.Link.Begin(now, answer));
        }
        catch (BenchException refused)
        {
            await Viewers.InvokeAsync(_ => viewer.Link.Fail(refused.Message));
        }
    }

    private static async Task AwaitAsync(Func<bool> done, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        while (!done() && watch.Elapsed < limit) await Task.Delay(Glance);
    }
}
