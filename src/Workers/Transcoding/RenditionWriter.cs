using System.Buffers.Binary;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Wire;

namespace Sluice.Workers.Transcoding;

/// <summary>
/// Writes a rendition: what children give out, in the house's form and at the source's times. Children follow one another, the rendition's times and numbers go on.
/// One child writes at a time; the lock is for the moment in which one follows another.
/// </summary>
internal sealed class RenditionWriter(Track track, LiveChannel channel, RenditionKind kind, Func<Instant> clock)
{
    private readonly Lock _gate = new();
    private object? _child;
    private PipeClock _clock;
    private FrameFormat? _format;
    private byte[]? _configuration;
    private byte[] _scratch = [];
    private Timeline? _placedFrom;
    private long _last = long.MinValue;
    private long _newest;
    private long _lastOutputAt;
    private bool _isReleased;

    /// <summary>The newest time on the pipe of the child that writes, in microseconds; less than <see cref="PipeClock.Start"/> before its first packet.</summary>
    public long Newest => Volatile.Read(ref _newest);

    /// <summary>When a child last gave something out.</summary>
    public Instant LastOutputAt => new(Volatile.Read(ref _lastOutputAt));

    /// <summary>The time of the newest frame; null before the first.</summary>
    public long? Last => Volatile.Read(ref _last) is var last && last != long.MinValue ? last : null;

    /// <summary>Ticks of sound in one frame.</summary>
    private int Step => kind == RenditionKind.Opus ? 960 : 1024;

    /// <summary>From now on this child writes, and no other.</summary>
    public void Begin(object child, PipeClock pipe)
    {
        lock (_gate)
        {
            _child = child;
            _clock = pipe;
            _configuration = null;
            Volatile.Write(ref _newest, 0);
        }
    }

    /// <summary>No child writes until the next begins.</summary>
    public void Rest()
    {
        lock (_gate)
        {
            _child = null;
            Volatile.Write(ref _newest, 0);
        }
    }

    /// <summary>Takes every whole packet there is. False where the output makes no sense.</summary>
    public bool Write(object child, NutReader reader)
    {
        var count = 0;
        var reading = NutReading.NeedsMore;
        lock (_gate)
        {
            if (_isReleased || !ReferenceEquals(_child, child)) return true;
            var now = clock();
            Place();
            while ((reading = reader.TryRead(out var packet)) == NutReading.Packet)
            {
                if (!Write(packet, reader, now)) return false;
                count++;
            }

            if (count > 0)
            {
                Volatile.Write(ref _lastOutputAt, now.Nanoseconds);
                track.Derive(now);
            }
        }

        if (count > 0) channel.WakeReaders();
        return reading != NutReading.Invalid;
    }

    /// <summary>Has the other face rest where nobody wants it any more, though no child writes.</summary>
    public void Settle()
    {
        if (track.IsWanted(TrackFace.Packets)) return;
        lock (_gate)
        {
            if (!_isReleased) track.Derive(clock());
        }
    }

    /// <summary>What is held is of the past: who wants the rendition next waits for what comes.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _child = null;
            if (!_isReleased) track.Frames.Clear();
        }
    }

    /// <summary>Gives the memory back; nothing is written any more.</summary>
    public void Release()
    {
        lock (_gate)
        {
            if (_isReleased) return;
            _isReleased = true;
            track.Release();
        }
    }

    private bool Write(scoped in NutPacket packet, NutReader reader, Instant now)
    {
        if (!ReferenceEquals(_configuration, reader.Configuration))
        {
            if (MakeFormat(reader.Configuration) is not { } format) return false;
            _format = format;
            _configuration = reader.Configuration;
            if (!format.Resolution.IsEmpty) track.Describe(format.Resolution);
        }

        var time = _clock.FromPipe(packet.Pts, reader.TimeBase);
        var onPipe = (long)((Int128)packet.Pts * reader.TimeBase.Numerator * 1_000_000 / reader.TimeBase.Denominator);
        if (onPipe > _newest) Volatile.Write(ref _newest, onPipe);

        var payload = packet.Payload;
        var flags = FrameFlags.Keyframe;
        if (kind == RenditionKind.PlainVideo)
        {
            if (!packet.IsKeyframe) flags = FrameFlags.None;
            payload = ToLengths(payload);
            if (payload.IsEmpty) return true;
        }
        else if (_last != long.MinValue)
        {
            var due = _last + Step;
            var off = time - due;

            // Packets stay evenly apart while the source is within ten milliseconds; who is ahead by more waits for it, and a child that follows another begins before
            // the end of what is there.
            if (off < -Step / 2) return true;
            if (off <= Step / 2) time = due;
            else if (off > Step) flags |= FrameFlags.Discontinuity;
        }

        // What encoders put before the first frame has no place before the source's beginning.
        if (time < _clock.ToTarget(_clock.Base) && _last == long.MinValue && kind == RenditionKind.Aac) return true;
        if (time <= _last) return true;
        var frame = new Frame { Format = _format!, DecodeTime = time, Flags = flags, Payload = payload };
        if (!track.Frames.Append(frame, now)) return true;
        Volatile.Write(ref _last, time);
        var header = new PacketHeader
        {
            ArrivedAt = now,
            Flags = PacketFlags.Marker | ((flags & FrameFlags.Keyframe) != 0 && kind == RenditionKind.PlainVideo ? PacketFlags.StartsKeyframe : 0),
        };
        track.Statistics.Count(header, payload.Length);
        return true;
    }

    private void Place()
    {
        if (track.Origin?.Timeline is not { } from || ReferenceEquals(from, _placedFrom)) return;
        _placedFrom = from;
        track.Place(new Timeline(_clock.ToTarget(from.Timestamp), from.At, _clock.TargetRate));
    }

    private FrameFormat? MakeFormat(ReadOnlySpan<byte> configuration) =>
        kind == RenditionKind.PlainVideo ? AvcFormat.FromParameterSets(configuration) : RenditionFormats.FrameFormatOf(kind);

    // Pictures only: the parameter sets are in the format.
    private ReadOnlySpan<byte> ToLengths(ReadOnlySpan<byte> stream)
    {
        // Each start code is at least three bytes and becomes four.
        var most = stream.Length + stream.Length / 3 + 4;
        if (_scratch.Length < most) _scratch = new byte[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)most)];
        var length = 0;
        var reader = new AnnexBReader(stream);
        while (reader.TryRead(out var nal))
        {
            if ((nal[0] & 0x1F) is < 1 or > 5) continue;
            BinaryPrimitives.WriteInt32BigEndian(_scratch.AsSpan(length), nal.Length);
            nal.CopyTo(_scratch.AsSpan(length + 4));
            length += 4 + nal.Length;
        }

        return _scratch.AsSpan(0, length);
    }
}
