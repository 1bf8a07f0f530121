using System.Reflection;

namespace Sluice.Server.Startup;

/// <summary>What this build calls itself.</summary>
internal static class SluiceVersion
{
    public static string Text { get; } =
        typeof(SluiceVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}

/// <summary>When this node started.</summary>
internal sealed record NodeClock(DateTimeOffset StartedAt);
