using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Codecs.H265;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// A byte that chooses the codec, two bytes of length, a configuration record, a slice. A header that is measured lies within its unit, and neither what follows it
/// nor one byte more or less of that changes where it ends; a byte less of itself does.
/// </summary>
public static class SliceHeaderTarget
{
    /// <summary>Runs one input.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 3) return;
        var length = Math.Min(input[1] << 8 | input[2], input.Length - 3);
        var record = input.Slice(3, length);
        SliceHeaders headers = (input[0] & 1) == 0 ? new H264SliceHeaders(record) : new H265SliceHeaders(record);
        var slice = input[(3 + length)..];
        if (!headers.TryMeasure(slice, out var header)) return;
        FuzzAssert.That(header > 1 && header <= slice.Length, "a header lies within its unit");
        FuzzAssert.That(headers.IsSlice(slice), "what has a slice's header is a slice");
        FuzzAssert.That(headers.TryMeasure(slice[..header], out var alone) && alone == header, "a header needs nothing behind it");
        FuzzAssert.That(!headers.TryMeasure(slice[..(header - 1)], out _), "and all of itself");
    }
}
