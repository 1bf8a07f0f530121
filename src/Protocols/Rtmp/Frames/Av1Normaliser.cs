using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Rtmp.Frames;

/// <summary>AV1. A keyframe is a temporal unit with a key frame in it and a known sequence header.</summary>
internal sealed class Av1Normaliser() : FrameNormaliser(Codec.Av1)
{
    private const byte SizeFlag = 0x02;

    private byte[] _sequenceHeader = [];
    private Av1SequenceHeader _sequence;

    public override bool TryConfigure(ReadOnlySpan<byte> record)
    {
        if (!Av1Configuration.TryParse(record, out var configuration)) return false;
        var reader = new Av1ObuReader(configuration.Units);
        while (reader.TryRead(out var obu))
        {
            if (obu.Header.Type == Av1ObuType.SequenceHeader) Learn(obu.Payload);
        }

        return true;
    }

    public override FrameFault Normalise(ReadOnlySpan<byte> coded, bool isCalledKeyframe, out NormalFrame frame)
    {
        frame = default;
        if (coded.IsEmpty) return FrameFault.Empty;
        var length = 0L;
        var isKeyframe = false;
        var hasFrame = false;
        var reader = new Av1ObuReader(coded);
        while (reader.TryRead(out var obu))
        {
            if (!Stays(obu.Header.Type)) continue;
            length += LengthOf(obu);
            if (obu.Header.Type == Av1ObuType.SequenceHeader) Learn(obu.Payload);
            if (obu.Header.Type is not (Av1ObuType.Frame or Av1ObuType.FrameHeader)) continue;
            if (!hasFrame) isKeyframe = Av1TemporalUnit.StartsKeyframe(obu.Header.Type, obu.Payload, _sequence.IsReducedStill);
            hasFrame = true;
        }

        if (reader.Malformed) return FrameFault.Malformed;
        if (length > MaxFrame) return FrameFault.TooLarge;
        if (!hasFrame) return FrameFault.Empty;
        if (Format is null) return FrameFault.NoConfiguration;
        frame = new NormalFrame
        {
            Format = Format,
            Flags = isKeyframe ? FrameFlags.Keyframe : FrameFlags.None,
            Payload = length == coded.Length ? coded : Copy(coded, (int)length),
        };
        return FrameFault.None;
    }

    private static bool Stays(Av1ObuType type) => type is not (Av1ObuType.TemporalDelimiter or Av1ObuType.TileList or Av1ObuType.Padding);

    // A unit without a size gets one; the size of one that has it stays as it was written, since it may be padded.
    private static int LengthOf(in Av1Obu obu) =>
        obu.Header.HasSize ? obu.Unit.Length : obu.Header.Length + SizeOf((uint)obu.Payload.Length) + obu.Payload.Length;

    private static int SizeOf(uint number)
    {
        Span<byte> scratch = stackalloc byte[Leb128.MaxLength];
        return Leb128.Write(scratch, number);
    }

    private ReadOnlySpan<byte> Copy(ReadOnlySpan<byte> coded, int length)
    {
        var destination = Reserve(length);
        var at = 0;
        var reader = new Av1ObuReader(coded);
        while (reader.TryRead(out var obu))
        {
            if (!Stays(obu.Header.Type)) continue;
            if (obu.Header.HasSize)
            {
                obu.Unit.CopyTo(destination[at..]);
                at += obu.Unit.Length;
                continue;
            }

            obu.Unit[..obu.Header.Length].CopyTo(destination[at..]);
            destination[at] |= SizeFlag;
            at += obu.Header.Length;
            at += Leb128.Write(destination[at..], (uint)obu.Payload.Length);
            obu.Payload.CopyTo(destination[at..]);
            at += obu.Payload.Length;
        }

        return destination;
    }

    private void Learn(ReadOnlySpan<byte> sequenceHeader)
    {
        if (sequenceHeader.SequenceEqual(_sequenceHeader) || sequenceHeader.Length > FrameFormat.MaxConfiguration / 2) return;
        Span<byte> record = stackalloc byte[FrameFormat.MaxConfiguration];
        var length = Av1Configuration.Write(record, sequenceHeader);
        if (length == 0 || !Av1SequenceHeader.TryParse(sequenceHeader, out _sequence)) return;
        _sequenceHeader = sequenceHeader.ToArray();
        Format = new FrameFormat(Codec.Av1, CodecFacts.ClockRateOf(Codec.Av1), 0, _sequence.Resolution, record[..length]);
    }
}
