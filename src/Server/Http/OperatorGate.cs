using Sluice.Control.Admission;
using Sluice.Server.Options;

namespace Sluice.Server.Http;

/// <summary>Lets only the operator through.</summary>
internal sealed class OperatorGate
{
    private readonly OperatorToken _token;
    private readonly Limits _limits;
    private readonly LiveOptions _options;

    public OperatorGate(OperatorToken token, Limits limits, LiveOptions options)
    {
        _token = token;
        _limits = limits;
        _options = options;
    }

    /// <summary>Null where the request comes from the operator.</summary>
    public Problem? Check(HttpContext context)
    {
        if (Requester.Bearer(context.Request) is not { } token)
            return Problems.OperatorNeeded();
        var address = Requester.Address(context, _options.Current.Http);
        if (_limits.OnLogin(address) is { } limited)
            return limited;
        if (_token.Matches(token))
            return null;
        _limits.CountFailedLogin(address, "the operator");
        return Problems.OperatorWrong();
    }

    /// <summary>The gate as an endpoint filter.</summary>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.RequestServices.GetRequiredService<OperatorGate>().Check(context.HttpContext) is { } refused
            ? refused
            : await next(context);
}
