using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Sluice.Bench.Report;

/// <summary>What the figures were measured on: without it they say little.</summary>
internal sealed record MachineDescription(string Processor, int Cores, string System, string Runtime, string Instructions)
{
    public static MachineDescription Read() => new(
        ProcessorOf(File.Exists("/proc/cpuinfo") ? File.ReadAllText("/proc/cpuinfo") : ""), Environment.ProcessorCount, RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription, InstructionsOf());

    /// <summary>The first processor's name.</summary>
    internal static string ProcessorOf(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("model name", StringComparison.Ordinal) && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon) return line[(colon + 1)..].Trim();
        }

        return RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string InstructionsOf()
    {
        var names = new List<string>();
        if (Aes.IsSupported) names.Add("AES-NI");
        if (Pclmulqdq.V512.IsSupported) names.Add("VPCLMULQDQ");
        else if (Pclmulqdq.IsSupported) names.Add("PCLMULQDQ");
        if (Avx512F.IsSupported) names.Add("AVX-512");
        else if (Avx2.IsSupported) names.Add("AVX2");
        if (global::System.Runtime.Intrinsics.Arm.Aes.IsSupported) names.Add("Arm AES");
        return names.Count == 0 ? "none of interest" : string.Join(", ", names);
    }
}
