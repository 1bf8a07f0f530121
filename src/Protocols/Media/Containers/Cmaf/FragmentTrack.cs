using Sluice.Protocols.Media.Codecs.Aac;
using Sluice.Protocols.Media.Codecs.Opus;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>The frames of one track that wait to be written. Its memory grows to the largest fragment and is used again.</summary>
internal sealed class FragmentTrack(CmafTrack track)
{
    private const int UsualFrameRate = 30;

    private readonly int _frameDuration = DurationOf(track.Format);
    private Sample[] _samples = new Sample[64];
    private byte[] _payload = new byte[4096];
    private long _lastTime;
    private int _lastDuration;

    public CmafTrack Track => track;

    public int Frames { get; private set; }

    public int Bytes { get; private set; }

    public long DecodeTime { get; private set; }

    /// <summary>Duration of all frames; the last one's may be a guess until the next frame is known.</summary>
    public long Duration => Frames == 0 ? 0 : _lastTime - DecodeTime + _samples[Frames - 1].Duration;

    public bool StartsWithSync => Frames > 0 && SampleFlags.IsSync(_samples[0].Flags);

    public ReadOnlySpan<Sample> Samples => _samples.AsSpan(0, Frames);

    public ReadOnlySpan<byte> Payload => _payload.AsSpan(0, Bytes);

    public FragmentAdd TryAdd(in Frame frame, int duration)
    {
        if (!ReferenceEquals(frame.Format, track.Format) && !track.Format.Equals(frame.Format)) return FragmentAdd.FormatChanged;
        if (frame.DecodeTime < 0 || (Frames > 0 && !TrySetEnd(frame.DecodeTime))) return FragmentAdd.TimeIsWrong;
        if (Frames == 0) DecodeTime = frame.DecodeTime;
        if (Frames == _samples.Length) Array.Resize(ref _samples, Frames * 2);
        if (_payload.Length - Bytes < frame.Payload.Length)
        {
            Array.Resize(ref _payload, (int)Math.Min(Array.MaxLength, Math.Max(_payload.Length * 2L, (long)Bytes + frame.Payload.Length)));
        }

        frame.Payload.CopyTo(_payload.AsSpan(Bytes));
        Bytes += frame.Payload.Length;
        _lastTime = frame.DecodeTime;
        if (duration <= 0) duration = GuessDuration(frame.Payload);
        _samples[Frames++] = new Sample(duration, frame.Payload.Length, frame.CompositionOffset, SampleFlags.Of(frame.Flags));
        return FragmentAdd.Added;
    }

    /// <summary>Says when the frame after the last begins; false where that cannot be.</summary>
    public bool TrySetEnd(long time)
    {
        var duration = time - _lastTime;
        if (duration is <= 0 or > int.MaxValue) return false;
        _lastDuration = (int)duration;
        _samples[Frames - 1].Duration = _lastDuration;
        return true;
    }

    public void Clear()
    {
        Frames = 0;
        Bytes = 0;
    }

    private int GuessDuration(ReadOnlySpan<byte> payload) =>
        track.Format.Codec == Codec.Opus && OpusPacket.TryParse(payload, out var opus) ? ScaleOpus(opus.Samples)
        : _frameDuration > 0 ? _frameDuration
        : _lastDuration > 0 ? _lastDuration
        : Math.Max(1, track.Format.ClockRate / UsualFrameRate);

    private int ScaleOpus(int samples) => Math.Max(1, (int)((long)samples * track.Format.ClockRate / 48_000));

    // Only AAC has frames of one length known beforehand; the format's clock may be the core's or the output's.
    private static int DurationOf(FrameFormat format) =>
        format.Codec == Codec.Aac && AudioSpecificConfig.TryParse(format.Configuration, out var aac)
            ? (int)((long)aac.SamplesPerFrame * format.ClockRate / aac.SampleRate)
            : 0;

    /// <summary>One frame as its run describes it.</summary>
    internal record struct Sample(int Duration, int Size, int CompositionOffset, uint Flags);
}
