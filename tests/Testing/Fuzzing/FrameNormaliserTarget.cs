using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtmp.Frames;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// A codec, then records (after a byte 0) and frames (after a byte 1), each behind its length: what comes out is in normal form, whatever goes in, and normal
/// frames come out as they went in.
/// </summary>
public static class FrameNormaliserTarget
{
    private static readonly Codec[] Codecs = [Codec.H264, Codec.H265, Codec.Av1, Codec.Vp8, Codec.Vp9, Codec.Aac, Codec.Opus];

    /// <summary>Runs one sequence.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var codec = Codecs[input[0] % Codecs.Length];
        var normaliser = FrameNormaliser.Create(codec)!;
        var again = FrameNormaliser.Create(codec)!;
        input = input[1..];
        while (input.Length >= 3)
        {
            var length = Math.Min(input[1] << 8 | input[2], input.Length - 3);
            var part = input.Slice(3, length);
            if (input[0] == 0)
            {
                normaliser.TryConfigure(part);
                again.TryConfigure(part);
            }
            else
            {
                Frame(normaliser, again, part, (input[0] & 2) != 0);
            }

            input = input[(3 + length)..];
        }
    }

    private static void Frame(FrameNormaliser normaliser, FrameNormaliser again, ReadOnlySpan<byte> coded, bool isKey)
    {
        var fault = normaliser.Normalise(coded, isKey, out var frame);
        var same = again.Normalise(coded, isKey, out var twin);
        FuzzAssert.That(fault == same && frame.Payload.SequenceEqual(twin.Payload), "one input gives one answer");
        if (fault != FrameFault.None) return;
        FuzzAssert.That(frame.Payload.Length is > 0 and <= FrameNormaliser.MaxFrame, "a frame has bytes, and not too many");
        FuzzAssert.That(frame.Format is not null && frame.Format.Codec == normaliser.Codec && ReferenceEquals(frame.Format, normaliser.Format), "a frame has its format");
        FuzzAssert.That(frame.Format!.ClockRate > 0 && (frame.Format.Kind == MediaKind.Video || frame.Format.Channels > 0), "the format has a clock, and sound channels");
        switch (normaliser.Codec)
        {
            case Codec.H264 or Codec.H265:
                Units(normaliser.Codec, frame.Payload);
                Same(normaliser, frame.Payload, isKey, frame.Flags);
                break;
            case Codec.Av1:
                Obus(frame.Payload);
                Same(normaliser, frame.Payload, isKey, frame.Flags);
                break;
        }
    }

    // The configuration of lengths other than four is not that of the normal form.
    private static void Same(FrameNormaliser normaliser, ReadOnlySpan<byte> normal, bool isKey, FrameFlags flags)
    {
        var other = FrameNormaliser.Create(normaliser.Codec)!;
        FuzzAssert.That(other.TryConfigure(normaliser.Format!.Configuration), "a format that was made can be read");
        byte[] copy = [.. normal];
        FuzzAssert.That(other.Normalise(copy, isKey, out var frame) == FrameFault.None, "a normal frame is taken");
        FuzzAssert.That(frame.Payload.SequenceEqual(copy) && frame.Payload.Overlaps(copy), "a normal frame stays as it is");
        FuzzAssert.That(frame.Flags == flags, "it means the same");
    }

    private static void Units(Codec codec, ReadOnlySpan<byte> payload)
    {
        var reader = new LengthPrefixedReader(payload, 4);
        var bytes = 0;
        while (reader.TryRead(out var nal))
        {
            bytes += 4 + nal.Length;
            if (codec == Codec.H264) FuzzAssert.That(new H264NalHeader(nal[0]).Type is not (H264NalType.Sps or H264NalType.Pps or H264NalType.AccessUnitDelimiter), "sets and delimiters are gone");
            else FuzzAssert.That(H265NalHeader.TryRead(nal, out var header) && !header.IsParameterSet && header.Type != H265NalType.AccessUnitDelimiter, "sets and delimiters are gone");
        }

        FuzzAssert.That(!reader.Malformed && bytes == payload.Length, "units fill the frame, none is empty");
    }

    private static void Obus(ReadOnlySpan<byte> payload)
    {
        var reader = new Av1ObuReader(payload);
        while (reader.TryRead(out var obu))
        {
            FuzzAssert.That(obu.Header.HasSize, "every unit has a size");
            FuzzAssert.That(obu.Header.Type is not (Av1ObuType.TemporalDelimiter or Av1ObuType.TileList), "delimiters are gone");
        }

        FuzzAssert.That(!reader.Malformed, "units fill the frame");
    }
}
