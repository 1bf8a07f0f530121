using Sluice.Protocols.Rtp.Extensions;
using Sluice.Protocols.Rtp.Packets;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Inputs.Whip;

/// <summary>
/// Which track an RTP stream feeds: by its SSRC once known; before that by what SDP announced, by the rid and mid header extensions, and at last
/// by a payload type that only one m-line has (RFC 9143 §9.2).
/// </summary>
internal sealed class IncomingStreams(NegotiatedSession negotiated, IncomingTrack[] tracks, HeaderExtensionMap extensions)
{
    // Three simulcast layers of two cameras with retransmissions, restarted twice, and sound. At the limit new SSRCs are ignored.
    private const int MaxStreams = 32;

    private readonly Binding[] _bindings = new Binding[MaxStreams];
    private int _count;

    private readonly record struct Binding(Ssrc Ssrc, IncomingTrack Track, bool IsRtx);

    public bool TryFind(in RtpPacketView packet, out IncomingTrack track, out bool isRtx)
    {
        var ssrc = packet.Ssrc;
        for (var i = 0; i < _count; i++)
        {
            ref readonly var binding = ref _bindings[i];
            if (binding.Ssrc != ssrc) continue;
            track = binding.Track;
            isRtx = binding.IsRtx;
            return true;
        }

        isRtx = false;
        track = null!;
        if (_count == MaxStreams || Resolve(packet, out isRtx) is not { } found) return false;
        track = found;
        _bindings[_count++] = new Binding(ssrc, track, isRtx);
        return true;
    }

    /// <summary>The track an SSRC of media feeds, for reports about it.</summary>
    public IncomingTrack? Find(Ssrc ssrc)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_bindings[i].Ssrc == ssrc && !_bindings[i].IsRtx) return _bindings[i].Track;
        }

        return null;
    }

    private IncomingTrack? Resolve(in RtpPacketView packet, out bool isRtx)
    {
        var payloadType = packet.PayloadType.Value;
        isRtx = false;
        if (extensions.TryGet(packet, HeaderExtensionKind.RepairedRid, out var rid))
        {
            isRtx = true;
            return ByRid(packet, rid);
        }

        if (extensions.TryGet(packet, HeaderExtensionKind.Rid, out rid)) return ByRid(packet, rid);
        if (ByAnnouncement(packet.Ssrc.Value, out isRtx) is { } announced) return announced;

        var media = MediaOf(packet, payloadType);
        if (media is null) return null;

        // With several layers and no rid it cannot be told which; the next packets will carry one.
        var track = media.Rids.Count == 0 ? TrackOf(media, 0) : null;
        isRtx = track is not null && track.Formats.IsRtx(payloadType, out _);
        return track;
    }

    private IncomingTrack? ByAnnouncement(uint ssrc, out bool isRtx)
    {
        isRtx = false;
        foreach (var media in negotiated.Media)
        {
            for (var i = 0; i < media.RemoteSsrcs.Count; i++)
            {
                var pair = media.RemoteSsrcs[i];
                isRtx = pair.RtxSsrc == ssrc && ssrc != 0;
                if (pair.Ssrc == ssrc || isRtx) return TrackOf(media, media.Rids.Count > i ? i : 0);
            }
        }

        isRtx = false;
        return null;
    }

    private IncomingTrack? ByRid(in RtpPacketView packet, ReadOnlySpan<byte> rid)
    {
        var media = MediaOf(packet, packet.PayloadType.Value);
        if (media is null) return null;
        for (var i = 0; i < media.Rids.Count; i++)
        {
            if (System.Text.Ascii.Equals(rid, media.Rids[i])) return TrackOf(media, i);
        }

        return null;
    }

    private NegotiatedMedia? MediaOf(in RtpPacketView packet, byte payloadType)
    {
        if (extensions.TryGet(packet, HeaderExtensionKind.Mid, out var mid))
        {
            foreach (var media in negotiated.Media)
            {
                if (System.Text.Ascii.Equals(mid, media.Mid)) return media;
            }

            return null;
        }

        NegotiatedMedia? only = null;
        foreach (var media in negotiated.Media)
        {
            if (!TrackOf(media, 0)!.Formats.IsKnown(payloadType)) continue;
            if (only is not null) return null;
            only = media;
        }

        return only;
    }

    private IncomingTrack? TrackOf(NegotiatedMedia media, int layer)
    {
        foreach (var track in tracks)
        {
            if (track.Track.Id.Kind == media.Kind && track.Track.Id.Number == media.Ordinal && layer-- == 0) return track;
        }

        return null;
    }
}
