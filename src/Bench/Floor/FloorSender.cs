using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Sluice.Bench.Traffic;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Wire;

namespace Sluice.Bench.Floor;

/// <summary>
/// The least a server can do: for every viewer a header, the product's own encryption with the viewer's own key, and sendmmsg of UDP_SEGMENT runs. No ICE,
/// no RTCP, no log, nothing that differs between viewers but key and SSRC. One thread.
/// </summary>
internal sealed unsafe class FloorSender : IDisposable
{
    private const int HeaderLength = 12;
    private const int MaxBurst = 64;
    private const int BurstBytes = 96 * 1024; // so much is encrypted before it is sent: more would leave the cache
    private const uint FirstAddress = 0x7f01_0001;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TrafficShape _shape;
    private readonly SrtpSender[] _senders;
    private readonly byte[][] _names;
    private readonly byte[] _noise = new byte[TrafficShape.MaxPayload];
    private readonly byte[] _bytes = GC.AllocateArray<byte>(2 * BurstBytes, pinned: true);
    private readonly MessageBatch _messages = new(MaxBurst);
    private readonly SrtpBatch? _tags = SrtpBatch.IsWorthwhile ? new SrtpBatch() : null;
    private readonly int _descriptor;
    private long _video = 1000;
    private long _audio = 2000;
    private int _count;
    private int _used;

    /// <param name="shape">What is sent.</param>
    /// <param name="profile">How it is encrypted.</param>
    /// <param name="viewers">To how many.</param>
    /// <param name="ports">The receivers' ports; viewers take turns.</param>
    public FloorSender(TrafficShape shape, SrtpProfile profile, int viewers, IReadOnlyList<ushort> ports)
    {
        _shape = shape;
        _senders = new SrtpSender[viewers];
        _names = new byte[viewers][];
        RandomNumberGenerator.Fill(_noise);
        for (var i = 0; i < viewers; i++)
        {
            using var keys = new SrtpKeys(profile, RandomNumberGenerator.GetBytes(profile.KeyLength()), RandomNumberGenerator.GetBytes(profile.SaltLength()));
            _senders[i] = new SrtpSender(keys);
            _names[i] = new byte[SocketName.Capacity];
            SocketName.Write(_names[i], NetworkAddress.FromIPv4(FirstAddress + (uint)i, ports[i * ports.Count / viewers]));
        }

        _socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        _socket.SendBufferSize = 8 << 20;
        _descriptor = (int)_socket.Handle;
    }

    /// <summary>Packets sent.</summary>
    public long Packets { get; private set; }

    /// <summary>Runs sent: what the kernel is asked for.</summary>
    public long Runs { get; private set; }

    /// <summary>Runs the kernel refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Sends one run to every viewer; <see cref="Flush"/> sends what is left.</summary>
    public void Send(PacketRun run, uint timestamp)
    {
        var isAudio = _shape.Packets[run.First].IsAudio;
        ref var sequence = ref isAudio ? ref _audio : ref _video;
        for (var viewer = 0; viewer < _senders.Length; viewer++)
        {
            if (_count == MaxBurst || _used > BurstBytes) Flush();
            var start = _used;
            var size = 0;
            for (var i = 0; i < run.Count; i++)
            {
                ref readonly var packet = ref _shape.Packets[run.First + i];
                var destination = _bytes.AsSpan(_used);
                BinaryPrimitives.WriteUInt32BigEndian(destination, 0x8000_0000 | (packet.Marker ? 0x80_0000u : 0) | (isAudio ? 111u : 106u) << 16 | (ushort)(sequence + i));
                BinaryPrimitives.WriteUInt32BigEndian(destination[4..], timestamp + packet.Timestamp);
                BinaryPrimitives.WriteUInt32BigEndian(destination[8..], (uint)viewer << 1 | (isAudio ? 1u : 0));
                var length = _senders[viewer].ProtectRtp(destination, HeaderLength, _noise.AsSpan(0, packet.Length), (uint)(sequence + i >> 16), _tags);
                if (i == 0) size = length;
                _used += length;
            }

            Queue(viewer, start, size, run.Count);
        }

        sequence += run.Count;
        Packets += (long)run.Count * _senders.Length;
        Runs += _senders.Length;
    }

    /// <summary>Sends what was queued.</summary>
    public void Flush()
    {
        _tags?.Complete();
        var next = 0;
        while (next < _count)
        {
            var sent = Libc.SendMessages(_descriptor, _messages.PointerTo(next), (uint)(_count - next), Libc.MsgNoSignal);
            if (sent <= 0) Refused++;
            next += Math.Max(1, sent);
        }

        _count = 0;
        _used = 0;
    }

    public void Dispose()
    {
        _socket.Dispose();
        foreach (var sender in _senders) sender.Dispose();
    }

    private void Queue(int viewer, int start, int segment, int packets)
    {
        _names[viewer].AsSpan(0, 16).CopyTo(_messages.Name(_count));
        _messages.Vector(_count) = new Libc.IoVector { Base = MessageBatch.PointerTo(_bytes, start), Length = (nuint)(_used - start) };
        ref var header = ref _messages[_count].Header;
        header.NameLength = 16;
        header.ControlLength = packets > 1 ? (nuint)Cmsg.WriteSegmentSize(_messages.Control(_count), (ushort)segment) : 0;
        header.Control = packets > 1 ? MessageBatch.PointerTo(_messages.Controls, _count * Cmsg.Capacity) : null;
        _count++;
    }
}
