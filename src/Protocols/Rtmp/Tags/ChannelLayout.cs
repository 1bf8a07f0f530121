using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtmp.Tags;

/// <summary>Which speaker each channel is for (Enhanced RTMP v2, AudioPacketType.MultichannelConfig).</summary>
/// <param name="Channels">How many channels.</param>
/// <param name="Speakers">The speakers as a mask, front left lowest, where channels are in the native order; else 0.</param>
/// <param name="IsMapped">An explicit map of channels to speakers was given; it is not kept.</param>
public readonly record struct ChannelLayout(byte Channels, uint Speakers, bool IsMapped)
{
    /// <summary>Reads the packet's payload; false where it is cut short or of an unknown order.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out ChannelLayout layout)
    {
        layout = default;
        var reader = new ByteReader(payload);
        if (!reader.TryReadU8(out var order) || !reader.TryReadU8(out var channels)) return false;
        uint speakers = 0;
        var isRead = order switch
        {
            0 => true,
            1 => reader.TryReadU32(out speakers),
            2 => reader.TrySkip(channels),
            _ => false,
        };
        layout = isRead ? new ChannelLayout(channels, speakers, order == 2) : default;
        return isRead;
    }
}
