using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Inputs.Rtmp;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Micro.Stages;

/// <summary>An encoder's messages on their way from the connection into the frames of a stream: chunks, tags, normal form, times, the copy.</summary>
public class RtmpBenchmarks : IStreamConnection
{
    private const int PictureBytes = 10_000;
    private const int SoundBytes = 340;
    private const int PictureMilliseconds = 33;
    private const int SoundMilliseconds = 21;

    private readonly byte[] _buffer = new byte[64 << 10];
    private RtmpClientSession _client = null!;
    private IStreamSession _server = null!;
    private byte[] _picture = null!;
    private byte[] _sound = null!;
    private Instant _now = Instant.FromMilliseconds(1000);
    private int _woken;
    private int _pictureTime;
    private int _soundTime;

    /// <summary>An address that nobody connects from.</summary>
    public NetworkAddress Remote => NetworkAddress.FromIPv4(0x7f000001, 1);

    /// <summary>The gate has answered.</summary>
    public void Wake() => Volatile.Write(ref _woken, 1);

    [GlobalSetup]
    public void Setup()
    {
        var clock = new WallClock(Instant.Zero, NtpTime.FromUtc(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)));
        var input = new RtmpInput((_, _) => ValueTask.FromResult(RtmpAnswer.Granted), new LiveChannels(), new TrackResources(TrackResources.MakeSlab(64 << 20)),
            () => new RtmpInputOptions(), clock, TimeProvider.System, NullLogger<RtmpInput>.Instance);
        _client = new RtmpClientSession(new RtmpClientOptions("live", "room-secret", "rtmp://bench/live"), 1, _now);
        _server = input.Accept(_now, this);
        while (!_client.IsPublishing) Pump();
        Send(MediaKind.Video, [0x17, 0, 0, 0, 0, .. Convert.FromHexString("0142c00affe100156742c00ada11ec0440000003004000000523c489a801000468ce0fc8")]);
        Send(MediaKind.Audio, [0xaf, 0, 0x11, 0x90]);
        Send(MediaKind.Video, [0x17, 1, 0, 0, 0, 0, 0, 0, 5, 0x65, 0x88, 0x84, 0x11, 0x22]);
        _picture = Encode(MediaKind.Video, PictureMilliseconds, [0x27, 1, 0, 0, 0, 0, 0, PictureBytes >> 8, PictureBytes & 0xff, 0x41, .. new byte[PictureBytes - 1]]);
        _sound = Encode(MediaKind.Audio, SoundMilliseconds, [0xaf, 1, 0x21, .. new byte[SoundBytes - 1]]);

        // Until the logs have all the memory they may have, and the clock has settled.
        for (var i = 0; i < 2000; i++)
        {
            if (Picture() + Sound() != _picture.Length + _sound.Length) throw new InvalidOperationException("A message is left.");
        }

        if (input.PublisherCount != 1) throw new InvalidOperationException("The publisher is gone.");
    }

    /// <summary>A picture of 10 kB, in three chunks.</summary>
    [Benchmark, PerPacket]
    public int Picture() => Handle(_picture, ref _pictureTime, PictureMilliseconds);

    /// <summary>A packet of sound.</summary>
    [Benchmark, PerPacket]
    public int Sound() => Handle(_sound, ref _soundTime, SoundMilliseconds);

    // The header tells the time since the message before: the same bytes go on in time.
    private int Handle(byte[] message, ref int time, int step)
    {
        time += step;
        _now = new Instant(Math.Max(_now.Nanoseconds, 1_000_000_000 + time * 1_000_000L));
        for (var i = 0; i < 3; i++) _server.Fetch(i);
        return _server.Handle(_now, message);
    }

    private void Send(MediaKind kind, byte[] message)
    {
        if (!_client.TrySendMedia(kind, 0, message)) throw new InvalidOperationException("The client does not publish.");
        Pump();
    }

    private byte[] Encode(MediaKind kind, int milliseconds, byte[] message)
    {
        _client.TrySendMedia(kind, milliseconds, message);
        _client.TryTakeOutput(_buffer, out var written);
        if (_buffer[0] >> 6 != 1) throw new InvalidOperationException("The message's header is not of form 1.");
        return _buffer.AsSpan(0, written).ToArray();
    }

    private void Pump()
    {
        while (_client.TryTakeOutput(_buffer, out var written)) _server.Handle(_now, _buffer.AsSpan(0, written));
        if (Interlocked.Exchange(ref _woken, 0) != 0) _server.HandleTimeout(_now);
        while (_server.TryTakeOutput(_buffer, out var answered)) _client.Handle(_buffer.AsSpan(0, answered), out _);
        while (_client.TryTakeEvent(out _))
        {
            // Nothing that is told matters here.
        }
    }
}
