using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Server.Tests.Http;

/// <summary>Requests that do not come to an end: they are ended, and cost nobody else anything.</summary>
public sealed class SlowRequestTests
{
    [Fact]
    public async Task A_body_that_trickles_in_is_given_up_while_others_are_served()
    {
        await using var node = await RunningNode.StartAsync();
        using var slow = new TcpClient();
        await slow.ConnectAsync(IPAddress.Loopback, node.Host.LocalUrl.Port);
        await using var stream = slow.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /whep/live HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sdp\r\nContent-Length: 60000\r\n\r\nv=0\r\n"));

        // The server looks at how fast a body comes in once a grace of five seconds is over; whoever else asks meanwhile gets an answer.
        var reply = ReadToEndAsync(stream);
        Assert.Equal(HttpStatusCode.Created, (await node.SendAsync("POST", "/whep/live", "v=0", "application/sdp")).Status);
        Assert.False(reply.IsCompleted, "the slow body was answered before it had come");

        Assert.StartsWith("HTTP/1.1 408 ", await reply, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await node.SendAsync("POST", "/whep/live", "v=0", "application/sdp")).Status);
    }

    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        return await reader.ReadToEndAsync();
    }
}
