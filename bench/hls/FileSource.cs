using System.Buffers.Binary;
using System.Diagnostics;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Hls;

/// <summary>Publishes a fragmented MP4 on a channel of a node in this process, in real time and over and over, without a protocol between.</summary>
internal sealed class FileSource : IPublication
{
    private readonly List<StoredFrame> _frames = [];
    private readonly Track[] _tracks;
    private readonly CmafMovie _movie;
    private readonly double _length;

    private sealed record StoredFrame(int Track, long DecodeTime, int Composition, FrameFlags Flags, byte[] Payload, double Seconds);

    public FileSource(string path, TrackResources resources)
    {
        var file = File.ReadAllBytes(path);
        if (!CmafMovie.TryParse(file, out var movie)) throw new InvalidDataException($"{path} has no movie box.");
        _movie = movie;
        Read(file);
        _frames.Sort((a, b) => a.Seconds.CompareTo(b.Seconds));
        _length = _frames.Where(f => movie.Tracks[f.Track].Format.Kind == MediaKind.Video).Select(f => f.Seconds).DefaultIfEmpty(_frames[^1].Seconds).Max() + 1 / 30.0;
        _tracks = [.. movie.Tracks.Select((t, i) => new Track(new TrackId(t.Format.Kind, movie.Tracks.Take(i).Count(o => o.Format.Kind == t.Format.Kind), ""),
            resources.Slab, new PacketLogLimits(64, 1, TimeSpan.FromSeconds(1))) { Native = TrackFace.Frames })];
    }

    /// <summary>Told of each picture, on the clock of <see cref="Stopwatch"/>.</summary>
    public event Action<long>? Appended;

    public string Protocol => "file";

    public string Vendor => "";

    public TimeSpan RoundTrip => TimeSpan.Zero;

    public void Close(StreamEnd reason)
    {
    }

    /// <summary>Plays until cancelled.</summary>
    public void Play(LiveChannel channel, WallClock clock, CancellationToken cancellation)
    {
        for (var i = 0; i < _tracks.Length; i++) _tracks[i].Frames.Describe(_movie.Tracks[i].Format);
        var stream = new LiveStream(channel.ChannelId, _tracks, this, DateTimeOffset.UtcNow);
        var start = MonotonicClock.Now;
        for (var i = 0; i < _tracks.Length; i++) _tracks[i].Place(new Timeline(0, clock.ToNtp(start), _movie.Tracks[i].Format.ClockRate));
        channel.Start(stream);
        for (var round = 0; !cancellation.IsCancellationRequested; round++)
        {
            foreach (var frame in _frames)
            {
                // Sound that lasts longer than the picture would go back in time.
                if (frame.Seconds >= _length) continue;
                var due = start + TimeSpan.FromSeconds(frame.Seconds + round * _length);
                var wait = due - MonotonicClock.Now;
                if (wait > TimeSpan.Zero && cancellation.WaitHandle.WaitOne(wait)) break;
                var format = _movie.Tracks[frame.Track].Format;
                _tracks[frame.Track].Frames.Append(new Frame
                {
                    Format = format, DecodeTime = frame.DecodeTime + (long)(round * _length * format.ClockRate), CompositionOffset = frame.Composition,
                    Flags = frame.Flags, Payload = frame.Payload,
                }, MonotonicClock.Now);
                if (frame.Track == 0) Appended?.Invoke(Stopwatch.GetTimestamp());
                channel.WakeReaders();
            }
        }

        channel.End(stream, StreamEnd.Stopped);
    }

    private void Read(byte[] file)
    {
        var times = new long[_movie.Tracks.Count];
        for (var at = 0; at + 8 <= file.Length;)
        {
            var size = (int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (size < 8) break;
            if (file.AsSpan(at + 4, 4).SequenceEqual("moof"u8))
            {
                size += (int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + size));
                var reader = new CmafFrameReader(file.AsSpan(at, size), _movie, at, times);
                while (reader.TryRead(out var track, out var frame, out _))
                {
                    _frames.Add(new StoredFrame(track, frame.DecodeTime, frame.CompositionOffset, frame.Flags, frame.Payload.ToArray(),
                        (double)frame.DecodeTime / frame.Format.ClockRate));
                }
            }

            at += size;
        }
    }
}
