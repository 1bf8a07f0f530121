using Sluice.Protocols.Rtp.Packets;

namespace Sluice.Protocols.Rtp.Extensions;

/// <summary>
/// The ids one media section negotiated for its extensions, both ways, as two flat tables. Filled while signalling, read on the packet
/// path; not to be changed by one thread while another reads.
/// </summary>
public sealed class HeaderExtensionMap
{
    private readonly HeaderExtensionKind[] _kinds = new HeaderExtensionKind[256];
    private readonly byte[] _ids = new byte[HeaderExtensions.KindCount];

    /// <summary>Binds an id (1 to 255) to a kind, replacing what either was bound to before.</summary>
    public void Add(int id, HeaderExtensionKind kind)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(id - 1), 254u, nameof(id));
        _ids[(int)_kinds[id]] = 0;
        _kinds[_ids[(int)kind]] = HeaderExtensionKind.Unknown;
        _kinds[id] = kind;
        _ids[(int)kind] = kind == HeaderExtensionKind.Unknown ? (byte)0 : (byte)id;
    }

    /// <summary>The kind bound to an id, or <see cref="HeaderExtensionKind.Unknown"/>.</summary>
    public HeaderExtensionKind KindOf(int id) => (uint)id < 256u ? _kinds[id] : HeaderExtensionKind.Unknown;

    /// <summary>The id bound to a kind, or 0 where it was not negotiated.</summary>
    public int IdOf(HeaderExtensionKind kind) => _ids[(int)kind];

    /// <summary>True where an id needs the two-byte form.</summary>
    public bool NeedsTwoByteForm
    {
        get
        {
            foreach (var id in _ids)
            {
                if (id > 14) return true;
            }

            return false;
        }
    }

    /// <summary>Finds the element of a kind in a packet; false where the kind was not negotiated or the packet lacks it.</summary>
    public bool TryGet(in RtpPacketView packet, HeaderExtensionKind kind, out ReadOnlySpan<byte> data)
    {
        var id = IdOf(kind);
        if (id == 0)
        {
            data = default;
            return false;
        }

        return packet.TryGetExtension(id, out data);
    }
}
