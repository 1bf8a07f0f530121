using Sluice.Protocols.Wire;

namespace Sluice.Control.Live;

/// <summary>
/// Whatever reads the frames of a channel to make something of them: segments, recordings, another rendition. Called on one thread of a
/// <see cref="ConsumerGroup"/>, which it shares with others: it never blocks, and hands to threads of its own what takes long.
/// </summary>
public interface IFrameConsumer
{
    /// <summary>Looks at its cursors: the channel has news, or its deadline has come.</summary>
    void Advance(Instant now);

    /// <summary>When it wants to be called though nothing is new.</summary>
    Instant NextTimeout { get; }

    /// <summary>It threw, which is a bug, and will not be called again: let go of everything.</summary>
    void Abandon(Exception failure);
}
