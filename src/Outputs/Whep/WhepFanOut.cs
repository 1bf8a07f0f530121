using Sluice.Control.Live;
using Sluice.Protocols.Rtp.Pacing;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Whep;

/// <summary>
/// One shard's share of the fan-out: for each channel its viewers on this shard. When a channel's logs have grown, every viewer of it is
/// visited once and takes a run; viewers with work of their own (retransmissions, packets held back by pacing) are visited apart.
/// </summary>
/// <remarks>Sans-IO like a machine: the shard's thread drives it, and takes until there is no more.</remarks>
public sealed class WhepFanOut(IReaderThread thread)
{
    private readonly Dictionary<LiveChannel, Group> _groups = [];
    private readonly List<Group> _active = [];
    private readonly List<WhepViewer> _listed = [];
    private readonly List<WhepViewer> _held = [];
    private Instant _nextTick = Instant.Never;

    private sealed class Group(LiveChannel channel)
    {
        public LiveChannel Channel { get; } = channel;

        public List<WhepViewer> Viewers { get; } = [];

        public long SeenVersion { get; set; } = -1;

        public long SeenHeads { get; set; }

        public int Next { get; set; }

        public bool IsActive { get; set; }

        // The sum of the logs' heads grows with every packet and never otherwise.
        public bool TakeNews()
        {
            var version = Channel.Version;
            long heads = 0;
            if (Channel.Stream is { } stream)
            {
                for (var i = 0; i < stream.Tracks.Count; i++)
                {
                    heads += stream.Tracks[i].Packets.Head;
                }
            }

            if (version == SeenVersion && heads == SeenHeads) return false;
            SeenVersion = version;
            SeenHeads = heads;
            return true;
        }
    }

    /// <summary>Viewers on this shard.</summary>
    public int ViewerCount { get; private set; }

    /// <summary>When held-back packets may leave.</summary>
    public Instant NextTimeout => _nextTick;

    internal void Add(WhepViewer viewer)
    {
        if (!_groups.TryGetValue(viewer.Channel, out var group)) _groups.Add(viewer.Channel, group = new Group(viewer.Channel));
        group.Viewers.Add(viewer);
        viewer.Channel.AddReader(thread);
        ViewerCount++;
        List(viewer);
    }

    internal void Remove(WhepViewer viewer)
    {
        if (!_groups.TryGetValue(viewer.Channel, out var group)) return;
        var at = group.Viewers.IndexOf(viewer);
        if (at < 0) return;

        // Order among viewers means nothing; the last one fills the gap. Who has been visited in this round may then miss a turn until the next packet.
        group.Viewers[at] = group.Viewers[^1];
        group.Viewers.RemoveAt(group.Viewers.Count - 1);
        viewer.Channel.RemoveReader(thread);
        ViewerCount--;
        _listed.Remove(viewer);
        _held.Remove(viewer);
        if (group.Viewers.Count == 0)
        {
            _groups.Remove(viewer.Channel);
            _active.Remove(group);
        }
    }

    /// <summary>Has one viewer visited, whatever its channel does.</summary>
    internal void List(WhepViewer viewer)
    {
        if (viewer.IsListed) return;
        viewer.IsListed = true;
        _listed.Add(viewer);
    }

    /// <summary>Before taking: finds out which channels have news.</summary>
    public void Prepare(Instant now)
    {
        foreach (var group in _groups.Values)
        {
            if (!group.TakeNews()) continue;
            group.Next = 0;
            if (group.IsActive) continue;
            group.IsActive = true;
            _active.Add(group);
        }

        if (_nextTick > now) return;
        _nextTick = Instant.Never;
        foreach (var viewer in _held)
        {
            viewer.IsHeld = false;
            List(viewer);
        }

        _held.Clear();
    }

    /// <summary>Writes the next run to some viewer; false when all have what may leave now.</summary>
    public bool TryTakeTransmit(Instant now, Span<byte> destination, out Transmit transmit)
    {
        while (_listed.Count > 0)
        {
            var viewer = _listed[^1];
            if (viewer.TryTakeTransmit(now, destination, out transmit)) return true;
            _listed.RemoveAt(_listed.Count - 1);
            viewer.IsListed = false;
            Hold(now, viewer);
        }

        while (_active.Count > 0)
        {
            var group = _active[^1];
            while (group.Next < group.Viewers.Count)
            {
                var viewer = group.Viewers[group.Next];
                if (viewer.TryTakeTransmit(now, destination, out transmit)) return true;
                group.Next++;
                Hold(now, viewer);
            }

            group.IsActive = false;
            _active.RemoveAt(_active.Count - 1);
        }

        transmit = default;
        return false;
    }

    private void Hold(Instant now, WhepViewer viewer)
    {
        if (!viewer.IsHeldBack || viewer.IsHeld) return;
        viewer.IsHeld = true;
        _held.Add(viewer);
        if (_nextTick == Instant.Never) _nextTick = now + BurstPacer.Interval;
    }
}
