using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Testing.Clips;
using Sluice.Testing.Fuzzing;

namespace Sluice.Protocols.Tests.Payloads.Frames;

public sealed class ZzSeedWriter
{
    [Fact]
    public void Write()
    {
        Codec[] codecs = [Codec.H264, Codec.H265, Codec.Av1, Codec.Vp8, Codec.Vp9, Codec.Opus];
        foreach (var name in Clip.Names)
        {
            var clip = Clip.Load(name);
            foreach (var (what, limit, frames) in new[] { ("small", 700, new[] { 7, 8, 9 }), ("cut", 100, [7, 8]) })
            {
                List<byte> bytes = [(byte)Array.IndexOf(codecs, clip.Format.Codec)];
                var last = -1;
                foreach (var packet in Payloading.Packetize(clip, limit).Where(p => frames.Contains(p.Frame)))
                {
                    bytes.Add((byte)((packet.Facts.Marker ? 1 : 0) | (packet.Frame != last ? 4 : 0)));
                    last = packet.Frame;
                    var length = new byte[2];
                    BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)packet.Payload.Length);
                    bytes.AddRange(length);
                    bytes.AddRange(packet.Payload);
                }

                var folder = FuzzSeeds.FolderToKeep("Depacketizer");
                Directory.CreateDirectory(folder);
                File.WriteAllBytes(Path.Combine(folder, $"{name}-{what}"), [.. bytes]);
            }

            var frame = clip.Frames[7];
            List<byte> one = [(byte)Array.IndexOf(codecs, clip.Format.Codec), 1, 200, 0, (byte)clip.Format.Configuration.Length, .. clip.Format.Configuration, .. frame.Payload];
            var target = FuzzSeeds.FolderToKeep("Packetizer");
            Directory.CreateDirectory(target);
            File.WriteAllBytes(Path.Combine(target, name), [.. one]);
        }
    }
}
