using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Rtp.Payloads.Packetizers;

namespace Sluice.Testing.Fuzzing;

/// <summary>A byte for the codec, one for flags, one for the payload limit, the configuration's length in 16 bits, the configuration, a frame.</summary>
public static class PacketizerTarget
{
    private const int Head = 5;

    private static readonly Codec[] Codecs = [Codec.H264, Codec.H265, Codec.Av1, Codec.Vp8, Codec.Vp9, Codec.Opus];

    /// <summary>Runs one input.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < Head) return;
        var codec = Codecs[input[0] % Codecs.Length];
        var length = Math.Min(Math.Min((int)BinaryPrimitives.ReadUInt16BigEndian(input[3..]), FrameFormat.MaxConfiguration), input.Length - Head);
        var format = new FrameFormat(codec, CodecFacts.ClockRateOf(codec), codec == Codec.Opus ? 2 : 0, default, input.Slice(Head, length));
        _ = RtpFormats.TryDescribe(format, out _);
        var frame = new Frame { Format = format, Flags = (FrameFlags)(input[1] & 7), Payload = input[(Head + length)..] };
        FuzzAssert.That(Packetizer.TryCreate(codec, out var packetizer, Packetizer.LeastMaxPayload + input[2]), "every codec has a packetizer");

        var buffer = new byte[packetizer.MaxPayload];
        if (!packetizer.Begin(frame))
        {
            FuzzAssert.That(!packetizer.TryTake(frame, buffer, out _), "what was refused gives nothing");
            return;
        }

        var count = 0;
        var hasEnded = false;
        while (packetizer.TryTake(frame, buffer, out var payload))
        {
            FuzzAssert.That(payload.Length is > 0 && payload.Length <= packetizer.MaxPayload, "payloads keep the limit");
            FuzzAssert.That(payload.StartsFrame == (count == 0), "the first payload starts the frame");
            FuzzAssert.That(payload.StartsKeyframe == (count == 0 && frame.IsKeyframe && codec != Codec.Opus), "and only that one a keyframe");
            FuzzAssert.That(!hasEnded, "nothing follows the marker");
            hasEnded = payload.Marker && codec != Codec.Opus;
            FuzzAssert.That(++count <= input.Length, "every payload carries something");
            _ = PayloadInspection.Inspect(codec, buffer.AsSpan(0, payload.Length));
        }

        FuzzAssert.That(count > 0 && (hasEnded || codec == Codec.Opus), "a frame has an end");
    }
}
