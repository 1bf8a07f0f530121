using System.Text;
using System.Text.Json;

namespace Sluice.Bench.Micro.Ledger;

/// <summary>One row: what one operation of a benchmark may allocate.</summary>
/// <param name="Bytes">Bytes per operation.</param>
/// <param name="PerPacket">True where they must be none.</param>
internal readonly record struct LedgerRow(long Bytes, bool PerPacket);

/// <summary>The committed file of rows by the benchmarks' names. One row a line, so that a change shows as itself.</summary>
internal sealed class AllocationLedger(IReadOnlyDictionary<string, LedgerRow> rows)
{
    private static readonly JsonSerializerOptions Reading = new() { PropertyNameCaseInsensitive = true, RespectRequiredConstructorParameters = false };

    /// <summary>The rows.</summary>
    public IReadOnlyDictionary<string, LedgerRow> Rows => rows;

    /// <summary>Reads a file; one that is not there has no rows.</summary>
    public static AllocationLedger Read(string path) => File.Exists(path) ? Parse(File.ReadAllText(path)) : new AllocationLedger(new Dictionary<string, LedgerRow>());

    /// <summary>Reads the file's text.</summary>
    public static AllocationLedger Parse(string text) => new(JsonSerializer.Deserialize<Dictionary<string, LedgerRow>>(text, Reading)!);

    /// <summary>The file's text.</summary>
    public string ToJson()
    {
        var text = new StringBuilder("{");
        var separator = "\n";
        foreach (var (name, row) in rows.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(separator).Append("  ").Append(JsonSerializer.Serialize(name)).Append(": { \"bytes\": ").Append(row.Bytes);
            if (row.PerPacket) text.Append(", \"perPacket\": true");
            text.Append(" }");
            separator = ",\n";
        }

        return text.Append("\n}\n").ToString();
    }
}
