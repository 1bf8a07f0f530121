using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H264;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>
/// Every picture of a channel's next stream, as a byte stream of H.264 that any decoder takes. They are read on the thread that writes them, as soon as it has: none
/// is missed, however busy the machine is.
/// </summary>
internal sealed class KeptPictures : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LiveChannel _channel;
    private readonly ReaderThread _reader;
    private readonly MemoryStream _bytes = new();
    private FrameCursor? _cursor;
    private int _count;

    public KeptPictures(LiveChannel channel)
    {
        _channel = channel;
        _reader = new ReaderThread(Take);
        channel.Changed += Begin;
        channel.AddReader(_reader);
    }

    public int Count => Volatile.Read(ref _count);

    public byte[] ToArray()
    {
        lock (_gate) return _bytes.ToArray();
    }

    public void Dispose()
    {
        _channel.Changed -= Begin;
        _channel.RemoveReader(_reader);
        lock (_gate) _cursor?.Dispose();
    }

    private void Begin(LiveChannel channel)
    {
        lock (_gate)
        {
            if (_cursor is not null || channel.Stream is not { } stream) return;
            _cursor = new FrameCursor(stream.Tracks[0]);
            _cursor.SkipTo(long.MinValue);
        }

        Take();
    }

    private void Take()
    {
        while (_reader.TryTake(out _))
        {
            // What comes from now on wakes anew.
        }

        lock (_gate)
        {
            while (_cursor is not null && _cursor.TryTake(out var frame))
            {
                if (frame.IsKeyframe && AvcConfiguration.TryParse(frame.Format.Configuration, out var configuration))
                {
                    var sets = configuration.SequenceSets;
                    while (sets.TryRead(out var nal)) Write(nal);
                    sets = configuration.PictureSets;
                    while (sets.TryRead(out var nal)) Write(nal);
                }

                var reader = new LengthPrefixedReader(frame.Payload, 4);
                while (reader.TryRead(out var nal)) Write(nal);
                Volatile.Write(ref _count, _count + 1);
            }
        }
    }

    private void Write(ReadOnlySpan<byte> nal)
    {
        _bytes.Write([0, 0, 0, 1]);
        _bytes.Write(nal);
    }
}
