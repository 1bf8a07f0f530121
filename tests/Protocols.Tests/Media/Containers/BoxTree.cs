using System.Buffers.Binary;
using System.Text;

namespace Sluice.Protocols.Tests.Media.Containers;

/// <summary>Finds boxes by their path. Written anew for the tests, so that a mistake of the reader does not hide one of the writer.</summary>
internal static class BoxTree
{
    /// <summary>The payload of the first box on a path such as <c>moov/trak/tkhd</c>; a number behind a name takes a later one: <c>trak#1</c>.</summary>
    public static byte[] Find(byte[] bytes, string path)
    {
        foreach (var step in path.Split('/'))
        {
            var name = step.Split('#');
            var matching = Children(bytes).Where(box => box.Type == name[0]).ToArray();
            var at = name.Length > 1 ? int.Parse(name[1]) : 0;
            Assert.True(at < matching.Length, $"there is no {step} of {path} among {string.Join(' ', Children(bytes).Select(box => box.Type))}");
            bytes = matching[at].Payload;
            bytes = name[0] switch
            {
                "stsd" or "dref" => bytes[8..],
                "avc1" or "hvc1" or "av01" or "vp08" or "vp09" when step != path.Split('/')[^1] => bytes[78..],
                "mp4a" or "Opus" when step != path.Split('/')[^1] => bytes[28..],
                _ => bytes,
            };
        }

        return bytes;
    }

    /// <summary>The types that lie in a box or file, in order.</summary>
    public static string Names(byte[] bytes) => string.Join(' ', Children(bytes).Select(box => box.Type));

    /// <summary>The boxes that lie in some bytes; fails where they do not fill them exactly.</summary>
    public static List<(string Type, int Offset, byte[] Payload)> Children(byte[] bytes)
    {
        var boxes = new List<(string, int, byte[])>();
        for (var at = 0; at < bytes.Length;)
        {
            long size = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
            var header = 8;
            if (size == 1)
            {
                size = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at + 8));
                header = 16;
            }

            Assert.InRange(size, header, bytes.Length - at);
            boxes.Add((Encoding.Latin1.GetString(bytes, at + 4, 4), at, bytes[(at + header)..(at + (int)size)]));
            at += (int)size;
        }

        return boxes;
    }
}
