using System.Buffers.Binary;
using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.WebRtc.Peers;
using Sluice.Protocols.WebRtc.Signalling;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Whep;

/// <summary>
/// One m-line of one viewer: a cursor on a track's log, and the shift from the source's numbers to the viewer's. Owned by the viewer's shard.
/// </summary>
/// <remarks>Choosing and changing the source is in <c>OutgoingTrack.Source.cs</c>, what is sent again in <c>OutgoingTrack.Retransmission.cs</c>.</remarks>
internal sealed partial class OutgoingTrack
{
    private const int HeaderLength = 12;
    private const int MaxRun = 48;

    // A packet so late that its picture has no number among those the viewer has been given.
    private const int NotForThisViewer = -1;

    // Equal segments make one UDP_SEGMENT run; a difference up to this, the most RTP padding can be, is filled with it rather than breaking the run:
    // another run costs the kernel more than encrypting these bytes, and only the last packet of a slice is ever that much shorter.
    private const int MaxPadding = 255;

    private readonly NegotiatedMedia _media;
    private readonly OutgoingHeaders _headers;
    private readonly OutgoingPayloads _payloads;
    private readonly PictureIdRewriter _pictureIds = new();
    private readonly uint _ssrc;
    private readonly uint _rtxSsrc;
    private readonly long _firstOut;

    private long _cursor;
    private long _highestOut;
    private long _lastTimestamp;
    private NtpTime _lastCapture;
    private Instant _lastArrival;
    private bool _atFrameEnd = true;

    public OutgoingTrack(NegotiatedMedia media, int number, uint ssrc, uint rtxSsrc, uint seed)
    {
        _media = media;
        Number = number;
        _ssrc = ssrc;
        _rtxSsrc = rtxSsrc;
        _headers = new OutgoingHeaders(media);
        _payloads = new OutgoingPayloads(media);

        // Random starts (RFC 3550 §5.1), in the lower half so that the first packets never wrap.
        _firstOut = seed & 0x7fff;
        _highestOut = _firstOut - 1;
        _lastTimestamp = seed >> 1;
    }

    public MediaKind Kind => _media.Kind;

    /// <summary>Which of the stream's sources of this kind the m-line shows.</summary>
    public int Number { get; }

    public string Mid => _media.Mid;

    public uint Ssrc => _ssrc;

    /// <summary>The viewer has agreed to a payload type that carries what the track sends; true where it has sent nothing yet.</summary>
    public bool Decodes(Track track) => track.Format is not { } format || _payloads.Carries(format);

    public bool HasStarted => _highestOut >= _firstOut;

    public long PacketsSent { get; private set; }

    public long OctetsSent { get; private set; }

    public long PacketsMissed { get; private set; }

    public long Undecodable { get; private set; }

    /// <summary>True where the log holds packets this viewer has not been sent.</summary>
    public bool HasNews => _source is { } source && _cursor < source.Track.Packets.Head;

    /// <summary>
    /// Writes the next run of packets: as many as are there, fit, may leave now by <paramref name="budget"/>, and can be made equally long.
    /// </summary>
    /// <returns>Bytes written; 0 where there is nothing to send.</returns>
    public int WriteRun(Peer peer, Span<byte> destination, int budget, SrtpBatch? batch, out int segmentSize)
    {
        segmentSize = 0;
        if (_source is not { } source) return 0;
        var log = source.Track.Packets;
        if (!SkipToSendable(source, log)) return 0;

        var count = Plan(source, log, peer.RtpOverhead, Math.Min(budget, destination.Length), out segmentSize);
        var written = 0;
        for (var i = 0; i < count; i++)
        {
            if (!log.TryRead(_cursor, out var view)) break;
            var payload = _payloads.For(source.Track, view.Header.FormatIndex);
            var waiting = batch?.Count ?? 0;
            var length = Write(peer, destination[written..], source, view, payload, i < count - 1 ? segmentSize : 0, batch);
            if (!view.IsStillValid)
            {
                batch?.Withdraw(waiting);
                break;
            }

            if (length == NotForThisViewer)
            {
                _cursor++;
                break;
            }

            written += length;
            Advance(source, view.Header);
        }

        return written;
    }

    /// <summary>Cache lines of this object that writing touches.</summary>
    public const int ObjectLines = 4;

    /// <summary>Brings what the object points to into the cache.</summary>
    public void FetchSource()
    {
        Prefetch.Lines(_source, 1);
        Prefetch.Lines(_headers, 1);
        Prefetch.Lines(_payloads, 1);
    }

    /// <summary>The viewer's timestamp that stands for a wall-clock time, for sender reports; false while nothing has been sent.</summary>
    public bool TryGetTimestamp(NtpTime at, out uint timestamp)
    {
        timestamp = 0;
        if (!HasStarted || _source is not { } source || source.Track.Timeline is not { } timeline) return false;
        timestamp = (uint)(timeline.ToTimestamp(at) + source.TimestampShift);
        return true;
    }

    private bool SkipToSendable(OutgoingSource source, PacketLog log)
    {
        while (_cursor < log.Head)
        {
            if (!log.TryRead(_cursor, out var view))
            {
                Jump(log);
                return false;
            }

            if (IsSendable(source, view.Header)) return true;
            _cursor++;
        }

        return false;
    }

    private bool IsSendable(OutgoingSource source, in PacketHeader header)
    {
        if (header.Sequence < source.FirstSequence) return false;
        if (_payloads.For(source.Track, header.FormatIndex).IsDecodable) return true;
        Undecodable++;
        return false;
    }

    // How many packets from the cursor on make one run, and how long its segments are. A packet much shorter than the others ends a run.
    private int Plan(OutgoingSource source, PacketLog log, int overhead, int room, out int segmentSize)
    {
        var maxPadding = CanPad ? MaxPadding : 0;
        var shortest = int.MaxValue;
        var count = 0;
        segmentSize = 0;
        while (count < MaxRun && log.TryRead(_cursor + count, out var view) && IsSendable(source, view.Header))
        {
            var length = LengthOf(source, view) + overhead;
            var longest = Math.Max(segmentSize, length);
            if (count > 0 && longest * (count + 1) > room) break;
            if (count > 0 && length > segmentSize && length - shortest > maxPadding) break;
            count++;
            segmentSize = longest;
            shortest = Math.Min(shortest, length);
            if (longest - length > maxPadding) break;
        }

        return count;
    }

    // Where retransmissions repeat the packet itself, its bytes must not depend on the run it first went out in.
    private bool CanPad => _rtxSsrc != 0;

    private int LengthOf(OutgoingSource source, in PacketView view) =>
        HeaderLength + _headers.LengthOf(view.Header.Sequence + source.SequenceShift - _firstOut, view.Extensions) + view.Payload.Length;

    /// <summary>Writes one protected packet and gives its length, or <see cref="NotForThisViewer"/>.</summary>
    private int Write(Peer peer, Span<byte> destination, OutgoingSource source, in PacketView view, OutgoingPayloads.Entry payload, int padTo,
        SrtpBatch? batch)
    {
        var sequence = view.Header.Sequence + source.SequenceShift;
        var padding = padTo == 0 ? 0 : padTo - peer.RtpOverhead - LengthOf(source, view);
        var headerLength = WriteHeader(destination, source, view, sequence, payload.PayloadType, _ssrc, padding > 0);
        var body = view.Payload;
        if (padding > 0 || payload.Codec is Codec.Vp8 or Codec.Vp9)
        {
            var copy = destination.Slice(headerLength, body.Length + padding);
            body.CopyTo(copy);
            if (!_pictureIds.Rewrite(payload.Codec, copy[..body.Length], source.PictureRun)) return NotForThisViewer;
            if (padding > 0)
            {
                copy[body.Length..].Clear();
                copy[^1] = (byte)padding;
            }

            body = copy;
        }

        return peer.ProtectRtp(destination, headerLength, body, (uint)(sequence >> 16), batch);
    }

    private int WriteHeader(Span<byte> destination, OutgoingSource source, in PacketView view, long sequence, byte payloadType, uint ssrc, bool isPadded = false)
    {
        var packetsBefore = sequence - _firstOut;
        var block = _headers.LengthOf(packetsBefore, view.Extensions);
        var first = (isPadded ? 0xa0u : 0x80u) | (block > 0 ? 0x10u : 0);
        var second = (view.Header.Has(PacketFlags.Marker) ? 0x80u : 0) | payloadType;
        var timestamp = (uint)(view.Header.Timestamp + source.TimestampShift);

        // One store: eight bytes are read at once when the header is authenticated, and a load that needs several stores waits for all of them to reach the cache.
        BinaryPrimitives.WriteUInt64BigEndian(destination, (ulong)(first << 24 | second << 16 | (ushort)sequence) << 32 | timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], ssrc);
        if (block > 0) _headers.Write(destination.Slice(HeaderLength, block), packetsBefore, view.Extensions);
        return HeaderLength + block;
    }

    private void Advance(OutgoingSource source, in PacketHeader header)
    {
        _cursor++;
        PacketsSent++;
        OctetsSent += header.PayloadLength;
        var sequence = header.Sequence + source.SequenceShift;
        if (sequence <= _highestOut) return;
        _highestOut = sequence;
        _lastTimestamp = header.Timestamp + source.TimestampShift;
        _lastArrival = header.ArrivedAt;
        _lastCapture = source.Track.Timeline?.ToNtp(header.Timestamp) ?? default;
        _atFrameEnd = header.Has(PacketFlags.Marker);
    }
}
