using Sluice.Server.Options;

namespace Sluice.Server.Http;

/// <summary>The Link headers of one answer (RFC 8288).</summary>
internal sealed class HttpLinks
{
    private readonly List<string> _links = [];

    public bool IsEmpty => _links.Count == 0;

    public HttpLinks Add(string target, string relation, string parameters = "")
    {
        _links.Add($"<{target}>; rel=\"{relation}\"{(parameters.Length > 0 ? "; " + parameters : "")}");
        return this;
    }

    /// <summary>An ICE server, with credentials where it has them (RFC 9725 §4.6). Options have refused what would need escaping.</summary>
    public void AddIceServer(IceServer server) => Add(
        server.Url, "ice-server",
        server.Username is null ? "" : $"username=\"{server.Username}\"; credential=\"{server.Credential}\"; credential-type=\"password\"");

    public string[] ToArray() => [.. _links];
}
