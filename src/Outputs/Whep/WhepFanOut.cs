using System.Runtime.InteropServices;
using Sluice.Control.Live;
using Sluice.Protocols.Rtp.Pacing;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Whep;

/// <summary>
/// One shard's share of the fan-out: for each channel its viewers on this shard. When a channel's logs have grown, every viewer of it is
/// visited once and takes a run; viewers with work of their own (retransmissions, packets held back by pacing) are visited apart.
/// </summary>
/// <remarks>
/// Sans-IO like a machine: the shard's thread drives it, and takes until there is no more. With a batch, the tags of what was taken are written by
/// <see cref="CompleteTransmits"/>, and what they are written to must not move till then.
/// </remarks>
public sealed class WhepFanOut(ReaderThread thread, SrtpBatch? batch = null)
{
    private readonly Dictionary<LiveChannel, Group> _groups = [];
    private readonly List<Group> _fresh = [];
    private readonly List<Group> _active = [];
    private readonly Queue<WhepViewer> _listed = []; // those that left are passed over when their turn comes
    private readonly List<WhepViewer> _held = [];
    private Instant _nextTick = Instant.Never;
    private bool _channelsFirst;

    // A picture is a few runs. A viewer with more than that to catch up on does so among its like, a run at a time.
    private const int MaxRunsPerVisit = 8;

    private sealed class Group(LiveChannel channel)
    {
        private long[] _seenHeads = [];
        private long _seenVersion = -1;
        private LiveStream? _stream;

        public LiveChannel Channel { get; } = channel;

        public List<WhepViewer> Viewers { get; } = [];

        /// <summary>Who is visited next. A round goes on where the last one ended: news that comes before its end must not send it back to the first viewers.</summary>
        public int Next { get; set; }

        /// <summary>Viewers still to be visited in this round.</summary>
        public int Left { get; set; }

        /// <summary>Runs the viewer has been sent in this visit.</summary>
        public int Taken { get; set; }

        /// <summary>True where news came during the round: there will be another, after those of the other channels.</summary>
        public bool HasMore { get; set; }

        public bool IsActive { get; set; }

        /// <summary>
        /// Between two pictures everything else runs through the caches: a viewer's state is brought back while those before it are served, each step
        /// when what points to it is there.
        /// </summary>
        public void FetchAhead()
        {
            var viewers = CollectionsMarshal.AsSpan(Viewers);
            var at = Next + 1;
            if (at + 3 < viewers.Length) Prefetch.Lines(viewers[at + 3], WhepViewer.ObjectLines);
            if (at + 2 < viewers.Length) viewers[at + 2].FetchTracks();
            if (at + 1 < viewers.Length) viewers[at + 1].FetchSources();
            if (at < viewers.Length) viewers[at].Peer.FetchKeys();
        }

        /// <summary>True where there is something to send: another stream, or packets nobody here has been sent.</summary>
        public bool TakeNews()
        {
            var version = Channel.Version;
            var isNews = version != _seenVersion;
            if (isNews)
            {
                _seenVersion = version;
                _stream = Channel.Stream;
                if (_seenHeads.Length < (_stream?.Tracks.Count ?? 0)) _seenHeads = new long[_stream!.Tracks.Count];
                Array.Clear(_seenHeads);
                return true;
            }

            for (var i = 0; i < (_stream?.Tracks.Count ?? 0); i++)
            {
                var head = _stream!.Tracks[i].Packets.Head;
                isNews |= head != _seenHeads[i];
                _seenHeads[i] = head;
            }

            return isNews;
        }
    }

    /// <summary>Viewers on this shard.</summary>
    public int ViewerCount { get; private set; }

    /// <summary>How often a channel was looked at for news.</summary>
    public long GroupsVisited { get; private set; }

    /// <summary>When packets held back by pacing may leave.</summary>
    public Instant NextTimeout => _nextTick;

    internal void Add(WhepViewer viewer)
    {
        viewer.Channel.AddReader(thread);
        if (!_groups.TryGetValue(viewer.Channel, out var group))
        {
            // What the channel has already is news nobody will tell.
            _groups.Add(viewer.Channel, group = new Group(viewer.Channel));
            _fresh.Add(group);
        }

        group.Viewers.Add(viewer);
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
        viewer.IsListed = false;
        _held.Remove(viewer);
        if (group.Viewers.Count == 0)
        {
            _groups.Remove(viewer.Channel);
            _fresh.Remove(group);
            _active.Remove(group);
        }
    }

    /// <summary>Has one viewer visited, whatever its channel does.</summary>
    internal void List(WhepViewer viewer)
    {
        if (viewer.IsListed) return;
        viewer.IsListed = true;
        _listed.Enqueue(viewer);
    }

    /// <summary>Before taking: looks at the channels that have news.</summary>
    public void Prepare(Instant now)
    {
        foreach (var group in _fresh)
        {
            Look(group);
        }

        _fresh.Clear();
        while (thread.TryTake(out var reader))
        {
            // News may outlive the last viewer here.
            if (_groups.TryGetValue(reader.Channel, out var group)) Look(group);
        }

        ReleaseViewers(now);
    }

    private void Look(Group group)
    {
        GroupsVisited++;
        if (!group.TakeNews()) return;
        if (group.IsActive)
        {
            group.HasMore = true;
            return;
        }

        group.Left = group.Viewers.Count;
        group.IsActive = true;
        _active.Add(group);
    }

    private void ReleaseViewers(Instant now)
    {
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
        // Viewers that catch up are listed again and again; on a machine that cannot keep up either side alone would never come to an end.
        _channelsFirst = !_channelsFirst;
        return _channelsFirst
            ? TakeFromChannels(now, destination, out transmit) || TakeFromListed(now, destination, out transmit)
            : TakeFromListed(now, destination, out transmit) || TakeFromChannels(now, destination, out transmit);
    }

    private bool TakeFromListed(Instant now, Span<byte> destination, out Transmit transmit)
    {
        transmit = default;
        while (_listed.TryPeek(out var viewer))
        {
            var isTaken = viewer.IsListed && viewer.TryTakeTransmit(now, destination, batch, out transmit);
            _listed.Dequeue();
            if (isTaken)
            {
                _listed.Enqueue(viewer); // the others first, a run each
                return true;
            }

            if (!viewer.IsListed) continue;
            viewer.IsListed = false;
            Hold(now, viewer);
        }

        return false;
    }

    private bool TakeFromChannels(Instant now, Span<byte> destination, out Transmit transmit)
    {
        while (_active.Count > 0)
        {
            var group = _active[0];
            while (group.Left > 0)
            {
                if (group.Next >= group.Viewers.Count) group.Next = 0;
                var viewer = group.Viewers[group.Next];
                var isTaken = viewer.TryTakeTransmit(now, destination, batch, out transmit);
                if (isTaken && ++group.Taken < MaxRunsPerVisit) return true;
                if (isTaken) List(viewer);
                else Hold(now, viewer);
                group.Taken = 0;
                group.Next++;
                group.Left--;
                group.FetchAhead();
                if (isTaken) return true;
            }

            // Channels take turns too: one that always has more must not keep the others waiting.
            _active.RemoveAt(0);
            group.IsActive = group.HasMore;
            if (!group.HasMore) continue;
            group.HasMore = false;
            group.Left = group.Viewers.Count;
            _active.Add(group);
        }

        transmit = default;
        return false;
    }

    /// <summary>Finishes everything taken: to be called before any of it is sent.</summary>
    public void CompleteTransmits() => batch?.Complete();

    private void Hold(Instant now, WhepViewer viewer)
    {
        if (!viewer.IsHeldBack || viewer.IsHeld) return;
        viewer.IsHeld = true;
        _held.Add(viewer);
        if (_nextTick == Instant.Never) _nextTick = now + BurstPacer.Interval;
    }
}
