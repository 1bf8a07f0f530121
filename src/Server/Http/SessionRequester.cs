using System.Net;

namespace Sluice.Server.Http;

/// <summary>Who asks for a session.</summary>
/// <param name="RemoteAddress">The client's address, behind trusted proxies the one they name.</param>
/// <param name="UserAgent">The client's own words about itself, at most 256 characters; may be empty.</param>
/// <param name="BaseUrl">The address of this node as the client sees it, without a slash at the end.</param>
public sealed record SessionRequester(IPAddress RemoteAddress, string UserAgent, string BaseUrl);
