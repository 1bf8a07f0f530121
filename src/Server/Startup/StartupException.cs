namespace Sluice.Server.Startup;

/// <summary>The node cannot start; the message is one sentence for the person who started it.</summary>
public sealed class StartupException : Exception
{
    public StartupException()
    {
    }

    public StartupException(string message)
        : base(message)
    {
    }

    public StartupException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>What the process exits with.</summary>
    public int Code { get; init; } = ExitCode.Failed;
}
