using System.Text;
using BenchmarkDotNet.Attributes;
using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.WebRtc.Stun;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Micro.Stages;

/// <summary>A browser's consent checks, which come every two to three seconds from each peer.</summary>
public class StunBenchmarks
{
    // More than an agent remembers, so that each is a new one.
    private const int Checks = 1024;

    private static readonly IceCredentials Local = new("serverAB", "serverpasswordserverpass");
    private static readonly IceCredentials Remote = new("abcd", "clientpasswordclientpass");

    private readonly byte[] _answer = new byte[IceLiteAgent.MaxResponseLength];
    private readonly byte[][] _checks = new byte[Checks][];
    private readonly NetworkPath _path = new(TransportProtocol.Udp, NetworkAddress.FromIPv4(0xc633_6401, 7000), NetworkAddress.FromIPv4(0x0a00_0001, 5000));
    private IceLiteAgent _agent = null!;
    private Instant _now = Instant.FromMilliseconds(1000);
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        _agent = new IceLiteAgent(_now, Local, Remote);
        var bytes = new byte[256];
        for (var i = 0; i < Checks; i++)
        {
            var writer = new StunMessageWriter(bytes, StunClass.Request, StunMethod.Binding, new StunTransactionId((uint)i, (ulong)i * 77));
            writer.AddUsername(Encoding.ASCII.GetBytes($"{Local.Ufrag}:{Remote.Ufrag}"));
            writer.AddIceControlling(1);
            writer.AddUseCandidate();
            writer.AddPriority(2_122_194_687);
            writer.AddIntegrity(Encoding.ASCII.GetBytes(Local.Pwd));
            writer.AddFingerprint();
            _checks[i] = writer.Written.ToArray();
        }

        if (AnswerCheck() <= 0 || FindPeer() != Local.Ufrag.Length) throw new InvalidOperationException("The check is refused.");
        while (_agent.TryTakeEvent(out _))
        {
            // Of the first check.
        }
    }

    /// <summary>Whose check it is, before any proof.</summary>
    [Benchmark, PerPacket]
    public int FindPeer() => IceUsername.TryGetLocalUfrag(_checks[0], out var ufrag) ? ufrag.Length : -1;

    /// <summary>The check read, proven and answered.</summary>
    [Benchmark, PerPacket]
    public int AnswerCheck()
    {
        _now += TimeSpan.FromMilliseconds(2.5);
        _next = (_next + 1) % Checks;
        return _agent.HandleStun(_now, _path, _checks[_next], _answer, out var length) == IceHandling.Refused ? -1 : length;
    }
}
