using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Bench.Floor;

/// <summary>What a relay is told: how many publishers there are, and where each viewer is.</summary>
/// <param name="Profile">How all encrypt.</param>
/// <param name="Publishers">How many; viewers take turns among them.</param>
/// <param name="Ports">Each viewer's port; its address is the first one and its index.</param>
/// <param name="Binds">True to have each thread on a processor of its own.</param>
internal sealed record RelayPlan(SrtpProfile Profile, int Publishers, ushort[] Ports, bool Binds)
{
    /// <summary>A plan as one line.</summary>
    public string Write() => string.Create(
        CultureInfo.InvariantCulture, $"{Profile} {Publishers} {(Binds ? 1 : 0)} {string.Join(',', Ports)}");

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static bool TryRead(string? line, [NotNullWhen(true)] out RelayPlan? plan)
    {
        plan = null;
        var parts = (line ?? "").Split(' ');
        if (parts.Length != 4 || !Enum.TryParse<SrtpProfile>(parts[0], out var profile) || !BenchOptions.TryNumber(parts[1], 1, 1000, out var publishers)) return false;
        var texts = parts[3].Split(',');
        var ports = new ushort[texts.Length];
        for (var i = 0; i < ports.Length; i++)
        {
            if (!ushort.TryParse(texts[i], NumberStyles.None, CultureInfo.InvariantCulture, out ports[i])) return false;
        }

        plan = new RelayPlan(profile, publishers, ports, parts[2] == "1");
        return true;
    }
}
