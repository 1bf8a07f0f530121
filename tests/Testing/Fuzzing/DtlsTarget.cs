using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Dtls;
using Sluice.Protocols.Wire;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// A server never connects to somebody who sends just records, and sends and remembers little for it. A handshake into which garbage was
/// mixed ends with equal keys or not at all.
/// </summary>
public static class DtlsTarget
{
    private const int MaxRounds = 40;
    private static readonly DtlsContext Context = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>
    /// The first byte picks the case: 1, the rest is laid by XOR over a datagram of a handshake, the second byte saying over which; else
    /// datagrams with one byte of length / 8 in front go to a server. (A handshake costs a millisecond, so it is the rare case.)
    /// </summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2) return;
        if (input[0] == 1) RunDisturbedHandshake(input[1], input[2..]);
        else RunServer(input[1..]);
    }

    private static void RunServer(ReadOnlySpan<byte> input)
    {
        using var session = new DtlsSession(Context, DtlsRole.Server, Context.Fingerprint);
        var now = Instant.FromMilliseconds(1);
        session.Start(now);
        var received = 0;
        var sent = 0;
        Span<byte> buffer = stackalloc byte[1500];
        while (!input.IsEmpty)
        {
            var length = Math.Min(input[0] * 8, input.Length - 1);
            session.HandleDatagram(now, input.Slice(1, length));
            received += length;
            input = input[(1 + length)..];
            while (session.TryTakeTransmit(buffer, out var written))
            {
                FuzzAssert.That(written is > 0 and <= 1200, "datagrams fit the path");
                sent += written;
            }

            FuzzAssert.That(session.State is DtlsState.Handshaking or DtlsState.Failed, "nobody connects without a key");
            FuzzAssert.That(!session.TryExportKeys(out _, out _), "there are no keys before the connection");
            FuzzAssert.That(session.State != DtlsState.Handshaking || session.NextTimeout > now, "a handshake has a deadline");
            now += TimeSpan.FromMilliseconds(1);
        }

        FuzzAssert.That(sent <= 2048 + 64 * received, "what is sent is bounded by what came");
        while (session.NextTimeout != Instant.Never)
        {
            session.HandleTimeout(session.NextTimeout);
            while (session.TryTakeTransmit(buffer, out _))
            {
            }
        }

        FuzzAssert.That(session.State == DtlsState.Failed, "what does not connect fails in the end");
    }

    private static void RunDisturbedHandshake(int disturbed, ReadOnlySpan<byte> disturbance)
    {
        using var client = new DtlsSession(Context, DtlsRole.Client, Context.Fingerprint);
        using var server = new DtlsSession(Context, DtlsRole.Server, Context.Fingerprint);
        var now = Instant.FromMilliseconds(1);
        server.Start(now);
        client.Start(now);
        var count = 0;
        Span<byte> buffer = stackalloc byte[1500];
        for (var round = 0; round < MaxRounds; round++)
        {
            for (var side = 0; side < 2; side++)
            {
                var (from, to) = side == 0 ? (client, server) : (server, client);
                while (from.TryTakeTransmit(buffer, out var length))
                {
                    if (count++ == disturbed % 8)
                    {
                        for (var i = 0; i < Math.Min(length, disturbance.Length); i++) buffer[i] ^= disturbance[i];
                    }

                    to.HandleDatagram(now, buffer[..length]);
                }
            }

            var next = Instant.Min(client.NextTimeout, server.NextTimeout);
            if (next == Instant.Never) break;
            now = next;
            client.HandleTimeout(now);
            server.HandleTimeout(now);
        }

        FuzzAssert.That(client.State != DtlsState.Handshaking && server.State != DtlsState.Handshaking, "every handshake ends");
        if (!client.TryExportKeys(out var local, out _) || !server.TryExportKeys(out _, out var remote)) return;
        using (local)
        using (remote)
        {
            FuzzAssert.That(local!.Profile == remote!.Profile, "both agree on the profile");
            FuzzAssert.That(local.MasterKey.SequenceEqual(remote.MasterKey), "both have the same keys");
            FuzzAssert.That(local.MasterSalt.SequenceEqual(remote.MasterSalt), "both have the same salts");
        }
    }
}
