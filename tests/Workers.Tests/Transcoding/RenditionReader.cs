using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Wire;

namespace Sluice.Workers.Tests.Transcoding;

/// <summary>A consumer of a rendition that keeps what it reads.</summary>
internal sealed class RenditionReader : IFrameConsumer, IDisposable
{
    // A bound for failures only.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly LiveChannel _channel;
    private readonly ConsumerGroup _group;
    private readonly FrameCursor _cursor;
    private readonly List<KeptFrame> _frames = [];
    private readonly Func<string> _state;
    private Exception? _failure;

    public RenditionReader(LiveChannel channel, ConsumerGroup group, Track rendition, Func<string> state)
    {
        _state = state;
        _channel = channel;
        _group = group;
        _cursor = new FrameCursor(rendition);
        _cursor.SkipTo(long.MinValue);
        group.Add(channel, this);
    }

    public Instant NextTimeout => Instant.Never;

    /// <summary>Everything read so far.</summary>
    public List<KeptFrame> Frames
    {
        get
        {
            lock (_frames) return [.. _frames];
        }
    }

    public void Advance(Instant now)
    {
        lock (_frames)
        {
            while (_cursor.TryTake(out var frame))
            {
                _frames.Add(KeptFrame.Of(frame));
            }

            Monitor.PulseAll(_frames);
        }
    }

    public void Abandon(Exception failure) => _failure = failure;

    /// <summary>Waits until what was read is enough.</summary>
    public List<KeptFrame> WaitFor(Func<List<KeptFrame>, bool> isEnough)
    {
        var until = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        lock (_frames)
        {
            while (!isEnough(_frames))
            {
                var left = until - Environment.TickCount64;
                Assert.Null(_failure);
                if (left <= 0 || !Monitor.Wait(_frames, (int)left)) Assert.Fail($"Only {_frames.Count} frames came, the last at {(_frames.Count > 0 ? _frames[^1].DecodeTime : -1)}. {_state()}");
            }

            return [.. _frames];
        }
    }

    /// <summary>Waits until the rendition has come to a time.</summary>
    public List<KeptFrame> WaitForTime(long time) => WaitFor(frames => frames.Count > 0 && frames[^1].DecodeTime >= time);

    public void Dispose()
    {
        _group.Remove(_channel, this);
        lock (_frames) _cursor.Dispose();
    }
}
