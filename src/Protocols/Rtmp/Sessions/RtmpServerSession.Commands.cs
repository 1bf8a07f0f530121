using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Chunks;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>What clients ask (RTMP 1.0 §7.2), and what encoders ask besides.</summary>
public sealed partial class RtmpServerSession
{
    private void HandleCommand(in RtmpMessage message, Instant now)
    {
        if (message.Payload.Length > _options.MaxCommandBytes)
        {
            Fail(RtmpError.CommandTooLong);
            return;
        }

        if (message.Payload.IsEmpty)
        {
            EmptyMessages++;
            return;
        }

        if (!RtmpCommand.TryRead(message.Payload, _options.Amf, out var command, out var damage))
        {
            Fail(RtmpError.BadCommand);
            return;
        }

        if (damage != AmfError.None) Report(new RtmpUnsupported(message.Type, TagError.None, damage, 0));
        if (!_isConnected && command.Name is not ("connect" or "_result" or "_error"))
        {
            Fail(RtmpError.UnexpectedCommand);
            return;
        }

        switch (command.Name)
        {
            case "connect":
                HandleConnect(command);
                break;
            case "createStream":
                HandleCreateStream(command);
                break;
            case "publish":
                HandlePublish(command, message.StreamId);
                break;
            case "FCPublish":
                _isAnnounced = true;
                SendResult(command.Transaction);
                break;
            case "FCUnpublish":
                Unpublish(command[1].Text, now);
                SendResult(command.Transaction);
                break;
            case "deleteStream":
                DeleteStream(command[1].Number, now);
                break;
            case "closeStream":
                if (Find(message.StreamId) is var closed and >= 0) End(closed, now);
                break;
            case "getStreamLength":
                SendResult(command.Transaction, AmfValue.Of(0));
                break;
            case "play" or "play2":
                SendStatus(message.StreamId, "error", "NetStream.Play.Failed", "This server does not play over RTMP.");
                break;
            case "releaseStream" or "_checkbw" or "FCSubscribe" or "receiveAudio" or "receiveVideo" or "pause" or "seek":
                SendResult(command.Transaction);
                break;
            case "_result" or "_error" or "onStatus" or "onBWDone":
                break;
            default:
                if (command.Transaction != 0) SendError(command.Transaction, "NetConnection.Call.Failed", "There is no such method.");
                break;
        }
    }

    private void HandleConnect(in RtmpCommand command)
    {
        if (_isConnected || command[0].Kind != AmfKind.Structure)
        {
            Fail(_isConnected ? RtmpError.UnexpectedCommand : RtmpError.BadCommand);
            return;
        }

        _connect = RtmpConnect.From(command[0]);
        _pending = Pending.Connect;
        _requestTransaction = command.Transaction;
        _timers.Stop(RtmpTimer.Command);
        _events.Enqueue(new RtmpEvent(RtmpEventKind.ConnectRequested, Connect: _connect));
    }

    private void HandleCreateStream(in RtmpCommand command)
    {
        for (var i = 0; i < _streams.Length; i++)
        {
            if (_streams[i].State != StreamState.Free) continue;
            _streams[i] = new MessageStream { Id = (uint)(i + 1), State = StreamState.Created };
            SendResult(command.Transaction, AmfValue.Of(i + 1));
            return;
        }

        SendError(command.Transaction, "NetConnection.Call.Failed", "There are too many streams on this connection.");
    }

    // Encoders exist that publish without having created a stream, on stream 0 or on the one they expect to get.
    private void HandlePublish(in RtmpCommand command, uint streamId)
    {
        if (command[1].Kind != AmfKind.Text)
        {
            Fail(RtmpError.BadCommand);
            return;
        }

        var index = Find(streamId);
        if (index < 0)
        {
            index = Array.FindIndex(_streams, static stream => stream.State == StreamState.Free);
            if (index < 0)
            {
                Fail(RtmpError.UnexpectedCommand);
                return;
            }

            _streams[index] = new MessageStream { Id = streamId, State = StreamState.Created };
        }

        if (_streams[index].State == StreamState.Publishing)
        {
            SendStatus(streamId, "error", "NetStream.Publish.BadName", "This stream is published already.");
            return;
        }

        _pending = Pending.Publish;
        _requestStream = streamId;
        _request = RtmpPublish.From(_connect!, command[1].Text, command[2].Text);
        _timers.Stop(RtmpTimer.Command);
        _events.Enqueue(new RtmpEvent(RtmpEventKind.PublishRequested, streamId, Publish: _request));
    }

    private void Unpublish(string name, Instant now)
    {
        var mark = name.IndexOf('?', StringComparison.Ordinal);
        if (mark >= 0) name = name[..mark];
        for (var i = 0; i < _streams.Length; i++)
        {
            if (_streams[i].Publication?.Name != name) continue;
            End(i, now);
            return;
        }
    }

    private void DeleteStream(double id, Instant now)
    {
        for (var i = 0; i < _streams.Length; i++)
        {
            if (_streams[i].State == StreamState.Free || _streams[i].Id != id) continue;
            End(i, now);
            _streams[i] = default;
        }
    }

    private void End(int index, Instant now)
    {
        var streamId = _streams[index].Id;
        if (!EndPublication(ref _streams[index], RtmpPublishEnd.Unpublished)) return;
        SendStatus(streamId, "status", "NetStream.Unpublish.Success", "The publication has ended.");
        if (HasPublication()) return;
        _timers.Stop(RtmpTimer.Ping);
        _timers.Set(RtmpTimer.Command, now + _options.CommandTimeout);
    }

    private int Find(uint streamId) => Array.FindIndex(_streams, stream => stream.State != StreamState.Free && stream.Id == streamId);

    private bool HasPublication() => Array.Exists(_streams, static stream => stream.State == StreamState.Publishing);
}
