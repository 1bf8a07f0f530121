using System.Globalization;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Bench.Floor;

/// <summary>
/// The least a server can do that takes a stream in: a thread for each core; packets are received, decrypted, kept until their picture is whole, and encrypted and sent to every viewer as a server
/// sends them. No signalling, no ICE, no DTLS, no RTCP, no repair, nobody comes or goes. What it costs and how late it is, on the same machine under the same load, is the machine's.
/// </summary>
/// <remarks>The stream of a lone publisher is sent by all threads, a share of the viewers each; of many publishers each is served by the thread its packets reach.</remarks>
internal sealed class Relay
{
    public const uint FirstViewer = 0x7f01_0001;
    public const uint FirstPublisher = 0x7f02_0001;

    private const int ViewersPerSocket = 25;
    private const int RingOfOne = 4096;
    private const int RingOfMany = 128;

    private readonly RelayPlan _plan;
    private readonly RelayStream[] _streams;
    private readonly RelayWorker[] _workers;
    private volatile int _admitted;

    public Relay(RelayPlan plan)
    {
        _plan = plan;
        _streams = new RelayStream[plan.Publishers];
        for (var i = 0; i < _streams.Length; i++) _streams[i] = new RelayStream(FloorKeys.OfPublisher(plan.Profile, i), plan.Publishers == 1 ? RingOfOne : RingOfMany);
        var sharing = plan.Publishers == 1 ? Environment.ProcessorCount : 1; // workers among whom a stream's viewers are divided
        _workers = new RelayWorker[Environment.ProcessorCount];
        for (var w = 0; w < _workers.Length; w++)
        {
            _workers[w] = new RelayWorker(_streams, plan.Binds ? w : -1, Port, sharing == 1 || w == 0, () => _admitted);
            if (Port == 0) Port = _workers[0].Port;
        }

        if (sharing > 1) _workers[0].Others = _workers[1..];
        for (var p = 0; p < plan.Publishers; p++)
        {
            for (var w = 0; w < _workers.Length; w++) _workers[w].SetViewers(p, Viewers(p, sharing == 1 ? 0 : w, sharing));
        }
    }

    /// <summary>Where publishers send to.</summary>
    public ushort Port { get; private set; }

    private RelayOutput.Viewer[] Viewers(int publisher, int share, int shares)
    {
        var mine = new List<RelayOutput.Viewer>();
        for (var i = publisher; i < _plan.Ports.Length; i += _plan.Publishers)
        {
            if (i / _plan.Publishers % shares != share) continue;
            using var keys = FloorKeys.OfViewer(_plan.Profile, i);
            mine.Add(new RelayOutput.Viewer(new SrtpSender(keys), RunQueue.NameOf(FirstViewer + (uint)i, _plan.Ports[i]), (uint)i << 1));
        }

        // Those that share a socket, and those that measure, shall not be served one after the other.
        return [.. mine.OrderBy(static v => (v.Ssrc >> 1) % ViewersPerSocket)];
    }

    /// <summary>Starts the threads; they run until the process ends.</summary>
    public void Start()
    {
        foreach (var worker in _workers) new Thread(worker.Run) { IsBackground = true }.Start();
    }

    /// <summary>The command: reads the plan, prints the port, and relays until standard input ends; each further line says how many of the viewers are there.</summary>
    public static async Task RunAsync(TextReader input, TextWriter output)
    {
        if (!RelayPlan.TryRead(await input.ReadLineAsync(), out var plan)) throw new BenchException("The relay's plan cannot be read.");
        var relay = new Relay(plan);
        relay.Start();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"port {relay.Port}"));
        await output.FlushAsync();
        while (await input.ReadLineAsync() is { } line)
        {
            if (!BenchOptions.TryNumber(line, 0, plan.Ports.Length, out var admitted)) throw new BenchException("The relay was told of more viewers than it has.");
            relay._admitted = admitted;
        }
    }
}
