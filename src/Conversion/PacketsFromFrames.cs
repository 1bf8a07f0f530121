using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Rtp.Payloads.Packetizers;
using Sluice.Protocols.Wire;

namespace Sluice.Conversion;

/// <summary>
/// Fills a track's packets face from its frames: numbers that grow by one from packet to packet, whatever was paused or left out, and RTP timestamps that are
/// the frames' presentation times. Sets the track's format and picture size; what is counted is the input's business, which counts frames.
/// </summary>
public sealed class PacketsFromFrames : ITrackConverter
{
    // One turn above zero, so that what a viewer asks for again never has a negative number.
    private const long FirstSequence = 0x10000;

    private readonly Track _track;
    private FrameCursor? _cursor;
    private FrameFormat? _format;
    private Packetizer? _packetizer;
    private byte[] _buffer = [];
    private byte _formatIndex;
    private long _sequence = FirstSequence;
    private long _lastDecodeTime = long.MinValue;
    private long _missed;
    private bool _waitsForKeyframe;

    public PacketsFromFrames(Track track) => _track = track;

    /// <summary>Frames that RTP cannot carry: of another codec, damaged, or too large for the node's memory.</summary>
    public long FramesRefused { get; private set; }

    public void Convert(Instant now)
    {
        _cursor ??= new FrameCursor(_track, wants: false);
        while (_cursor.TryTake(out var frame))
        {
            // After a short pause the newest key picture is one that was converted before.
            if (frame.DecodeTime <= _lastDecodeTime) continue;
            _lastDecodeTime = frame.DecodeTime;
            if (IsUseless(frame)) continue;
            if (!ReferenceEquals(frame.Format, _format)) Adopt(frame.Format);
            if (!TryAppend(frame, _cursor.ArrivedAt)) FramesRefused++;
        }
    }

    public void Pause()
    {
        _cursor = null;
        _missed = 0;
    }

    // Where frames were missed, those up to the next key picture refer to what no viewer has.
    private bool IsUseless(in Frame frame)
    {
        if (_cursor!.Missed != _missed)
        {
            _missed = _cursor.Missed;
            _waitsForKeyframe = frame.Format.Kind == MediaKind.Video;
        }

        _waitsForKeyframe &= !frame.IsKeyframe;
        return _waitsForKeyframe;
    }

    private void Adopt(FrameFormat format)
    {
        _format = format;
        if (!RtpFormats.TryDescribe(format, out var described))
        {
            _packetizer = null;
            return;
        }

        if (_packetizer?.Codec != format.Codec && Packetizer.TryCreate(format.Codec, out _packetizer)) _buffer = new byte[_packetizer.MaxPayload];
        _formatIndex = _track.IndexOf(described);
        _track.Describe(described);
        if (!format.Resolution.IsEmpty) _track.Describe(format.Resolution);
    }

    private bool TryAppend(in Frame frame, Instant arrivedAt)
    {
        if (_packetizer is null || !_packetizer.Begin(frame)) return false;
        while (_packetizer.TryTake(frame, _buffer, out var payload))
        {
            var header = new PacketHeader
            {
                Sequence = _sequence,
                Timestamp = frame.PresentationTime,
                ArrivedAt = arrivedAt,
                FormatIndex = _formatIndex,
                Flags = (payload.Marker ? PacketFlags.Marker : 0)
                    | (payload.StartsFrame ? PacketFlags.StartsFrame : 0)
                    | (payload.StartsKeyframe ? PacketFlags.StartsKeyframe : 0),
            };
            if (!_track.Packets.Append(ref header, default, _buffer.AsSpan(0, payload.Length))) return false;
            _sequence++;
        }

        return true;
    }
}
