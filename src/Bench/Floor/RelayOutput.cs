using System.Buffers.Binary;
using System.Net.Sockets;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Bench.Floor;

/// <summary>Sends streams to viewers in the runs a server makes, padding as much; one thread's.</summary>
internal sealed class RelayOutput(Socket socket)
{
    private const int HeaderLength = 12;
    private const int MaxPadding = 255;
    private const int MaxRun = 48;
    private const int MaxRunBytes = 60_000;

    private readonly RunQueue _queue = new(socket);

    /// <summary>One viewer of a stream.</summary>
    public sealed record Viewer(SrtpSender Sender, byte[] Name, uint Ssrc);

    /// <summary>Sends packets of a stream to the viewers of the first <paramref name="admitted"/> numbers.</summary>
    public void Send(RelayStream stream, long first, long end, Viewer[] viewers, uint admitted)
    {
        for (var i = 0; i < viewers.Length; i++)
        {
            if (viewers[i].Ssrc >> 1 >= admitted) continue;
            if (i + 1 < viewers.Length) viewers[i + 1].Sender.FetchKeys();
            for (var next = first; next < end;) next += SendRun(stream, next, end, viewers[i]);
        }

        _queue.Flush();
    }

    private int SendRun(RelayStream stream, long first, long end, Viewer viewer)
    {
        var count = Plan(stream, first, end, out var longest);
        _queue.Begin();
        var segment = 0;
        for (var i = 0; i < count; i++)
        {
            var packet = stream.Packet(first + i);
            var destination = _queue.Next;
            packet[..8].CopyTo(destination);
            BinaryPrimitives.WriteUInt32BigEndian(destination[8..], viewer.Ssrc | (RelayStream.IsVideo(packet) ? 0u : 1u));
            var body = packet[HeaderLength..];
            var padding = i < count - 1 ? longest - packet.Length : 0;
            if (padding > 0)
            {
                destination[0] |= 0x20;
                var padded = destination.Slice(HeaderLength, body.Length + padding);
                body.CopyTo(padded);
                padded[body.Length..].Clear();
                padded[^1] = (byte)padding;
                body = padded;
            }

            var length = viewer.Sender.ProtectRtp(destination, HeaderLength, body, 0, _queue.Tags);
            segment = Math.Max(segment, length);
            _queue.Add(length);
        }

        _queue.End(viewer.Name, segment);
        return count;
    }

    // As long as the packets can be made equal; a much shorter one ends the run.
    private static int Plan(RelayStream stream, long first, long end, out int longest)
    {
        longest = 0;
        var shortest = int.MaxValue;
        var count = 0;
        var isVideo = RelayStream.IsVideo(stream.Packet(first));
        while (count < MaxRun && first + count < end)
        {
            var packet = stream.Packet(first + count);
            if (RelayStream.IsVideo(packet) != isVideo) break;
            var length = packet.Length;
            if (count > 0 && (Math.Max(longest, length) * (count + 1) > MaxRunBytes || (length > longest && length - shortest > MaxPadding))) break;
            count++;
            longest = Math.Max(longest, length);
            shortest = Math.Min(shortest, length);
            if (longest - length > MaxPadding) break;
        }

        return count;
    }
}
