using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Bench.Report;

/// <summary>The report as JSON. What was not looked at (NaN here) is null there.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, Converters = { new NullForNaN(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static byte[] Write(BenchReport report, IReadOnlyList<Bar> bars) => JsonSerializer.SerializeToUtf8Bytes(
        new { report.StartedAt, report.Machine, report.Shape, report.Floor, report.Load, report.Joins, report.Delays, Bars = bars }, Options);

    private sealed class NullForNaN : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(Math.Round(value, 4));
            else writer.WriteNullValue();
        }
    }
}
