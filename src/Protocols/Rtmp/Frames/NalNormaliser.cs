using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtmp.Frames;

/// <summary>What H.264 and H.265 share. Units behind start codes, which some encoders send against the rules, are taken too.</summary>
internal abstract class NalNormaliser(Codec codec) : FrameNormaliser(codec)
{
    private const int NormalLength = 4;

    private int _lengthSize = NormalLength;

    /// <summary>Bytes of the length before each unit, as the last configuration says.</summary>
    private protected int LengthSize
    {
        set => _lengthSize = value;
    }

    public sealed override FrameFault Normalise(ReadOnlySpan<byte> coded, bool isCalledKeyframe, out NormalFrame frame)
    {
        frame = default;
        if (coded.IsEmpty) return FrameFault.Empty;
        BeginFrame(isCalledKeyframe);
        var length = 0L;
        var reader = new LengthPrefixedReader(coded, _lengthSize);
        while (reader.TryRead(out var nal))
        {
            if (Takes(nal)) length += NormalLength + nal.Length;
        }

        var hasStartCodes = reader.Malformed && coded is [0, 0, 1, ..] or [0, 0, 0, 1, ..];
        if (reader.Malformed && !hasStartCodes) return FrameFault.Malformed;
        if (hasStartCodes)
        {
            BeginFrame(isCalledKeyframe);
            length = 0;
            var stream = new AnnexBReader(coded);
            while (stream.TryRead(out var nal))
            {
                if (Takes(nal)) length += NormalLength + nal.Length;
            }
        }

        if (length > MaxFrame) return FrameFault.TooLarge;
        if (!EndFrame(out var flags)) return FrameFault.Empty;
        if (Format is null) return FrameFault.NoConfiguration;
        var isNormal = length == coded.Length && _lengthSize == NormalLength && !hasStartCodes;
        frame = new NormalFrame { Format = Format, Flags = flags, Payload = isNormal ? coded : Copy(coded, (int)length, hasStartCodes) };
        return FrameFault.None;
    }

    /// <summary>A frame begins.</summary>
    private protected abstract void BeginFrame(bool isCalledKeyframe);

    /// <summary>True where the unit stays in the frame; keeps parameter sets and notes what the unit says of the frame.</summary>
    private protected abstract bool Takes(ReadOnlySpan<byte> nal);

    /// <summary>True where a unit stays; changes nothing.</summary>
    private protected abstract bool Stays(ReadOnlySpan<byte> nal);

    /// <summary>All units were seen. False where the frame holds no picture. Sets <see cref="FrameNormaliser.Format"/> where parameters changed.</summary>
    private protected abstract bool EndFrame(out FrameFlags flags);

    private ReadOnlySpan<byte> Copy(ReadOnlySpan<byte> coded, int length, bool hasStartCodes)
    {
        var destination = Reserve(length);
        var at = 0;
        if (hasStartCodes)
        {
            var stream = new AnnexBReader(coded);
            while (stream.TryRead(out var nal)) Copy(nal, destination, ref at);
        }
        else
        {
            var reader = new LengthPrefixedReader(coded, _lengthSize);
            while (reader.TryRead(out var nal)) Copy(nal, destination, ref at);
        }

        return destination;
    }

    private void Copy(ReadOnlySpan<byte> nal, Span<byte> destination, ref int at)
    {
        if (!Stays(nal)) return;
        BinaryPrimitives.WriteInt32BigEndian(destination[at..], nal.Length);
        nal.CopyTo(destination[(at + NormalLength)..]);
        at += NormalLength + nal.Length;
    }
}
