using System.Net;
using Sluice.Server.Http;

namespace Sluice.Server.Tests.Http;

public sealed class LimitTests
{
    private static readonly IPAddress One = IPAddress.Parse("198.51.100.1");

    [Fact]
    public void A_bucket_empties_and_fills_again_with_time()
    {
        var time = new HandTime();
        var limiter = new AddressLimiter(time);
        for (var i = 0; i < 60; i++)
            Assert.True(limiter.TryTake(One, 60, out _));
        Assert.False(limiter.TryTake(One, 60, out var retry));
        Assert.Equal(1, retry);
        Assert.True(limiter.TryTake(IPAddress.Parse("198.51.100.2"), 60, out _));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(limiter.TryTake(One, 60, out _));
        Assert.True(limiter.TryTake(One, 60, out _));
        Assert.False(limiter.TryTake(One, 60, out _));
    }

    [Fact]
    public void The_wait_that_is_told_is_enough()
    {
        var time = new HandTime();
        var limiter = new AddressLimiter(time);
        Assert.True(limiter.TryTake(One, 1, out _));
        Assert.False(limiter.TryTake(One, 1, out var retry));
        Assert.Equal(60, retry);
        time.Advance(TimeSpan.FromSeconds(retry));
        Assert.True(limiter.TryTake(One, 1, out _));
    }

    [Fact]
    public void Looking_takes_nothing_and_zero_is_no_limit()
    {
        var limiter = new AddressLimiter(new HandTime());
        for (var i = 0; i < 10; i++)
            Assert.True(limiter.HasLeft(One, 1, out _));
        for (var i = 0; i < 10; i++)
            Assert.True(limiter.TryTake(One, 0, out _));
        Assert.True(limiter.TryTake(One, 1, out _));
        Assert.False(limiter.HasLeft(One, 1, out _));
    }

    [Fact]
    public void One_network_of_IPv6_is_one_address_and_another_is_not()
    {
        var limiter = new AddressLimiter(new HandTime());
        Assert.True(limiter.TryTake(IPAddress.Parse("2001:db8::1"), 1, out _));
        Assert.False(limiter.TryTake(IPAddress.Parse("2001:db8::ffff:1"), 1, out _));
        Assert.True(limiter.TryTake(IPAddress.Parse("2001:db8:0:1::1"), 1, out _));
    }

    [Fact]
    public void The_table_stays_bounded_whatever_addresses_come()
    {
        var limiter = new AddressLimiter(new HandTime());
        for (var i = 0; i < 50_000; i++)
            limiter.TryTake(new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]), 10, out _);
        Assert.InRange(limiter.Count, 1, 16_384);
    }

    [Fact]
    public async Task Too_many_sessions_are_429_with_a_wait()
    {
        await using var node = await RunningNode.StartAsync("--Http:SessionsPerMinutePerAddress=2");
        for (var i = 0; i < 2; i++)
            Assert.Equal(HttpStatusCode.Created, (await node.SendAsync("POST", "/whep/live", "v=0", "application/sdp")).Status);
        var reply = await node.SendAsync("POST", "/whep/live", "v=0", "application/sdp");
        reply.AssertProblem(429);
        Assert.True(int.Parse(reply.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture) >= 1);
        Assert.Equal(2, node.Whep.Calls.Count);
    }

    [Fact]
    public async Task After_too_many_wrong_keys_not_even_the_right_one_is_looked_at()
    {
        await using var node = await RunningNode.StartAsync("--Http:FailedLoginsPerMinutePerAddress=3");
        for (var i = 0; i < 3; i++)
            (await node.SendAsync("POST", "/whip/live", "v=0", "application/sdp", "wrong")).AssertProblem(403);
        (await node.SendAsync("POST", "/whip/live", "v=0", "application/sdp", node.Key)).AssertProblem(429);
        (await node.OperateAsync("GET", "/api/v1/channels")).AssertProblem(429);
        // Watching an open channel needs no key and goes on.
        Assert.Equal(HttpStatusCode.Created, (await node.SendAsync("POST", "/whep/live", "v=0", "application/sdp")).Status);
    }

    [Fact]
    public async Task Too_many_api_requests_are_429()
    {
        await using var node = await RunningNode.StartAsync("--Http:RequestsPerMinutePerAddress=2");
        await node.SendAsync("GET", "/api/v1/node");
        await node.SendAsync("GET", "/api/v1/node");
        (await node.SendAsync("GET", "/api/v1/node")).AssertProblem(429);
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", "/healthz")).Status);
    }

    [Fact]
    public async Task A_trusted_proxy_names_the_client_and_a_stranger_does_not()
    {
        await using var behind = await RunningNode.StartAsync("--Http:TrustedProxies=127.0.0.1,10.0.0.0/8");
        await behind.SendAsync(
            "POST", "/whip/live", "v=0", "application/sdp", behind.Key,
            ("X-Forwarded-For", "203.0.113.9, 198.51.100.7, 10.1.2.3"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "live.example.org"));
        // The nearest address that is no proxy counts; what the client wrote in front of it does not.
        Assert.Equal(IPAddress.Parse("198.51.100.7"), behind.Whip.Requester!.RemoteAddress);
        Assert.Equal("https://live.example.org", behind.Whip.Requester.BaseUrl);
        await using var open = await RunningNode.StartAsync();
        await open.SendAsync("POST", "/whip/live", "v=0", "application/sdp", open.Key, ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Host", "evil"));
        Assert.Equal(IPAddress.Loopback, open.Whip.Requester!.RemoteAddress);
        Assert.DoesNotContain("evil", open.Whip.Requester.BaseUrl, StringComparison.Ordinal);
    }
}

/// <summary>A clock that a test moves by hand.</summary>
internal sealed class HandTime : TimeProvider
{
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public void Advance(TimeSpan by) => _now += by.Ticks;
}
