using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Control.Live;
using Sluice.Protocols.Wire;
using Sluice.Server.Startup;
using Sluice.Testing.Offers;

namespace Sluice.Server.Tests.Media;

/// <summary>Sessions over HTTP against the node's own media, nothing scripted.</summary>
public sealed class RealSessionTests : IAsyncLifetime, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-sessions").FullName;
    private readonly HttpClient _client = new();
    private SluiceHost? _host;

    public Task InitializeAsync() => Task.CompletedTask;

    public void Dispose() => _client.Dispose();

    public async Task DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.App.StopAsync();
            await _host.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_address_has_so_many_sessions_at_one_time_and_no_more()
    {
        await StartAsync("--WebRtc:MaxSessionsPerAddress=3");
        var first = await WatchAsync();
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await OfferAsync()).StatusCode);

        var refused = await WatchAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains("MaxSessionsPerAddress", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, (await _client.DeleteAsync(first.Headers.Location)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync()).StatusCode);
    }

    [Fact]
    public async Task An_offer_that_is_refused_takes_no_place()
    {
        await StartAsync("--WebRtc:MaxSessionsPerAddress=1");
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("/whep/live", "no sdp")).StatusCode);
            Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("/whep/live", RealOffers.Text("chromium-156/sendonly-default"))).StatusCode);
        }

        Assert.Equal(HttpStatusCode.Created, (await WatchAsync()).StatusCode);
    }

    [Fact]
    public async Task Thousands_of_requests_are_bounded_by_the_node_and_refused_in_words()
    {
        await StartAsync("--WebRtc:MaxSessions=50", "--Http:SessionsPerMinutePerAddress=0");
        var made = 0;
        for (var i = 0; i < 2000; i++)
        {
            var answer = await WatchAsync();
            if (answer.StatusCode == HttpStatusCode.Created) made++;
            else Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        Assert.Equal(50, made);
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync(new Uri("/healthz", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task A_rotated_key_ends_what_it_began_even_before_it_is_connected()
    {
        await StartAsync();
        var published = await PublishAsync(_host!.Welcome.FirstChannel!.Key);
        Assert.Equal(HttpStatusCode.Created, published.StatusCode);
        using var rotate = new HttpRequestMessage(HttpMethod.Post, "/api/v1/channels/live/rotate-secret");
        rotate.Headers.Authorization = new("Bearer", _host.Welcome.OperatorToken);
        var rotated = await _client.SendAsync(rotate);
        Assert.Equal(HttpStatusCode.OK, rotated.StatusCode);
        var key = System.Text.Json.JsonDocument.Parse(await rotated.Content.ReadAsStringAsync()).RootElement.GetProperty("key").GetString()!;

        using var delete = new HttpRequestMessage(HttpMethod.Delete, published.Headers.Location);
        delete.Headers.Authorization = new("Bearer", key);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.SendAsync(delete)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await PublishAsync(_host.Welcome.FirstChannel.Key)).StatusCode);
    }

    [Fact]
    public async Task A_live_channel_may_refuse_a_second_publisher()
    {
        await StartAsync();
        var key = _host!.Welcome.FirstChannel!.Key;
        _host.App.Services.GetRequiredService<LiveChannels>().Open("live").Start(new LiveStream("live", [], new SilentPublication(), DateTimeOffset.UnixEpoch));
        Assert.Equal(HttpStatusCode.Created, (await PublishAsync(key)).StatusCode);

        using var settings = new HttpRequestMessage(HttpMethod.Patch, "/api/v1/channels/live");
        settings.Headers.Authorization = new("Bearer", _host.Welcome.OperatorToken);
        settings.Content = new StringContent("{\"refuseTakeover\":true}", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.OK, (await _client.SendAsync(settings)).StatusCode);
        var refused = await PublishAsync(key);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("second publisher", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publisher_that_was_replaced_is_refused_while_the_other_sends()
    {
        await StartAsync();
        var key = _host!.Welcome.FirstChannel!.Key;
        var live = _host.App.Services.GetRequiredService<LiveChannels>().Open("live");
        var here = PublisherIdentity.Of(NetworkAddress.From(IPAddress.Loopback, 0), "");
        live.Start(new LiveStream("live", [], new SilentPublication { Identity = here }, DateTimeOffset.UnixEpoch));
        Assert.Equal(HttpStatusCode.Created, (await PublishAsync(key)).StatusCode);
        var there = new SilentPublication { Identity = PublisherIdentity.Of(NetworkAddress.From(IPAddress.IPv6Loopback, 0), "OBS") };
        live.Start(new LiveStream("live", [], there, DateTimeOffset.UnixEpoch));
        var refused = await PublishAsync(key);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("stop that one first", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("whip", live.LastRefusal!.Protocol);
        live.End(live.Stream!, StreamEnd.Stopped);
        Assert.Equal(HttpStatusCode.Created, (await PublishAsync(key)).StatusCode);
    }

    private sealed class SilentPublication : IPublication
    {
        public PublisherIdentity Identity { get; init; } = PublisherIdentity.Unknown;

        public string Protocol => "test";

        public string Vendor => "";

        public TimeSpan RoundTrip => TimeSpan.Zero;

        public void Close(StreamEnd reason)
        {
            // Nothing was opened.
        }
    }

    private async Task StartAsync(params string[] settings)
    {
        _host = SluiceHost.Build(
            ["--Http:Port=0", "--Http:Address=127.0.0.1", "--WebRtc:Port=0", "--WebRtc:Workers=1", "--Rtmp:Port=0", .. settings],
            new Dictionary<string, string> { ["SLUICE_DATA"] = Path.Combine(_folder, "data"), ["SLUICE__Log__Level"] = "none" });
        await _host.StartAsync();
        _client.BaseAddress = _host.LocalUrl;
    }

    private Task<HttpResponseMessage> WatchAsync() => PostAsync("/whep/live", RealOffers.Text("chromium-156/recvonly-default"));

    private Task<HttpResponseMessage> OfferAsync() => _client.PostAsync(new Uri("/whep/live", UriKind.Relative), null);

    private async Task<HttpResponseMessage> PublishAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/whip/live");
        request.Content = new StringContent(RealOffers.Text("chromium-156/sendonly-default"), Encoding.UTF8, "application/sdp");
        request.Headers.Authorization = new("Bearer", key);
        return await _client.SendAsync(request);
    }

    private Task<HttpResponseMessage> PostAsync(string path, string sdp) =>
        _client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(sdp, Encoding.UTF8, "application/sdp"));
}
