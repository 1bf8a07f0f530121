using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Sluice.Bench.Load;

/// <summary>The HTTP side of the load: channels by the operator's API, sessions by WHIP and WHEP.</summary>
internal sealed class ServerApi : IDisposable
{
    private readonly HttpClient _client;
    private readonly string? _token;

    /// <param name="url">The site's address.</param>
    /// <param name="token">The operator's token; null where no channel is to be made.</param>
    public ServerApi(Uri url, string? token)
    {
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(30) };
        _token = token;
    }

    /// <summary>Makes a channel and gives its key.</summary>
    /// <exception cref="BenchException">The server refused.</exception>
    public async Task<string> CreateChannelAsync(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/channels");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        request.Content = new StringContent($$"""{"id":"{{id}}","name":"{{id}}"}""", Encoding.UTF8, "application/json");
        using var response = await SendAsync(request);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("key").GetString()!;
    }

    /// <summary>Takes a channel away again, where the server still knows it.</summary>
    public async Task DeleteChannelAsync(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"api/v1/channels/{id}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        using var response = await _client.SendAsync(request);
    }

    /// <summary>Posts an offer over a connection of its own, as a new viewer does, and gives the answer.</summary>
    /// <exception cref="BenchException">The server refused, or its answer is of no use.</exception>
    public async Task<PeerAnswer> OfferAsync(string path, string offer, string? bearer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(offer, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
        request.Headers.ConnectionClose = true;
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        using var response = await SendAsync(request);
        var sdp = await response.Content.ReadAsStringAsync();
        return PeerAnswer.TryParse(sdp, out var answer, out var problem) ? answer : throw new BenchException($"POST {path}: {problem}.");
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        HttpResponseMessage response;
        try
        {
            response = await _client.SendAsync(request);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            throw new BenchException($"{request.Method} {request.RequestUri}: {e.Message}");
        }

        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync();
            throw new BenchException($"{request.Method} {request.RequestUri}: {(int)response.StatusCode} {body}");
        }
    }
}
