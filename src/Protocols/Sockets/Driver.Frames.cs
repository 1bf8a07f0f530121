using Sluice.Protocols.Sockets.Tcp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets;

/// <content>What comes over TCP: frames, and connections that belong to another driver.</content>
public sealed partial class Driver<TMachine>
{
    private const int MaxRefusedInARow = 64;
    private const int MaxHops = 4;

    private void HandleConnection(TcpConnection connection, in Ready ready, Instant now)
    {
        if (ready.Writable)
        {
            _tcp.Flush(connection);
            if (connection.Slot < 0) return;
        }

        if (ready.Readable && _tcp.Receive(connection)) HandleFrames(connection, now);
    }

    private void HandleFrames(TcpConnection connection, Instant now)
    {
        while (connection.Input.TryRead(out var frame))
        {
            _statistics.DatagramsReceivedCount++;
            _statistics.BytesReceivedCount += frame.Length;
            try
            {
                if (!HandleFrame(connection, Machine.HandleDatagram(now, connection.Path, frame), now)) return;
            }
            catch (Exception error)
            {
                // The frames behind it stay: nothing would call for them again.
                Fail(error);
            }
        }

        if (connection.Input.IsBroken) _tcp.Close(connection);
    }

    // False where the connection is no longer ours.
    private bool HandleFrame(TcpConnection connection, Handling handling, Instant now)
    {
        switch (handling.Kind)
        {
            case HandlingKind.Handled:
                _tcp.Prove(connection, now);
                return true;
            case HandlingKind.HandOver:
                PassOn(connection, TargetOf(handling), now);
                return false;
            default:
                _statistics.RefusedCount++;
                if (connection.Proven && ++connection.RefusedInARow < MaxRefusedInARow) return true;
                _tcp.Close(connection);
                return false;
        }
    }

    // The frame goes back into the connection's buffer: the new owner reads it again, and everything after it.
    private void PassOn(TcpConnection connection, Driver<TMachine> target, Instant now)
    {
        // Answers to the frames before this one go with the connection.
        Transmit(now);
        if (connection.Slot < 0) return;
        connection.Input.Unread();
        _tcp.Detach(connection);
        if (++connection.Hops <= MaxHops && target.Inbox.TryPut(connection))
        {
            _statistics.HandOversSentCount++;
            target.Wake();
            return;
        }

        _statistics.HandOversDroppedCount++;
        _statistics.TcpClosedCount++;
        connection.Dispose();
    }
}
