using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sluice.Bench.Linux;
using Sluice.Protocols.Sockets.Linux;

namespace Sluice.Bench.Floor;

/// <summary>One thread of a relay, with a socket of its own.</summary>
internal sealed unsafe class RelayWorker : IDisposable
{
    private const int BatchMessages = 32;
    private const int BufferLength = 2048;
    private const int WaitForOne = 0x10000; // MSG_WAITFORONE
    private const int SocketBuffer = 8 << 20;

    private readonly RelayStream[] _streams;
    private readonly int _processor;
    private readonly bool _receives;
    private readonly Func<int> _admitted;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly RelayOutput _output;
    private readonly RelayOutput.Viewer[][] _viewers;
    private readonly long[] _sent;
    private readonly List<int> _ready = [];
    private readonly SafeFileHandle _news = new(Libc.EventDescriptor(0, Libc.CloseOnExec), ownsHandle: true);
    private readonly MessageBatch _batch = new(BatchMessages);
    private readonly byte[] _bytes = GC.AllocateArray<byte>(BatchMessages * BufferLength, pinned: true);

    /// <param name="streams">All there are.</param>
    /// <param name="processor">The processor it is bound to; -1 for any.</param>
    /// <param name="port">The port publishers send to; 0 chooses one.</param>
    /// <param name="receives">False for one that only sends what another has received.</param>
    /// <param name="admitted">How many of the viewers are there.</param>
    public RelayWorker(RelayStream[] streams, int processor, ushort port, bool receives, Func<int> admitted)
    {
        _admitted = admitted;
        _streams = streams;
        _processor = processor;
        _receives = receives;
        _viewers = new RelayOutput.Viewer[streams.Length][];
        _sent = new long[streams.Length];
        if (receives) LinuxUdpPort.SetInteger(_socket, Libc.SolSocket, Libc.SoReusePort, 1);
        _socket.ReceiveBufferSize = SocketBuffer;
        _socket.SendBufferSize = SocketBuffer;
        _socket.DontFragment = true;
        _socket.Bind(new IPEndPoint(IPAddress.Any, receives ? port : 0));
        Port = (ushort)((IPEndPoint)_socket.LocalEndPoint!).Port;
        _output = new RelayOutput(_socket);
        for (var i = 0; i < BatchMessages; i++)
        {
            _batch.Vector(i) = new Libc.IoVector { Base = MessageBatch.PointerTo(_bytes, i * BufferLength), Length = BufferLength };
            _batch[i].Header.Control = null;
            _batch[i].Header.ControlLength = 0;
        }
    }

    public ushort Port { get; }

    /// <summary>Those that send what this one receives, too.</summary>
    public RelayWorker[] Others { get; set; } = [];

    public void SetViewers(int publisher, RelayOutput.Viewer[] viewers) => _viewers[publisher] = viewers;

    public void Run()
    {
        if (_processor >= 0) Processors.Read()?.TryBindThread(_processor);
        while (true)
        {
            if (_receives) Receive();
            else Await();
            foreach (var publisher in _ready)
            {
                var stream = _streams[publisher];
                var end = stream.Whole;
                if (end > _sent[publisher]) _output.Send(stream, _sent[publisher], end, _viewers[publisher], (uint)_admitted());
                _sent[publisher] = end;
            }

            _ready.Clear();
        }
    }

    public void Dispose()
    {
        _news.Dispose();
        _socket.Dispose();
    }

    private void Await()
    {
        BenchLibc.AwaitEvent(_news);
        _ready.Add(0);
    }

    private void Receive()
    {
        for (var i = 0; i < BatchMessages; i++) _batch[i].Header.NameLength = SocketName.Capacity;
        var count = Libc.ReceiveMessages((int)_socket.Handle, _batch.PointerTo(0), BatchMessages, WaitForOne, null);
        for (var i = 0; i < count; i++)
        {
            if (!SocketName.TryRead(_batch.Name(i)[..(int)_batch[i].Header.NameLength], out var from)) continue;
            var publisher = (int)(from.IPv4 - Relay.FirstPublisher);
            if ((uint)publisher >= (uint)_streams.Length) continue;
            if (!_streams[publisher].TryAppend(_bytes.AsSpan(i * BufferLength, (int)_batch[i].Length))) continue;
            if (!_ready.Contains(publisher)) _ready.Add(publisher);
        }

        if (_ready.Count == 0 || Others.Length == 0) return;
        foreach (var other in Others)
        {
            Signal(other._news);
        }
    }

    private static void Signal(SafeFileHandle descriptor)
    {
        ulong one = 1;
        Libc.Write(descriptor, &one, sizeof(ulong));
    }
}
