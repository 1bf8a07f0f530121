using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Sockets;

/// <summary>A machine that answers as the test says; without a script it echoes.</summary>
internal sealed class ScriptedMachine : IDatagramMachine
{
    private readonly Queue<(NetworkPath Path, byte[] Bytes, int SegmentSize)> _output = new();
    private int _handled;
    private int _timeouts;

    public Func<ScriptedMachine, NetworkPath, byte[], Handling>? OnDatagram { get; init; }

    public Action<ScriptedMachine, Instant>? OnTimeout { get; init; }

    public int Handled => Volatile.Read(ref _handled);

    public int Timeouts => Volatile.Read(ref _timeouts);

    public Instant NextTimeout { get; set; } = Instant.Never;

    public void Send(NetworkPath path, byte[] bytes, int? segmentSize = null) => _output.Enqueue((path, bytes, segmentSize ?? bytes.Length));

    public Handling HandleDatagram(Instant now, in NetworkPath path, Span<byte> datagram)
    {
        Interlocked.Increment(ref _handled);
        return OnDatagram is null ? Echo(path, datagram.ToArray()) : OnDatagram(this, path, datagram.ToArray());
    }

    public Handling Echo(NetworkPath path, byte[] bytes)
    {
        Send(path, bytes);
        return Handling.Handled;
    }

    public void HandleTimeout(Instant now)
    {
        Interlocked.Increment(ref _timeouts);
        if (NextTimeout.IsDue(now)) NextTimeout = Instant.Never;
        OnTimeout?.Invoke(this, now);
    }

    public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
    {
        if (!_output.TryDequeue(out var next))
        {
            transmit = default;
            return false;
        }

        next.Bytes.CopyTo(destination);
        transmit = new Transmit(next.Path, next.Bytes.Length, next.SegmentSize);
        return true;
    }
}
