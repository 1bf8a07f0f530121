using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.Av1;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Codecs.H265;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Payloads.Depacketizers;
using Sluice.Protocols.Rtp.Payloads.Packetizers;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// The first byte chooses the codec. Then packets: a byte (1 the marker, 2 a gap before it, 4 and 8 how far the timestamp goes on), a length
/// of 16 bits, the payload.
/// </summary>
public static class DepacketizerTarget
{
    private static readonly Codec[] Codecs = [Codec.H264, Codec.H265, Codec.Av1, Codec.Vp8, Codec.Vp9, Codec.Opus];

    /// <summary>Runs one input.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var codec = Codecs[input[0] % Codecs.Length];
        var depacketizer = New(codec);
        var isVideo = codec != Codec.Opus;
        FuzzAssert.That(depacketizer.NeedsKeyframe == isVideo, "pictures begin with a keyframe");
        var rest = input[1..];
        var timestamp = 0L;
        var last = long.MinValue;
        var mustStart = isVideo;
        var mayResume = false;
        while (rest.Length >= 3)
        {
            var control = rest[0];
            var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(rest[1..]), rest.Length - 3);
            timestamp += control >> 2 & 3;
            if ((control & 2) != 0)
            {
                depacketizer.HandleLoss();
                FuzzAssert.That(depacketizer.NeedsKeyframe == isVideo, "a gap breaks what refers to it");
                mustStart = isVideo;
                mayResume = true;
            }

            depacketizer.Handle(rest.Slice(3, length), timestamp, (control & 1) != 0);
            rest = rest[(3 + length)..];
            var count = 0;
            while (depacketizer.TryTake(out var frame))
            {
                FuzzAssert.That(++count <= 2, "a payload ends two frames at most");
                FuzzAssert.That(frame.Payload.Length is > 0 and <= Depacketizer.MaxFrame, "frames are bounded");
                FuzzAssert.That(frame.DecodeTime > last, "decoding times grow");
                FuzzAssert.That(frame.PresentationTime <= timestamp, "nothing is shown that has not come");
                FuzzAssert.That(!mustStart || frame.IsKeyframe, "pictures begin with a keyframe");
                FuzzAssert.That(!mayResume || (frame.Flags & FrameFlags.Discontinuity) != 0, "the first frame after a gap says so");
                FuzzAssert.That(frame.Format.Codec == codec && frame.Format.Resolution.IsEmpty != isVideo, "the format is that of the codec");
                last = frame.DecodeTime;
                mustStart = false;
                mayResume = false;
                CheckForm(frame);
                if (frame.IsKeyframe) CheckRoundTrip(frame, 64 + control * 3);
            }
        }
    }

    private static void CheckForm(in Frame frame)
    {
        switch (frame.Format.Codec)
        {
            case Codec.H264:
                FuzzAssert.That(AvcConfiguration.TryParse(frame.Format.Configuration, out var avc) && avc.LengthSize == 4, "the record is one");
                var units = new LengthPrefixedReader(frame.Payload, 4);
                while (units.TryRead(out var nal))
                {
                    var type = new H264NalHeader(nal[0]).Type;
                    FuzzAssert.That(type is not (H264NalType.Sps or H264NalType.Pps or H264NalType.AccessUnitDelimiter), "sets are in the format only");
                }

                FuzzAssert.That(!units.Malformed, "units are whole");
                break;
            case Codec.H265:
                FuzzAssert.That(HevcConfiguration.TryParse(frame.Format.Configuration, out var hevc) && hevc.LengthSize == 4, "the record is one");
                units = new LengthPrefixedReader(frame.Payload, 4);
                while (units.TryRead(out var nal))
                {
                    FuzzAssert.That(H265NalHeader.TryRead(nal, out var header), "units have headers");
                    FuzzAssert.That(!header.IsParameterSet && header.Type != H265NalType.AccessUnitDelimiter, "sets are in the format only");
                }

                FuzzAssert.That(!units.Malformed, "units are whole");
                break;
            case Codec.Av1:
                FuzzAssert.That(Av1Configuration.TryParse(frame.Format.Configuration, out _), "the record is one");
                var reader = new Av1ObuReader(frame.Payload);
                while (reader.TryRead(out var obu))
                {
                    FuzzAssert.That(obu.Header.HasSize && obu.Header.Type != Av1ObuType.TemporalDelimiter, "units have sizes");
                }

                FuzzAssert.That(!reader.Malformed, "units are whole");
                break;
        }
    }

    // What came out goes into payloads and comes out the same.
    private static void CheckRoundTrip(in Frame frame, int maxPayload)
    {
        if (!Packetizer.TryCreate(frame.Format.Codec, out var packetizer, maxPayload)) return;
        if (!packetizer.Begin(frame))
        {
            FuzzAssert.That(frame.Payload.Length > 1024, "small frames can be sent");
            return;
        }

        var other = New(frame.Format.Codec);
        var buffer = new byte[packetizer.MaxPayload];
        while (packetizer.TryTake(frame, buffer, out var payload))
        {
            other.Handle(buffer.AsSpan(0, payload.Length), 1, payload.Marker);
        }

        FuzzAssert.That(other.TryTake(out var again), "a frame comes out of its own payloads");
        FuzzAssert.That(again.Payload.SequenceEqual(frame.Payload), "the same bytes come out");
        FuzzAssert.That(again.Flags == (frame.Flags & ~FrameFlags.Discontinuity), "the same flags come out");
    }

    private static Depacketizer New(Codec codec)
    {
        var made = Depacketizer.TryCreate(new TrackFormat(codec, CodecFacts.ClockRateOf(codec), codec == Codec.Opus ? 2 : 0, ""), out var depacketizer);
        FuzzAssert.That(made && depacketizer is not null, "every codec has a depacketizer");
        return depacketizer;
    }
}
