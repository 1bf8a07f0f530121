using System.Diagnostics;
using System.Reflection;

namespace Sluice.Bench.Micro;

/// <summary>A setting of .NET's compiler that is read from the environment before a process begins: without it, the program runs itself again with it.</summary>
internal sealed class CompilerSetting(string name, string value)
{
    /// <summary>Everything is compiled fully at its first call.</summary>
    public static CompilerSetting FullyAtOnce { get; } = new("DOTNET_TieredCompilation", "0");

    /// <summary>What is called often is compiled anew as soon as it is, not when the program has come to rest.</summary>
    public static CompilerSetting TiersAtOnce { get; } = new("DOTNET_TC_CallCountingDelayMs", "0");

    /// <summary>True in a process that has the setting; else another one has run with it, and this is how it ended.</summary>
    public bool IsOn(string[] args, out int exitCode)
    {
        exitCode = 0;
        if (Environment.GetEnvironmentVariable(name) == value) return true;
        var start = new ProcessStartInfo(Environment.ProcessPath!, args) { UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Insert(0, Assembly.GetExecutingAssembly().Location);
        start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.WaitForExit();
        exitCode = process.ExitCode;
        return false;
    }
}
