using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Wire;

public sealed class NetworkPathTests
{
    private static readonly NetworkPath Path = new(TransportProtocol.Udp, new NetworkAddress(1, 2, 3, 4), new NetworkAddress(5, 6, 7, 8));

    public static TheoryData<NetworkPath> Others =>
    [
        Path with { Protocol = TransportProtocol.Tcp },
        Path with { Local = Path.Local with { High = 9 } }, Path with { Local = Path.Local with { Low = 9 } },
        Path with { Local = Path.Local with { Port = 9 } }, Path with { Local = Path.Local with { Scope = 9 } },
        Path with { Remote = Path.Remote with { High = 9 } }, Path with { Remote = Path.Remote with { Low = 9 } },
        Path with { Remote = Path.Remote with { Port = 9 } }, Path with { Remote = Path.Remote with { Scope = 9 } },
        new NetworkPath(Path.Protocol, Path.Remote, Path.Local),
    ];

    [Theory]
    [MemberData(nameof(Others))]
    public void Paths_that_differ_in_anything_are_not_the_same(NetworkPath other)
    {
        Assert.False(NetworkPath.AreSame(Path, other));
        Assert.False(NetworkPath.AreSame(other, Path));
        Assert.True(NetworkPath.AreSame(other, other with { }));
    }
}
