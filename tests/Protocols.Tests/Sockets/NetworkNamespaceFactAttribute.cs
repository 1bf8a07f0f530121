namespace Sluice.Protocols.Tests.Sockets;

/// <summary>A test that needs a network namespace of its own, for a link with a small MTU.</summary>
public sealed class NetworkNamespaceFactAttribute : FactAttribute
{
    public NetworkNamespaceFactAttribute()
    {
        if (!NetworkNamespace.IsAvailable) Skip = "May not make a network namespace here.";
    }
}

/// <summary>A test that also needs iproute2's tc, for a link that is slow.</summary>
public sealed class TrafficControlFactAttribute : FactAttribute
{
    public TrafficControlFactAttribute()
    {
        if (!NetworkNamespace.IsAvailable || !NetworkNamespace.CanShape) Skip = "May not make a slow link here.";
    }
}
