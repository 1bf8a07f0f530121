using System.Globalization;

namespace Sluice.Bench.Measuring;

/// <summary>Datagrams the kernel dropped for want of receive buffer, by the sockets' ports, from /proc/net/udp and udp6.</summary>
internal static class SocketDrops
{
    private const int AddressField = 1;

    private static readonly string[] Tables = ["/proc/net/udp", "/proc/net/udp6"];

    public static long Read(IReadOnlySet<ushort> ports) => Tables.Where(File.Exists).Sum(table => Parse(File.ReadAllText(table), ports));

    public static long Parse(string table, IReadOnlySet<ushort> ports)
    {
        long drops = 0;
        foreach (var line in table.Split('\n'))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 13) continue;
            var colon = fields[AddressField].IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !ushort.TryParse(fields[AddressField][(colon + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var port)) continue;
            if (ports.Contains(port) && long.TryParse(fields[^1], CultureInfo.InvariantCulture, out var count)) drops += count;
        }

        return drops;
    }
}
