using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Tags;

namespace Sluice.Testing.Fuzzing;

/// <summary>A video message: tags lie within it in order, and a tag written reads back the same.</summary>
public static class VideoTagTarget
{
    /// <summary>Runs one message.</summary>
    public static void Run(ReadOnlySpan<byte> input) => Check(MediaKind.Video, input);

    internal static void Check(MediaKind kind, ReadOnlySpan<byte> input)
    {
        var reader = new TagReader(kind, 40, input);
        var tags = 0;
        var payload = 0;
        while (reader.TryRead(out var tag))
        {
            tags++;
            payload += tag.Payload.Length;
            FuzzAssert.That(tag.Payload.IsEmpty || input.Overlaps(tag.Payload), "payloads are slices of the message");
            FuzzAssert.That(tag.CompositionOffset is >= -(1 << 23) and < 1 << 23, "composition offsets have 24 bits");
            FuzzAssert.That(tag.NanosecondOffset is >= 0 and <= 999_999, "nanoseconds are below a millisecond");
            FuzzAssert.That(tag.Kind == kind && tag.Timestamp == 40, "kind and time are the message's");
            if (tag.PacketType == TagPacketType.Metadata && ColourDescription.TryParse(tag.Payload, out var colour))
            {
                FuzzAssert.That(colour is { MaxContent: >= 0 and <= 10_000, MaxLuminance: >= 0 and <= 10_000 }, "light levels are within bounds");
            }

            if (tag.PacketType == TagPacketType.MultichannelConfiguration && ChannelLayout.TryParse(tag.Payload, out var layout))
            {
                FuzzAssert.That(!layout.IsMapped || layout.Speakers == 0, "a map and a mask exclude each other");
            }

            WriteAndRead(tag);
        }

        FuzzAssert.That(payload <= input.Length, "no byte is given twice");
        FuzzAssert.That(tags <= 1 || reader.IsMultitrack, "only multitrack gives several tags");
        FuzzAssert.That(tags > 0 || reader.Error != TagError.None, "a message that gives nothing says why");
    }

    private static void WriteAndRead(in MediaTag tag)
    {
        var message = new byte[TagWriter.MaxLength(tag)];
        if (!TagWriter.TryWrite(tag, message, out var written)) return;
        var reader = new TagReader(tag.Kind, tag.Timestamp, message.AsSpan(0, written));
        FuzzAssert.That(reader.TryRead(out var again), "a written tag can be read");
        FuzzAssert.That(
            again.Codec == tag.Codec && again.PacketType == tag.PacketType && again.Track == tag.Track && again.FrameType == tag.FrameType,
            "a written tag is of the same kind");
        FuzzAssert.That(
            again.CompositionOffset == tag.CompositionOffset && again.NanosecondOffset == tag.NanosecondOffset, "a written tag is of the same time");
        FuzzAssert.That(again.Payload.SequenceEqual(tag.Payload), "a written tag has the same payload");
    }
}
