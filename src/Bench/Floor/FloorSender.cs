using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Sluice.Bench.Traffic;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Bench.Floor;

/// <summary>
/// The least a server can do: for every viewer a header, the product's own encryption with the viewer's own key, and sendmmsg of UDP_SEGMENT runs. No ICE,
/// no RTCP, no log, nothing that differs between viewers but key and SSRC. One thread.
/// </summary>
internal sealed class FloorSender : IDisposable
{
    private const int HeaderLength = 12;
    private const uint FirstAddress = 0x7f01_0001;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TrafficShape _shape;
    private readonly SrtpSender[] _senders;
    private readonly byte[][] _names;
    private readonly byte[] _noise = new byte[TrafficShape.MaxPayload];
    private readonly RunQueue _queue;
    private long _video = 1000;
    private long _audio = 2000;

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
            _names[i] = RunQueue.NameOf(FirstAddress + (uint)i, ports[i * ports.Count / viewers]);
        }

        _socket.DontFragment = true; // as the server does
        _socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        _socket.SendBufferSize = 8 << 20;
        _queue = new RunQueue(_socket);
    }

    /// <summary>Packets sent.</summary>
    public long Packets { get; private set; }

    /// <summary>Runs sent: what the kernel is asked for.</summary>
    public long Runs { get; private set; }

    /// <summary>Runs the kernel refused.</summary>
    public long Refused => _queue.Refused;

    /// <summary>Sends one run to every viewer; <see cref="Flush"/> sends what is left.</summary>
    public void Send(PacketRun run, uint timestamp)
    {
        var isAudio = _shape.Packets[run.First].IsAudio;
        ref var sequence = ref isAudio ? ref _audio : ref _video;
        for (var viewer = 0; viewer < _senders.Length; viewer++)
        {
            _queue.Begin();
            var size = 0;
            for (var i = 0; i < run.Count; i++)
            {
                ref readonly var packet = ref _shape.Packets[run.First + i];
                var destination = _queue.Next;
                BinaryPrimitives.WriteUInt32BigEndian(destination, 0x8000_0000 | (packet.Marker ? 0x80_0000u : 0) | (isAudio ? 111u : 106u) << 16 | (ushort)(sequence + i));
                BinaryPrimitives.WriteUInt32BigEndian(destination[4..], timestamp + packet.Timestamp);
                BinaryPrimitives.WriteUInt32BigEndian(destination[8..], (uint)viewer << 1 | (isAudio ? 1u : 0));
                var length = _senders[viewer].ProtectRtp(destination, HeaderLength, _noise.AsSpan(0, packet.Length), (uint)(sequence + i >> 16), _queue.Tags);
                if (i == 0) size = length;
                _queue.Add(length);
            }

            _queue.End(_names[viewer], size);
        }

        sequence += run.Count;
        Packets += (long)run.Count * _senders.Length;
        Runs += _senders.Length;
    }

    /// <summary>Sends what was queued.</summary>
    public void Flush() => _queue.Flush();

    public void Dispose()
    {
        _socket.Dispose();
        foreach (var sender in _senders) sender.Dispose();
    }
}
