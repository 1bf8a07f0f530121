using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Rtmp.Tags;

namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>Audio, video and data messages.</summary>
public sealed partial class RtmpServerSession
{
    private const int MaxReports = 16;
    private const int FlvTagHeader = 11;
    private const int FlvTagTrailer = 4;
    private const int MaxDataInAggregate = 16;

    private readonly RtmpUnsupported[] _reported = new RtmpUnsupported[MaxReports];
    private int _reportCount;

    private void HandleMedia(in RtmpMessage message, IRtmpMediaSink sink)
    {
        var index = FindPublication(message.StreamId);
        if (index < 0)
        {
            StrayMessages++;
            return;
        }

        var streamId = _streams[index].Id;
        var kind = message.Type == RtmpMessageType.Audio ? MediaKind.Audio : MediaKind.Video;
        var reader = new TagReader(kind, message.Timestamp, message.Payload);
        while (reader.TryRead(out var tag))
        {
            if (tag.Codec == RtmpCodec.Unknown && tag.PacketType != TagPacketType.Command)
            {
                UnreadableMessages++;
                Report(new RtmpUnsupported(message.Type, TagError.None, default, tag.FourCc));
                continue;
            }

            sink.OnMedia(streamId, tag);
        }

        if (reader.Error == TagError.Empty) EmptyMessages++;
        else if (reader.Error != TagError.None)
        {
            UnreadableMessages++;
            Report(new RtmpUnsupported(message.Type, reader.Error, default, reader.ErrorValue));
        }
    }

    // FLV tags one after another; their times count from the first one's (RTMP 1.0 §7.1.6).
    private void HandleAggregate(in RtmpMessage message, IRtmpMediaSink sink)
    {
        var rest = message.Payload;
        uint? first = null;
        var data = 0;
        while (rest.Length >= FlvTagHeader)
        {
            var type = (RtmpMessageType)(rest[0] & 0x1f);
            var length = rest[1] << 16 | rest[2] << 8 | rest[3];
            var time = (uint)(rest[4] << 16 | rest[5] << 8 | rest[6] | rest[7] << 24);
            if (length > rest.Length - FlvTagHeader) break;
            first ??= time;
            var inner = new RtmpMessage(type, message.StreamId, message.Timestamp + (int)(time - first.Value), rest.Slice(FlvTagHeader, length));
            if (type is RtmpMessageType.Audio or RtmpMessageType.Video) HandleMedia(inner, sink);
            else if (type is RtmpMessageType.DataAmf0 or RtmpMessageType.DataAmf3 && data++ < MaxDataInAggregate) HandleData(inner);
            else UnreadableMessages++;
            rest = rest[(FlvTagHeader + length)..];
            rest = rest[Math.Min(rest.Length, FlvTagTrailer)..];
        }

        if (rest.IsEmpty) return;
        UnreadableMessages++;
        Report(new RtmpUnsupported(message.Type, TagError.Truncated, default, 0));
    }

    private void HandleData(in RtmpMessage message)
    {
        var index = FindPublication(message.StreamId);
        if (index < 0)
        {
            StrayMessages++;
            return;
        }

        if (message.Payload.Length > _options.MaxCommandBytes)
        {
            Report(new RtmpUnsupported(message.Type, default, AmfError.TooManyValues, 0));
            return;
        }

        if (message.Payload.IsEmpty)
        {
            EmptyMessages++;
            return;
        }

        var reader = new AmfReader(RtmpCommand.WithoutFormat(message.Payload), _options.Amf);
        var isNamed = reader.TryReadText(out var name);
        if (isNamed && name == "@setDataFrame") isNamed = reader.TryReadText(out name);
        reader.TryRead(out var value);
        if (!isNamed || reader.Error != AmfError.None)
        {
            Report(new RtmpUnsupported(message.Type, default, reader.Error == AmfError.None ? AmfError.Truncated : reader.Error, 0));
            return;
        }

        var kind = name == "onMetaData" ? RtmpEventKind.Metadata : RtmpEventKind.Message;
        _events.Enqueue(new RtmpEvent(kind, _streams[index].Id, Name: name, Value: value, Timestamp: message.Timestamp));
    }

    // Some encoders send media on another stream than they publish on; with one publication there is no doubt which is meant.
    private int FindPublication(uint streamId)
    {
        var only = -1;
        var count = 0;
        for (var i = 0; i < _streams.Length; i++)
        {
            if (_streams[i].State != StreamState.Publishing) continue;
            if (_streams[i].Id == streamId) return i;
            only = i;
            count++;
        }

        return count == 1 ? only : -1;
    }

    // Once for each different thing, so that a session adds no more than so many events beyond the limit of the queue.
    private void Report(in RtmpUnsupported unsupported)
    {
        if (_reportCount == MaxReports || _reported.AsSpan(0, _reportCount).Contains(unsupported)) return;
        _reported[_reportCount++] = unsupported;
        _events.Enqueue(new RtmpEvent(RtmpEventKind.Unsupported, Unsupported: unsupported));
    }

    private void HandleUserControl(ReadOnlySpan<byte> payload, Wire.Instant now)
    {
        const ushort pingRequest = 6;
        const ushort pingResponse = 7;
        if (payload.Length < 6) return;
        var type = BinaryPrimitives.ReadUInt16BigEndian(payload);
        var value = BinaryPrimitives.ReadUInt32BigEndian(payload[2..]);
        if (type == pingRequest && HasRoomToSpare) SendUserControl(pingResponse, value);
        if (type != pingResponse) return;
        var elapsed = (now - _begun).TotalMilliseconds - value;
        if (elapsed is >= 0 and < 60_000) RoundTrip = TimeSpan.FromMilliseconds(elapsed);
    }
}
