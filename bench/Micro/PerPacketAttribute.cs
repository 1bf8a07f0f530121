namespace Sluice.Bench.Micro;

/// <summary>What is measured happens for a packet, or for a check or report of a peer: it allocates nothing, ever.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PerPacketAttribute : Attribute;
