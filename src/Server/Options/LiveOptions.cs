using Microsoft.Extensions.Primitives;

namespace Sluice.Server.Options;

/// <summary>The options of a running node. What a restart is needed for is read from <see cref="Start"/>, the rest from <see cref="Current"/>.</summary>
public sealed partial class LiveOptions : IDisposable
{
    private readonly IConfiguration _configuration;
    private readonly IReadOnlyDictionary<string, string> _given;
    private readonly Lock _lock = new();
    private ILogger _log = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
    private IDisposable? _watch;
    private volatile SluiceOptions _current;

    internal LiveOptions(IConfiguration configuration, SluiceOptions start)
    {
        _configuration = configuration;
        _given = OptionReader.Snapshot(configuration);
        Start = start;
        _current = start;
    }

    /// <summary>As they were when the process started.</summary>
    public SluiceOptions Start { get; }

    /// <summary>As they are now.</summary>
    public SluiceOptions Current => _current;

    /// <summary>Follows the file from now on.</summary>
    internal void Watch(ILogger log)
    {
        _log = log;
        _watch = ChangeToken.OnChange(_configuration.GetReloadToken, Reload);
    }

    internal void Reload()
    {
        lock (_lock)
        {
            if (!OptionReader.TryRead(_configuration, out var options, out var error))
            {
                LogRefused(_log, error);
                return;
            }
            _current = options;
            var restart = OptionReader.NeedRestart(_given, OptionReader.Snapshot(_configuration));
            LogReloaded(_log);
            if (restart.Count > 0)
                LogNeedsRestart(_log, string.Join(", ", restart));
        }
    }

    /// <inheritdoc />
    public void Dispose() => _watch?.Dispose();

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed configuration was not taken: {Reason}")]
    private static partial void LogRefused(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration was read again.")]
    private static partial void LogReloaded(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changed, but needs a restart: {Keys}")]
    private static partial void LogNeedsRestart(ILogger log, string keys);
}
