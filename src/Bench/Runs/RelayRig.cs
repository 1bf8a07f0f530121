using System.Diagnostics;
using System.Globalization;
using Sluice.Bench.Floor;
using Sluice.Bench.Load;
using Sluice.Bench.Measuring;
using Sluice.Bench.Traffic;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Runs;

/// <summary>A relaying floor with the publishers and viewers a server gets: the same load, measured the same way.</summary>
internal sealed class RelayRig : IAsyncDisposable
{
    private const int FewViewers = 400; // from here on threads are busy, and better moved than bound
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AdmissionStep = TimeSpan.FromMilliseconds(50);

    private readonly Child _child;
    private readonly DtlsContext _context;
    private readonly ViewerLoop _viewers;
    private readonly PublisherLoop _publishers;
    private int _admitted;

    private RelayRig(Child child, DtlsContext context, ViewerLoop viewers, PublisherLoop publishers)
    {
        _child = child;
        _context = context;
        _viewers = viewers;
        _publishers = publishers;
        Meter = new Meter(child.Id, viewers, publishers);
    }

    public Meter Meter { get; }

    /// <summary>
    /// Starts a relay and a load of so many publishers and viewers, to whom nothing is sent before <see cref="AdmitAsync"/>; those that <paramref name="isProbe"/> names decrypt.
    /// </summary>
    public static async Task<RelayRig> StartAsync(
        IReadOnlyList<string> self, TrafficShape shape, SrtpProfile profile, int publishers, int viewers, bool takesRuns = false, Func<int, bool>? isProbe = null)
    {
        var rig = new RelayRig(Child.Start(self, ["bench", "relay"]), new DtlsContext(DateTimeOffset.UtcNow, profile), new ViewerLoop(shape, takesRuns), new PublisherLoop());
        var made = await rig._viewers.InvokeAsync(_ => rig.AddViewers(viewers, isProbe));
        rig._child.WriteLine(new RelayPlan(profile, publishers, Array.ConvertAll(made, static v => v.Link.Socket.Port), publishers == 1 && viewers <= FewViewers).Write());
        var line = await rig._child.ReadUntilAsync("port ", StartLimit) ?? throw new BenchException("The relay did not start.");
        var server = NetworkAddress.FromIPv4(0x7f00_0001, ushort.Parse(line[5..], CultureInfo.InvariantCulture));
        rig.Meter.ServerPort = server.Port;
        await rig._viewers.InvokeAsync(now => Connect(now, made, server, profile));
        await rig._publishers.InvokeAsync(now => rig.Publish(now, publishers, server, shape, profile));
        return rig;
    }

    /// <summary>Has the relay serve more and more viewers, up to <paramref name="viewers"/>.</summary>
    public async Task AdmitAsync(int viewers, double perSecond)
    {
        var started = Stopwatch.GetTimestamp();
        var before = _admitted;
        while (_admitted < viewers)
        {
            await Task.Delay(AdmissionStep);
            _admitted = Math.Min(viewers, before + (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond));
            _child.WriteLine(_admitted.ToString(CultureInfo.InvariantCulture));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _publishers.Dispose();
        await _child.DisposeAsync();
        _viewers.Dispose();
        _context.Dispose();
    }

    // Addresses are given by groups, each for viewers of one kind: the relay counts them in order, so each viewer must come out where it is expected.
    private Viewer[] AddViewers(int count, Func<int, bool>? isProbe)
    {
        var made = new Viewer[count];
        for (var i = 0; i < count; i++) made[i] = _viewers.Add(_context, ViewerKind.Good, isProbe?.Invoke(i) ?? false);
        Array.Sort(made, static (a, b) => a.Link.Address.CompareTo(b.Link.Address));
        for (var i = 0; i < count; i++)
        {
            if (made[i].Link.Address != Relay.FirstViewer + (uint)i) throw new BenchException("A relay's viewers have no gaps between their addresses: the kernel's receive buffers are too small here.");
        }

        return made;
    }

    private static void Connect(Instant now, Viewer[] viewers, NetworkAddress server, SrtpProfile profile)
    {
        for (var i = 0; i < viewers.Length; i++)
        {
            using var keys = FloorKeys.OfViewer(profile, i);
            viewers[i].Link.BeginWithout(server, null, viewers[i].Link.WantsReceiver ? new SrtpReceiver(keys) : null);
            viewers[i].HandleConnected(now);
        }
    }

    private void Publish(Instant now, int count, NetworkAddress server, TrafficShape shape, SrtpProfile profile)
    {
        for (var i = 0; i < count; i++)
        {
            using var keys = FloorKeys.OfPublisher(profile, i);
            var publisher = _publishers.Add(_context, shape);
            publisher.Link.BeginWithout(server, new SrtpSender(keys), null);
            _publishers.Start(publisher, now + PublisherLoop.StartsIn + PublisherLoop.PictureTime * i / count);
        }
    }
}
