using System.Buffers;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Outputs.Thumbnails;

/// <summary>A movie of nothing but key pictures of one format, a second each, as a decoder takes it.</summary>
internal sealed class PictureMovie
{
    private const int MaxBytes = 48 * 1024 * 1024;

    private readonly FrameFormat _format;
    private readonly CmafFragmentWriter _writer;
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private long _count;

    private PictureMovie(FrameFormat format, CmafTrack track)
    {
        _format = format;
        _writer = new CmafFragmentWriter([track]);
    }

    /// <summary>A movie of a format; null where no file can hold it.</summary>
    public static PictureMovie? TryBegin(FrameFormat format)
    {
        if (!CmafInit.CanWrite(format)) return null;
        var track = new CmafTrack(1, format);
        var movie = new PictureMovie(format, track);
        return CmafInit.TryWrite([track], CmafInitOptions.Default, movie._bytes) ? movie : null;
    }

    public int Count => (int)_count;

    /// <summary>Adds a key picture; false where it is none of the format, or the movie is as large as it may be.</summary>
    public bool TryAdd(in Frame frame)
    {
        if (!frame.IsKeyframe || !frame.Format.Equals(_format) || _bytes.WrittenCount + frame.Payload.Length > MaxBytes) return false;
        var added = _writer.TryAdd(0, new Frame
        {
            Format = _format, DecodeTime = _count * _format.ClockRate, Flags = FrameFlags.Keyframe, Payload = frame.Payload,
        }, _format.ClockRate);
        if (added != FragmentAdd.Added) return false;
        _writer.Write(_bytes);
        _count++;
        return true;
    }

    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;
}
