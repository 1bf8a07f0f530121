namespace Sluice.Protocols.Tests.Sockets;

/// <summary>Tests that open sockets run by themselves: they count descriptors and fill kernel buffers.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SocketsCollection
{
    public const string Name = "Sockets";
}
