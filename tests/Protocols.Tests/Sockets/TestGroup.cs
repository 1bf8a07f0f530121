using System.Collections.Concurrent;
using System.Net;
using Sluice.Protocols.Sockets;

namespace Sluice.Protocols.Tests.Sockets;

/// <summary>A started group of scripted machines; its machines must not fail unless the test says so.</summary>
internal sealed class TestGroup : IAsyncDisposable
{
    private readonly bool _mayFail;

    public TestGroup(bool portable, Func<int, ScriptedMachine>? factory = null, int shards = 1, bool mayFail = false, Func<Action<Exception>, DriverOptions>? options = null)
    {
        _mayFail = mayFail;
        var chosen = options?.Invoke(Failures.Enqueue) ?? Options(portable, shards, Failures.Enqueue);
        Group = DriverGroup.Open(chosen, factory ?? (_ => new ScriptedMachine()));
        Group.Start();
    }

    public DriverGroup<ScriptedMachine> Group { get; }

    public ConcurrentQueue<Exception> Failures { get; } = new();

    public ushort Port => Group.Port;

    public DriverStatistics Statistics => Group.Drivers[0].Statistics;

    public static DriverOptions Options(bool portable, int shards, Action<Exception> failed) => new()
    {
        ForcePortable = portable,
        Shards = shards,
        Failed = failed,
        // 127.0.0.2 is not among an interface's listed addresses: the portable path, which binds each address, is told.
        BindAddresses = portable ? [IPAddress.Loopback, IPAddress.Parse("127.0.0.2"), IPAddress.IPv6Loopback] : [IPAddress.Any, IPAddress.IPv6Any],
    };

    public async ValueTask DisposeAsync()
    {
        await Group.DisposeAsync();
        if (!_mayFail) Assert.Empty(Failures);
    }
}
