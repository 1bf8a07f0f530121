using Sluice.Protocols.Wire;

namespace Sluice.Control.Live;

/// <summary>
/// Who publishes, as far as that can be seen from outside: one software at one address is taken for one encoder. Each session has an object of its own; two that
/// are equal may be one encoder that came back, or its twin.
/// </summary>
/// <param name="Host">Its address, without a port.</param>
/// <param name="Software">What its software calls itself.</param>
public sealed record PublisherIdentity(NetworkAddress Host, string Software)
{
    /// <summary>Of a publisher nobody can tell from others.</summary>
    public static PublisherIdentity Unknown { get; } = new(default, "");

    /// <summary>The identity of a session.</summary>
    public static PublisherIdentity Of(NetworkAddress remote, string software) => new(remote.WithPort(0), software);
}
