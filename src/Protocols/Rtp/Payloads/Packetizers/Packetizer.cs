using System.Diagnostics.CodeAnalysis;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtp.Payloads.Packetizers;

/// <summary>
/// Cuts frames into RTP payloads: <see cref="Begin"/> plans a frame, <see cref="TryTake"/> writes its payloads one by one. One for each
/// track; one thread. Keeps no bytes of a frame and allocates only where a frame has more units than any before.
/// </summary>
/// <remarks>
/// The payloads of one picture are equal in length but for the last, as far as the format lets them: equal datagrams of one burst are one
/// system call for whoever sends them.
/// </remarks>
public abstract class Packetizer
{
    /// <summary>
    /// The largest payload where nothing else is said: a datagram of 1200 bytes, which every path carries (IPv6 guarantees 1280), less the
    /// RTP header (12), an allowance for header extensions (40: mid, transport number, send and capture time, playout delay with their
    /// heads), the tag of SRTP (16 with AES-GCM) and the original number in a retransmission (2), rounded down to a multiple of eight.
    /// </summary>
    public const int DefaultMaxPayload = 1128;

    /// <summary>The smallest payload limit taken: every format's headers and a few bytes fit.</summary>
    public const int LeastMaxPayload = 64;

    private protected Packetizer(Codec codec, int maxPayload)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPayload, LeastMaxPayload);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxPayload, ushort.MaxValue);
        Codec = codec;
        MaxPayload = maxPayload;
    }

    /// <summary>The codec of the frames.</summary>
    public Codec Codec { get; }

    /// <summary>No payload is longer; buffers given to <see cref="TryTake"/> must be at least as long.</summary>
    public int MaxPayload { get; }

    /// <summary>Makes the packetizer of a codec; false where the codec has none.</summary>
    /// <param name="codec">The codec of the frames to come.</param>
    /// <param name="packetizer">The packetizer.</param>
    /// <param name="maxPayload">The largest payload in bytes. Opus packets cannot be cut: they pass up to 1300 bytes whatever this says.</param>
    public static bool TryCreate(Codec codec, [NotNullWhen(true)] out Packetizer? packetizer, int maxPayload = DefaultMaxPayload)
    {
        packetizer = codec switch
        {
            Codec.H264 => new H264Packetizer(maxPayload),
            Codec.H265 => new H265Packetizer(maxPayload),
            Codec.Av1 => new Av1Packetizer(maxPayload),
            Codec.Vp8 => new Vp8Packetizer(maxPayload),
            Codec.Vp9 => new Vp9Packetizer(maxPayload),
            Codec.Opus => new OpusPacketizer(maxPayload),
            _ => null,
        };
        return packetizer is not null;
    }

    /// <summary>
    /// Plans a frame; what was not taken of the one before is forgotten. False where the frame is damaged, empty, of another codec, or has
    /// nothing RTP carries: then there is nothing to take.
    /// </summary>
    public bool Begin(in Frame frame)
    {
        IsFirst = true;
        return frame.Format.Codec == Codec && Plan(frame);
    }

    /// <summary>Writes the next payload of the frame <see cref="Begin"/> planned; false when all have been taken.</summary>
    /// <param name="frame">The frame given to <see cref="Begin"/>, with the same bytes.</param>
    /// <param name="destination">At least <see cref="MaxPayload"/> bytes.</param>
    /// <param name="payload">What was written.</param>
    public bool TryTake(in Frame frame, Span<byte> destination, out PacketizedPayload payload)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, MaxPayload, nameof(destination));
        payload = default;
        var length = Write(frame, destination[..MaxPayload], out var isLast);
        if (length == 0) return false;
        var isVideo = frame.Format.Kind == MediaKind.Video;
        var marker = isVideo ? isLast : (frame.Flags & FrameFlags.Discontinuity) != 0;
        payload = new PacketizedPayload(length, marker, IsFirst, IsFirst && isVideo && frame.IsKeyframe);
        IsFirst = false;
        return true;
    }

    /// <summary>The payload to be written is the frame's first.</summary>
    private protected bool IsFirst { get; private set; }

    private protected abstract bool Plan(in Frame frame);

    /// <summary>Writes one payload; 0 when the plan is done.</summary>
    private protected abstract int Write(in Frame frame, Span<byte> destination, out bool isLast);

    /// <summary>The pieces something is cut into, all of one length but for the last, which is shorter.</summary>
    /// <param name="length">Bytes to be cut.</param>
    /// <param name="limit">The largest piece.</param>
    private protected static int EvenPiece(int length, int limit)
    {
        var pieces = (length + limit - 1) / limit;
        return pieces == 0 ? 0 : (length + pieces - 1) / pieces;
    }
}
