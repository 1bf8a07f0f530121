using System.Net;
using Sluice.Server.Options;

namespace Sluice.Server.Http;

/// <summary>What one address may do in a minute: requests, new sessions, failed logins. The limits follow the options while running.</summary>
internal sealed partial class Limits
{
    private readonly LiveOptions _options;
    private readonly ILogger<Limits> _log;
    private readonly AddressLimiter _requests;
    private readonly AddressLimiter _sessions;
    private readonly AddressLimiter _failures;

    public Limits(LiveOptions options, TimeProvider time, ILogger<Limits> log)
    {
        _options = options;
        _log = log;
        _requests = new AddressLimiter(time);
        _sessions = new AddressLimiter(time);
        _failures = new AddressLimiter(time);
    }

    /// <summary>Null where the request may go on.</summary>
    public Problem? OnRequest(IPAddress address) =>
        _requests.TryTake(address, _options.Current.Http.RequestsPerMinutePerAddress, out var retry) ? null : Problems.TooManyRequests(retry);

    /// <summary>Null where one more session may be asked for.</summary>
    public Problem? OnSession(IPAddress address) =>
        _sessions.TryTake(address, _options.Current.Http.SessionsPerMinutePerAddress, out var retry) ? null : Problems.TooManyRequests(retry);

    /// <summary>Null where credentials of this address are still looked at: past the limit not even the right ones are, so guessing learns nothing.</summary>
    public Problem? OnLogin(IPAddress address) =>
        _failures.HasLeft(address, _options.Current.Http.FailedLoginsPerMinutePerAddress, out var retry) ? null : Problems.TooManyRequests(retry);

    /// <summary>Counts and logs a failed login; what was presented is not said.</summary>
    public void CountFailedLogin(IPAddress address, string what)
    {
        _failures.TryTake(address, _options.Current.Http.FailedLoginsPerMinutePerAddress, out _);
        LogFailedLogin(_log, address, what);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Address} presented a wrong key for {What}")]
    private static partial void LogFailedLogin(ILogger log, IPAddress address, string what);
}
