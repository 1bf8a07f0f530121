using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Inputs.Whip;

/// <summary>
/// What each payload type of one m-line stands for: a format, or retransmissions of another payload type. The profile of H.264 is taken from
/// the bitstream as soon as it says one: what SDP announces is what the sender may use, not what it uses.
/// </summary>
internal sealed class IncomingFormats
{
    private const int PayloadTypes = 128;

    private readonly TrackFormat?[] _formats = new TrackFormat?[PayloadTypes];
    private readonly bool[] _isRtx = new bool[PayloadTypes];
    private readonly byte[] _originals = new byte[PayloadTypes];

    public IncomingFormats(NegotiatedMedia media)
    {
        foreach (var payload in media.Payloads)
        {
            _formats[payload.PayloadType] = payload.Format;
            if (payload.RtxPayloadType is not { } rtx) continue;
            _isRtx[rtx] = true;
            _originals[rtx] = payload.PayloadType;
        }
    }

    public bool IsKnown(byte payloadType) => _formats[payloadType] is not null || _isRtx[payloadType];

    /// <summary>True for a payload type of retransmissions; <paramref name="original"/> is what they retransmit.</summary>
    public bool IsRtx(byte payloadType, out byte original)
    {
        original = _originals[payloadType];
        return _isRtx[payloadType];
    }

    public bool TryGet(byte payloadType, out TrackFormat format)
    {
        format = _formats[payloadType]!;
        return format is not null;
    }

    /// <summary>Notes the profile the bitstream says; true where it is news.</summary>
    public bool Learn(byte payloadType, ProfileLevelId profile, ref TrackFormat format)
    {
        var text = profile.ToString();
        if (format.Parameters.Contains(text, StringComparison.OrdinalIgnoreCase)) return false;
        var others = format.Parameters.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(p => !p.StartsWith("profile-level-id=", StringComparison.OrdinalIgnoreCase));
        format = format with { Parameters = string.Join(';', others.Append($"profile-level-id={text}")) };
        _formats[payloadType] = format;
        return true;
    }
}
