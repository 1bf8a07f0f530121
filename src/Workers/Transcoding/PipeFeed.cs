using Sluice.Protocols.Media.Frames;

namespace Sluice.Workers.Transcoding;

/// <summary>Frames of one format on their way to one child.</summary>
internal sealed class PipeFeed
{
    private readonly byte[] _head = new byte[MatroskaWriter.FrameHeadLength];
    private long _newest = PipeClock.Start;

    public PipeFeed(FrameFormat format, long firstTime, int targetRate, int limit)
    {
        Format = format;
        Clock = new PipeClock(firstTime, format.ClockRate, targetRate);
        Outbox = new Outbox(limit);
        Outbox.Put(MatroskaWriter.MakeHeader(format), default);
    }

    public FrameFormat Format { get; }

    public PipeClock Clock { get; }

    public Outbox Outbox { get; }

    /// <summary>The newest time put in, as the pipe has it.</summary>
    public long Newest => Volatile.Read(ref _newest);

    /// <summary>Puts a frame in. One thread at a time.</summary>
    public void Put(in Frame frame)
    {
        var time = Clock.ToPipe(frame.PresentationTime);
        if (time < 0) return;
        MatroskaWriter.WriteFrameHead(_head, time, frame.IsKeyframe, frame.Payload.Length);
        Outbox.Put(_head, frame.Payload);
        if (time > _newest) Volatile.Write(ref _newest, time);
    }
}
