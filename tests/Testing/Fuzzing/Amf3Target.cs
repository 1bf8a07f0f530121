using Sluice.Protocols.Rtmp.Amf;

namespace Sluice.Testing.Fuzzing;

/// <summary>An AMF3 value: bounded in depth and number, and what it says can be said in AMF0.</summary>
public static class Amf3Target
{
    /// <summary>Runs values one after another.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var limits = AmfLimits.Default;
        var reader = new AmfReader(input, limits);
        var values = 0;
        while (reader.TryReadAmf3(out var value))
        {
            values += Amf0Target.Check(value, limits, 0);
            Amf0Target.WriteAndRead(value, input.Length);
        }

        FuzzAssert.That(values <= limits.MaxValues, "values are counted");
        FuzzAssert.That(reader.Error != AmfError.None || reader.Remaining == 0, "reading ends at the end or at damage");
    }
}
