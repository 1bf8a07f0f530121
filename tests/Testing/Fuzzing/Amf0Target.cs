using Sluice.Protocols.Rtmp.Amf;

namespace Sluice.Testing.Fuzzing;

/// <summary>AMF0 values: what was read can be written and reads back the same; no input makes more values than it may.</summary>
public static class Amf0Target
{
    /// <summary>Runs a message of values.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var limits = AmfLimits.Default;
        var reader = new AmfReader(input, limits);
        var values = 0;
        while (reader.TryRead(out var value))
        {
            values += Check(value, limits, 0);
            WriteAndRead(value, input.Length);
        }

        FuzzAssert.That(values <= limits.MaxValues, "values are counted");
        FuzzAssert.That(reader.Error != AmfError.None || reader.Remaining == 0, "reading ends at the end or at damage");
        FuzzAssert.That(!reader.TryRead(out _), "nothing is read after the end");
    }

    internal static int Check(AmfValue value, AmfLimits limits, int depth)
    {
        FuzzAssert.That(depth <= limits.MaxDepth, "depth is bounded");
        var count = 1;
        foreach (var property in value.Properties) count += Check(property.Value, limits, depth + 1);
        foreach (var item in value.Items) count += Check(item, limits, depth + 1);
        return count;
    }

    // Invalid UTF-8 becomes replacement characters, which take up to three times the space.
    internal static void WriteAndRead(AmfValue value, int inputLength)
    {
        var writer = new AmfWriter(new byte[inputLength * 16 + 256]);
        writer.Value(value);
        if (writer.Overflowed) return;
        var again = new AmfReader(writer.Written, AmfLimits.Default);
        FuzzAssert.That(again.TryRead(out var copy), "a written value can be read");
        FuzzAssert.That(again.Remaining == 0, "a written value ends where it should");
        var second = new AmfWriter(new byte[writer.Written.Length]);
        second.Value(copy);
        FuzzAssert.That(!second.Overflowed && second.Written.SequenceEqual(writer.Written), "writing what was read changes nothing");
    }
}
