namespace Sluice.Server.Startup;

/// <summary>How the process ends.</summary>
internal static class ExitCode
{
    public const int Good = 0;

    /// <summary>Something failed while running, or doctor found a fault.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Usage = 2;
}
