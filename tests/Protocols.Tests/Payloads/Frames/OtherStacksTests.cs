using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Testing.Media;
using Clip = Sluice.Testing.Clips.Clip;

namespace Sluice.Protocols.Tests.Payloads.Frames;

/// <summary>
/// Our payloads read by GStreamer and ffmpeg, theirs by us. GStreamer reads and writes packets in files behind their lengths (RFC 4571), so
/// that no time and no port is in it; ffmpeg listens on a port of the loopback.
/// </summary>
public sealed class OtherStacksTests
{
    // RTCP BYE (RFC 3550 §6.6) of the stream's SSRC.
    private static readonly byte[] GoodBye = [0x81, 203, 0, 1, 0, 0, 0, 1];

    private static readonly bool HasGStreamer = Ffmpeg.IsInstalled && Ffmpeg.IsOnPath("gst-launch-1.0");

    /// <summary>A theory judged by GStreamer: skipped, and says so, where it is not installed.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class GStreamerTheoryAttribute : TheoryAttribute
    {
        public GStreamerTheoryAttribute()
        {
            if (!HasGStreamer) Skip = "GStreamer or ffmpeg is not installed";
        }
    }

    [GStreamerTheory]
    [InlineData("h264", 1128)]
    [InlineData("h264", 150)]
    [InlineData("h264-reordered", 1128)]
    [InlineData("h265", 1128)]
    [InlineData("h265", 150)]
    [InlineData("vp8", 1128)]
    [InlineData("vp8", 150)]
    [InlineData("vp9", 1128)]
    [InlineData("vp9", 150)]
    [InlineData("opus", 1128)]
    public void GStreamer_joins_our_payloads_to_what_was_cut(string name, int limit)
    {
        var clip = Clip.Load(name);
        var depay = clip.Format.Codec switch
        {
            Codec.H264 => "rtph264depay ! video/x-h264,stream-format=avc,alignment=au",
            Codec.H265 => "rtph265depay ! video/x-h265,stream-format=hvc1,alignment=au",
            Codec.Vp8 => "rtpvp8depay",
            Codec.Vp9 => "rtpvp9depay",
            _ => "rtpopusdepay",
        };
        var input = TestMovie.NewPath($"{name}.rtp");
        var output = Directory.CreateDirectory(TestMovie.NewPath(name)).FullName;
        File.WriteAllBytes(input, Framed(Stream(clip, limit)));
        var caps = $"application/x-rtp-stream,media={(clip.Format.Kind == MediaKind.Video ? "video" : "audio")},payload=96,"
            + $"clock-rate={clip.Format.ClockRate},encoding-name={CodecFacts.NameOf(clip.Format.Codec).ToUpperInvariant()}";
        GStreamer($"filesrc location={input} ! {caps} ! rtpstreamdepay ! {depay} ! multifilesink location={output}/%05d");

        Assert.Equal(
            clip.Frames.Select(f => Convert.ToHexString(f.Payload)),
            Directory.EnumerateFiles(output).Order(StringComparer.Ordinal).Select(file => Convert.ToHexString(File.ReadAllBytes(file))));
    }

    [GStreamerTheory]
    [InlineData("h264", "h264parse ! rtph264pay aggregate-mode=none config-interval=-1", 1200)]
    [InlineData("h264", "h264parse ! rtph264pay aggregate-mode=zero-latency config-interval=-1", 300)]
    [InlineData("h264", "h264parse ! rtph264pay aggregate-mode=max-stap config-interval=-1", 1200)]
    [InlineData("h265", "h265parse ! rtph265pay aggregate-mode=none config-interval=-1", 300)]
    [InlineData("h265", "h265parse ! rtph265pay aggregate-mode=max config-interval=-1", 1200)]
    [InlineData("vp8", "ivfparse ! rtpvp8pay", 300)]
    [InlineData("vp8", "ivfparse ! rtpvp8pay picture-id-mode=15-bit", 1200)]
    [InlineData("vp9", "ivfparse ! rtpvp9pay", 300)]
    [InlineData("vp9", "ivfparse ! rtpvp9pay picture-id-mode=7-bit", 1200)]
    [InlineData("opus", "oggdemux ! rtpopuspay", 1200)]
    public void We_join_the_payloads_of_gstreamer_to_what_was_cut(string name, string pay, int mtu)
    {
        var clip = Clip.Load(name);
        var output = TestMovie.NewPath($"{name}.rtp");
        GStreamer($"filesrc location={PathOf(name)} ! {pay} mtu={mtu} pt=96 ! rtpstreampay ! filesink location={output}");

        var depacketizer = Payloading.NewDepacketizer(clip.Format);
        List<JoinedFrame> frames = [];
        var count = 0;
        var last = -1L;
        for (ReadOnlySpan<byte> rest = File.ReadAllBytes(output); rest.Length > 2; count++)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest);
            Assert.True(RtpPacketView.TryParse(rest.Slice(2, length), out var packet));
            rest = rest[(2 + length)..];
            if (last >= 0) Assert.Equal((ushort)(last + 1), packet.SequenceNumber);
            last = packet.SequenceNumber;
            Payloading.Join(depacketizer, new PayloadPacket(0, packet.Payload.ToArray(), packet.Timestamp, new(0, packet.Marker, false, false)), frames);
        }

        Assert.True(count >= clip.Frames.Count);
        Assert.Equal(clip.Frames.Select(f => Convert.ToHexString(f.Payload)), frames.Select(f => Convert.ToHexString(f.Payload)));
        if (clip.Format.Kind == MediaKind.Video) Assert.Equal(clip.Format, frames[0].Format);
    }

    [FfmpegTheory]
    [InlineData("h264")]
    [InlineData("h265")]
    [InlineData("vp8")]
    [InlineData("vp9")]
    [InlineData("opus")]
    public async Task Ffmpeg_joins_our_payloads_to_what_was_cut(string name)
    {
        var clip = Clip.Load(name);
        var port = FreePort();
        var isVideo = clip.Format.Kind == MediaKind.Video;
        Assert.True(RtpFormats.TryDescribe(clip.Format, out var format));
        var description = TestMovie.NewPath($"{name}.sdp");
        await File.WriteAllTextAsync(description,
            $"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm={(isVideo ? "video" : "audio")} {port} RTP/AVP 96\n"
            + $"a=rtpmap:96 {CodecFacts.NameOf(format.Codec)}/{format.ClockRate}{(isVideo ? "" : "/2")}\n"
            + (format.Parameters.Length > 0 ? $"a=fmtp:96 {format.Parameters}\n" : ""));
        var output = TestMovie.NewPath($"{name}.mkv");
        var kind = isVideo ? 'v' : 'a';
        var listening = Task.Run(() => Ffmpeg.TryRun(
            "ffmpeg", "-v", "error", "-protocol_whitelist", "file,udp,rtp", "-i", description,
            "-c", "copy", "-copyinkf", $"-frames:{kind}", $"{clip.Frames.Count}", "-f", "matroska", output));

        // The good-bye comes by the port of the media, so that it cannot overtake them.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        while (!IsListening(port) && !listening.IsCompleted) await Task.Yield();
        foreach (var packet in Stream(clip, 1128)) socket.SendTo(packet, new IPEndPoint(IPAddress.Loopback, port));
        socket.SendTo(GoodBye, new IPEndPoint(IPAddress.Loopback, port));
        await listening;

        Assert.Equal(Ffmpeg.DecodedFrames(PathOf(name), kind)[2..^1], Ffmpeg.DecodedFrames(output, kind)[2..^1]);
    }

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Clips", name + name switch
    {
        "h264" or "h264-reordered" => ".264",
        "h265" => ".265",
        "opus" => ".ogg",
        _ => ".ivf",
    });

    private static void GStreamer(string pipeline)
    {
        var (exit, _, complaints) = Ffmpeg.TryRun("gst-launch-1.0", ["-q", .. pipeline.Split(' ')]);
        Assert.True(exit == 0, complaints);
    }

    private static List<byte[]> Stream(Clip clip, int limit)
    {
        List<byte[]> packets = [];
        var cut = Payloading.Packetize(clip, limit);
        foreach (var packet in cut)
        {
            var bytes = new byte[12 + packet.Payload.Length];
            bytes[0] = 0x80;
            bytes[1] = (byte)(96 | (packet.Facts.Marker ? 0x80 : 0));
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)(1000 + packets.Count));
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), (uint)(90_000 + packet.Timestamp));
            bytes[11] = 1;
            packet.Payload.CopyTo(bytes, 12);
            packets.Add(bytes);
        }

        return packets;
    }

    private static byte[] Framed(List<byte[]> packets)
    {
        List<byte> bytes = [];
        foreach (var packet in packets)
        {
            bytes.AddRange([(byte)(packet.Length >> 8), (byte)packet.Length]);
            bytes.AddRange(packet);
        }

        return [.. bytes];
    }

    // Even, and the next one is free too.
    private static int FreePort()
    {
        while (true)
        {
            using var first = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            using var second = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            first.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var port = ((IPEndPoint)first.LocalEndPoint!).Port;
            if ((port & 1) != 0 || port + 1 > ushort.MaxValue) continue;
            try
            {
                second.Bind(new IPEndPoint(IPAddress.Loopback, port + 1));
                return port;
            }
            catch (SocketException)
            {
            }
        }
    }

    private static bool IsListening(int port) =>
        File.ReadLines("/proc/net/udp").Any(line => line.Contains($":{port + 1:X4} ", StringComparison.Ordinal));
}
