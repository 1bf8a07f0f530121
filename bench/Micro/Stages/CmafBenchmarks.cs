using System.Buffers;
using BenchmarkDotNet.Attributes;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Micro.Stages;

/// <summary>Frames written as fragments and read again.</summary>
public class CmafBenchmarks
{
    private const int PicturesOfPart = 6; // 200 ms at 30 a second
    private const int PictureLength = 12_500; // 3 Mbit/s
    private const int SoundLength = 340;

    private static readonly FrameFormat Picture = new(
        Codec.H264, 90_000, 0, new Resolution(640, 360), Convert.FromHexString("0164001effe1001a6764001eacd940a02ff970110000030001000003003c0f162d9601000468efbcb0fdf8f800"));

    private static readonly FrameFormat Sound = new(Codec.Aac, 48_000, 2, default, [0x11, 0x90]);

    private readonly byte[] _payload = new byte[PictureLength];
    private readonly Part _part = new();
    private readonly long[] _times = new long[2];
    private readonly CmafFragmentWriter _pictures = new([new CmafTrack(1, Picture)]);
    private readonly CmafFragmentWriter _both = new([new CmafTrack(1, Picture), new CmafTrack(2, Sound)]);
    private CmafMovie _movie = null!;
    private byte[] _written = [];
    private long _time;

    [GlobalSetup]
    public void Setup()
    {
        new Random(1).NextBytes(_payload);
        if (!CmafMovie.TryParse(CmafInit.Write([new CmafTrack(1, Picture), new CmafTrack(2, Sound)]), out _movie!)) throw new InvalidOperationException("What was written cannot be read.");
        var length = WriteSecondOfBoth();
        _written = _part.Written[..length].ToArray();
        if (ReadSecondOfBoth() != 30 + 46) throw new InvalidOperationException("Not all that was written can be read.");
    }

    /// <summary>A part of LL-HLS: six pictures, with producer time.</summary>
    [Benchmark, PerPacket]
    public int WritePart()
    {
        _part.Clear();
        for (var i = 0; i < PicturesOfPart; i++) AddPicture(_pictures, i);
        return _pictures.Write(_part, new FragmentPrefix { ProducerTime = new ProducerTime(new NtpTime(1), _time) }).Length;
    }

    /// <summary>A second of a recording: 30 pictures and 46 frames of sound.</summary>
    [Benchmark, PerPacket]
    public int WriteSecondOfBoth()
    {
        _part.Clear();
        for (var i = 0; i < 30; i++) AddPicture(_both, i);
        for (var i = 0; i < 46; i++)
        {
            _both.TryAdd(1, new Frame { Format = Sound, DecodeTime = _time + i * 1024, Flags = FrameFlags.Keyframe, Payload = _payload.AsSpan(0, SoundLength) });
        }

        return _both.Write(_part).Length;
    }

    /// <summary>The same read.</summary>
    [Benchmark, PerPacket]
    public int ReadSecondOfBoth()
    {
        var reader = new CmafFrameReader(_written, _movie, 0, _times);
        var frames = 0;
        while (reader.TryRead(out _, out var frame, out _))
        {
            if (!frame.Payload.IsEmpty) frames++;
        }

        return frames;
    }

    private void AddPicture(CmafFragmentWriter writer, int i)
    {
        _time += 3000;
        writer.TryAdd(0, new Frame { Format = Picture, DecodeTime = _time, Flags = i == 0 ? FrameFlags.Keyframe : FrameFlags.None, Payload = _payload });
    }

    // Where parts go in the server: memory that is there.
    private sealed class Part : IBufferWriter<byte>
    {
        private readonly byte[] _bytes = new byte[1 << 20];
        private int _length;

        public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

        public void Clear() => _length = 0;

        public void Advance(int count) => _length += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => _bytes.AsMemory(_length);

        public Span<byte> GetSpan(int sizeHint = 0) => _bytes.AsSpan(_length);
    }
}
