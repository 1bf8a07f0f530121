using System.Net;
using Sluice.Server.Options;

namespace Sluice.Server.Http;

/// <summary>Reads from a request who sent it and with what credentials.</summary>
internal static class Requester
{
    /// <summary>The client's address: the connection's, or what trusted proxies say, read from the nearest one outwards.</summary>
    public static IPAddress Address(HttpContext context, HttpOptions options)
    {
        var address = Plain(context.Connection.RemoteIpAddress ?? IPAddress.Loopback);
        if (options.TrustedProxies.Count == 0)
            return address;
        var hops = context.Request.Headers["X-Forwarded-For"].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (var i = hops.Length - 1; i >= 0 && IsTrusted(address, options); i--)
        {
            if (!IPAddress.TryParse(hops[i], out var hop))
                break;
            address = Plain(hop);
        }
        return address;
    }

    /// <summary>The address of this node as the client sees it, without a slash at the end.</summary>
    public static string BaseUrl(HttpContext context, HttpOptions options)
    {
        if (options.PublicUrl is { } configured)
            return configured;
        var request = context.Request;
        var scheme = request.Scheme;
        var host = request.Host.Value;
        if (options.TrustedProxies.Count > 0 && IsTrusted(Plain(context.Connection.RemoteIpAddress ?? IPAddress.Loopback), options))
        {
            if (request.Headers["X-Forwarded-Proto"].ToString() is "http" or "https")
                scheme = request.Headers["X-Forwarded-Proto"].ToString();
            if (request.Headers["X-Forwarded-Host"].ToString() is { Length: > 0 } forwarded)
                host = forwarded;
        }
        return string.IsNullOrEmpty(host) ? $"{scheme}://localhost" : $"{scheme}://{host}";
    }

    /// <summary>Both, with the client's own words about itself.</summary>
    public static SessionRequester Describe(HttpContext context, HttpOptions options)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        return new SessionRequester(Address(context, options), agent.Length <= 256 ? agent : agent[..256], BaseUrl(context, options));
    }

    /// <summary>The bearer token, or null where the header is absent or of another scheme.</summary>
    public static string? Bearer(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        const string scheme = "Bearer ";
        if (!header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var token = header[scheme.Length..].Trim();
        return token.Length == 0 ? null : token;
    }

    /// <summary>True where the address is that of a proxy which is believed.</summary>
    public static bool IsTrusted(IPAddress address, HttpOptions options)
    {
        foreach (var network in options.TrustedProxies)
        {
            if (network.Contains(address))
                return true;
        }
        return false;
    }

    /// <summary>IPv4 as IPv4.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
