using System.Buffers;
using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Testing.Media;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// Encrypted chunks open to what they were made of. Input: a byte that chooses the codec; then the chunks themselves, and again units of frames: for each a byte that
/// says whether a frame begins and what its bytes are, the unit's first byte, and two of length.
/// </summary>
public static class CmafProtectionTarget
{
    private static readonly FrameFormat[] Formats =
    [
        new(Codec.H264, 90_000, 0, new Resolution(640, 360), Convert.FromHexString("0164001effe1001a6764001eacd940a02ff970110000030001000003003c0f162d9601000468efbcb0fdf8f800")),
        new(Codec.H265, 90_000, 0, new Resolution(640, 360), Convert.FromHexString(
            "0101600000009000000000003ff000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003003f959809a10001002a"
            + "42010101600000030090000003000003003fa00502016965959a4932bc05a020000003002000000303c1a2000100074401c172b46240")),
        new(Codec.Aac, 48_000, 2, default, [0x11, 0x90]),
        new(Codec.Opus, 48_000, 2, default, []),
    ];

    private static readonly byte[] Key = Convert.FromHexString("2b7e151628aed2a6abf7158809cf4f3c");
    private static readonly byte[] Vector = Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");

    /// <summary>Runs one input.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var format = Formats[input[0] % Formats.Length];
        CmafTrack[] tracks = [new(1, format)];
        var init = CmafInit.Write(tracks);
        FuzzAssert.That(CmafMovie.TryParse(init, out var movie), "what is written can be read");
        FuzzAssert.That(CmafProtection.TryProtectInit(init, Vector, out var description), "and described");
        CheckChunks(input[1..], movie, description, mustWork: false);
        CheckChunks(Chunk(input[1..], tracks[0]), movie, description, mustWork: true);
        if (!CmafProtection.TryProtectInit(input[1..], Vector, out var other) || !CmafMovie.TryParse(other, out var described)) return;
        FuzzAssert.That(described.Tracks.Count == 0, "nothing of it is taken for plain");
    }

    private static void CheckChunks(ReadOnlySpan<byte> chunks, CmafMovie movie, byte[] description, bool mustWork)
    {
        var isMade = CmafProtection.TryProtect(chunks, movie, Key, Vector, out var bytes);
        FuzzAssert.That(isMade || !mustWork, "what this house makes can be encrypted");
        if (!isMade) return;
        var opened = ProtectedSamples.Open(description, bytes!, Key);
        var samples = 0;
        Span<long> times = stackalloc long[CmafInit.MaxTracks];
        times.Clear();
        var reader = new CmafChunkReader(chunks);
        while (reader.TryRead(out var chunk))
        {
            var frames = new CmafFrameReader(chunk, movie, 0, times);
            for (; frames.TryRead(out _, out var frame, out _); samples++)
            {
                FuzzAssert.That(samples < opened.Count && frame.Payload.SequenceEqual(opened[samples]), "a sample opens to what it was");
            }
        }

        FuzzAssert.That(samples == opened.Count, "there are as many samples");
    }

    private static ReadOnlySpan<byte> Chunk(ReadOnlySpan<byte> input, CmafTrack track)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new CmafFragmentWriter([track]);
        var payload = new List<byte>();
        var time = 0L;
        var left = 32 * 1024;
        Span<byte> prefix = stackalloc byte[5];
        for (; input.Length >= 4 && left > 0; input = input[4..])
        {
            var length = 1 + ((input[2] & 15) << 8 | input[3]);
            left -= length;
            BinaryPrimitives.WriteInt32BigEndian(prefix, length);
            prefix[4] = input[1];
            payload.AddRange(prefix);
            for (var i = 1; i < length; i++) payload.Add((byte)(i * input[0] + (i >> 8)));

            // Some end too early, as damaged ones do.
            if ((input[0] & 0x80) != 0) payload.RemoveAt(payload.Count - 1);
            if ((input[0] & 1) == 0) continue;
            Add(writer, track.Format, payload, time++);
        }

        Add(writer, track.Format, payload, time);
        writer.Write(output);
        return output.WrittenSpan;
    }

    private static void Add(CmafFragmentWriter writer, FrameFormat format, List<byte> payload, long time)
    {
        if (payload.Count == 0 && time > 0) return;
        writer.TryAdd(0, new Frame { Format = format, DecodeTime = time, Payload = payload.ToArray() }, 1);
        payload.Clear();
    }
}
