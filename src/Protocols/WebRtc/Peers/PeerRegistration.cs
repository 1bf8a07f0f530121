using System.Text;
using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Peers;

/// <summary>
/// A peer as every shard can find it: announced by signalling, adopted by the shard that its first valid connectivity check reaches, forgotten
/// when it ends. Any thread may hold one.
/// </summary>
public sealed class PeerRegistration
{
    private const int Unadopted = -1;
    private const int Ended = -2;

    private int _shard = Unadopted;

    internal PeerRegistration(PeerParameters parameters, PeerSession session, Instant deadline)
    {
        Parameters = parameters;
        Session = session;
        Deadline = deadline;
        Ufrag = UfragKey.From(parameters.Local.Ufrag);
    }

    /// <summary>What signalling settled.</summary>
    public PeerParameters Parameters { get; }

    /// <summary>What the peer is for.</summary>
    public PeerSession Session { get; }

    /// <summary>When it is given up if no check came.</summary>
    public Instant Deadline { get; }

    internal UfragKey Ufrag { get; }

    /// <summary>The shard that owns the peer; negative before adoption and after the end.</summary>
    public int Shard => Volatile.Read(ref _shard);

    /// <summary>The peer itself, from adoption to its end; its shard's thread only.</summary>
    internal Peer? Peer { get; set; }

    internal bool IsUnadopted => Shard == Unadopted;

    internal bool TryAdopt(int shard) => Interlocked.CompareExchange(ref _shard, shard, Unadopted) == Unadopted;

    /// <summary>True for the one caller that ends a peer which no shard has adopted.</summary>
    internal bool TryEndUnadopted() => Interlocked.CompareExchange(ref _shard, Ended, Unadopted) == Unadopted;
}

/// <summary>A local username fragment of eight ASCII characters as one number: compared and hashed without a string.</summary>
internal readonly record struct UfragKey(ulong Value)
{
    public const int Length = 8;

    public static bool TryFrom(ReadOnlySpan<byte> ufrag, out UfragKey key)
    {
        key = ufrag.Length == Length ? new UfragKey(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(ufrag)) : default;
        return ufrag.Length == Length;
    }

    public static UfragKey From(string ufrag)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (ufrag.Length != Length || !Encoding.ASCII.TryGetBytes(ufrag, bytes, out _))
        {
            throw new ArgumentException($"A local username fragment has {Length} ASCII characters.", nameof(ufrag));
        }

        TryFrom(bytes, out var key);
        return key;
    }
}

/// <summary>New ICE credentials for a peer that restarts (RFC 8445 §9).</summary>
internal sealed record IceRestart(IceCredentials Local, IceCredentials Remote);
