using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Outputs.Whep;

/// <summary>
/// Which of the viewer's payload types stands for each format of the source's track, looked up once for each format: publishers change
/// codec, viewers have agreed on many.
/// </summary>
internal sealed class OutgoingPayloads(NegotiatedMedia media)
{
    private const int MaxFormats = 64;

    private readonly Entry[] _entries = new Entry[MaxFormats];
    private Track? _track;
    private int _known;
    private TrackFormat? _asked;
    private bool _isCarried;

    internal readonly record struct Entry(bool IsDecodable, byte PayloadType, byte RtxPayloadType, Codec Codec)
    {
        public bool HasRtx => RtxPayloadType != 0;
    }

    /// <summary>The viewer's payload type for a packet; not decodable where the viewer has none that fits.</summary>
    public Entry For(Track track, byte formatIndex)
    {
        if (!ReferenceEquals(track, _track) || formatIndex >= _known) Learn(track);
        return _entries[formatIndex];
    }

    /// <summary>True where the viewer has a payload type for a format. Asked again and again of the one format that a source's layers have.</summary>
    public bool Carries(TrackFormat format)
    {
        if (format == _asked) return _isCarried;
        _asked = format;
        return _isCarried = PayloadMatch.TryMatch(format, media.Payloads, out _);
    }

    private void Learn(Track track)
    {
        _track = track;
        _known = track.FormatCount;
        for (byte i = 0; i < _known; i++)
        {
            var format = track.FormatAt(i);
            _entries[i] = PayloadMatch.TryMatch(format, media.Payloads, out var payload)
                ? new Entry(true, payload.PayloadType, payload.RtxPayloadType ?? 0, format.Codec)
                : default;
        }
    }
}
