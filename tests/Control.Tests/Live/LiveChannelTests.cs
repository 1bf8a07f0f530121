using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Tests.Live;

public sealed class LiveChannelTests
{
    private readonly LiveChannel _channel = new("meadow");
    private readonly List<(LiveStream Stream, StreamEnd Reason)> _ended = [];
    private int _changes;

    public LiveChannelTests()
    {
        _channel.StreamEnded += stream => _ended.Add((stream, stream.EndReason));
        _channel.Changed += _ => _changes++;
    }

    private sealed class Publication : IPublication
    {
        public List<StreamEnd> Closed { get; } = [];

        public string Protocol => "test";

        public string Vendor => "";

        public TimeSpan RoundTrip => TimeSpan.Zero;

        public void Close(StreamEnd reason)
        {
            lock (Closed) Closed.Add(reason);
        }
    }

    private sealed class Thread
    {
        private int _wakes;

        public Thread() => Reader = new ReaderThread(() => Interlocked.Increment(ref _wakes));

        public ReaderThread Reader { get; }

        /// <summary>How often it was woken; it has looked at everything then.</summary>
        public int Wakes
        {
            get
            {
                while (Reader.TryTake(out _))
                {
                }

                return _wakes;
            }
        }
    }

    private sealed class Audience : IAudience
    {
        public int Closed { get; private set; }

        public ViewerSnapshot Observe() => throw new NotSupportedException();

        public void Close() => Closed++;
    }

    [Fact]
    public void A_stream_that_is_put_on_can_be_seen_and_wakes_readers()
    {
        var thread = new Thread();
        _channel.AddReader(thread.Reader);
        var version = _channel.Version;
        var (stream, _) = NewStream();
        _channel.Start(stream);

        Assert.Same(stream, _channel.Stream);
        Assert.NotEqual(version, _channel.Version);
        Assert.Equal(1, thread.Wakes);
        Assert.Equal(1, _changes);
        Assert.False(stream.HasEnded);
    }

    [Fact]
    public void A_stream_ends_once_whoever_ends_it()
    {
        var (stream, publication) = NewStream();
        _channel.Start(stream);
        _channel.End(stream, StreamEnd.Lost);
        _channel.End(stream, StreamEnd.Stopped);

        Assert.Equal([(stream, StreamEnd.Lost)], _ended);
        Assert.Equal([StreamEnd.Lost], publication.Closed);
        Assert.Null(_channel.Stream);
        Assert.Equal(2, _changes);
    }

    [Fact]
    public void Of_many_ends_at_once_one_counts()
    {
        for (var round = 0; round < 200; round++)
        {
            var channel = new LiveChannel("meadow");
            var ended = 0;
            channel.StreamEnded += _ => Interlocked.Increment(ref ended);
            var (stream, publication) = NewStream();
            channel.Start(stream);
            Parallel.For(0, 8, i => channel.End(stream, (StreamEnd)(1 + i % 5)));

            Assert.Equal(1, ended);
            Assert.Equal([stream.EndReason], publication.Closed);
            Assert.Null(channel.Stream);
        }
    }

    [Fact]
    public void A_second_stream_takes_the_channel_over()
    {
        var (first, firstPublication) = NewStream();
        var (second, secondPublication) = NewStream();
        _channel.Start(first);
        _channel.Start(second);

        Assert.Same(second, _channel.Stream);
        Assert.Equal([(first, StreamEnd.TakenOver)], _ended);
        Assert.Equal([StreamEnd.TakenOver], firstPublication.Closed);
        Assert.Empty(secondPublication.Closed);

        // The first one's own end comes late and takes nothing from the second.
        _channel.End(first, StreamEnd.Lost);
        Assert.Same(second, _channel.Stream);
        Assert.Single(_ended);
    }

    [Fact]
    public void Of_many_streams_put_on_at_once_all_but_one_are_taken_over()
    {
        for (var round = 0; round < 100; round++)
        {
            var channel = new LiveChannel("meadow");
            var ended = 0;
            channel.StreamEnded += _ => Interlocked.Increment(ref ended);
            var streams = Enumerable.Range(0, 6).Select(_ => NewStream().Stream).ToArray();
            Parallel.ForEach(streams, channel.Start);

            Assert.Equal(5, ended);
            Assert.Same(Assert.Single(streams, s => !s.HasEnded), channel.Stream);
        }
    }

    [Fact]
    public void A_publication_that_ends_its_stream_when_closed_does_not_go_in_circles()
    {
        LiveStream? stream = null;
        var publication = new Circular(() => _channel.End(stream!, StreamEnd.Stopped));
        stream = new LiveStream("meadow", [], publication, DateTimeOffset.UnixEpoch);
        _channel.Start(stream);
        _channel.End(stream, StreamEnd.Ended);
        Assert.Equal([(stream, StreamEnd.Ended)], _ended);
    }

    [Fact]
    public void A_thread_is_woken_as_long_as_it_serves_a_viewer()
    {
        var busy = new Thread();
        var other = new Thread();
        _channel.AddReader(busy.Reader);
        _channel.AddReader(busy.Reader);
        _channel.AddReader(other.Reader);
        _channel.WakeReaders();
        Assert.Equal((1, 1), (busy.Wakes, other.Wakes));
        _channel.WakeReaders(except: other.Reader);
        Assert.Equal((2, 1), (busy.Wakes, other.Wakes));
        _channel.RemoveReader(busy.Reader);
        _channel.WakeReaders();
        Assert.Equal((3, 2), (busy.Wakes, other.Wakes));
        _channel.RemoveReader(busy.Reader);
        _channel.RemoveReader(busy.Reader);
        _channel.WakeReaders();
        Assert.Equal((3, 3), (busy.Wakes, other.Wakes));
    }

    [Fact]
    public void Readers_that_come_and_go_on_many_threads_leave_none()
    {
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread()).ToArray();
        Parallel.For(0, 400, i =>
        {
            _channel.AddReader(threads[i % 4].Reader);
            _channel.WakeReaders();
            _channel.RemoveReader(threads[i % 4].Reader);
        });
        var before = threads.Sum(t => t.Wakes);
        _channel.WakeReaders();
        Assert.Equal(before, threads.Sum(t => t.Wakes));
    }

    [Fact]
    public void A_viewer_counts_once_however_often_it_enters_or_leaves()
    {
        var viewer = new Audience();
        _channel.Enter(viewer);
        _channel.Enter(viewer);
        Assert.Equal(1, _channel.ViewerCount);
        _channel.Leave(viewer);
        var changes = _changes;
        _channel.Leave(viewer);
        Assert.Equal(0, _channel.ViewerCount);
        Assert.Equal(changes, _changes);
    }

    [Fact]
    public void A_channel_that_is_closed_ends_its_stream_and_sends_its_viewers_away()
    {
        var channels = new LiveChannels();
        var ended = new List<LiveStream>();
        channels.StreamEnded += ended.Add;
        var channel = channels.Open("meadow");
        Assert.Same(channel, channels.Open("meadow"));
        var (stream, publication) = NewStream();
        channel.Start(stream);
        var viewer = new Audience();
        channel.Enter(viewer);
        Assert.Equal([stream], channels.Streams());
        channels.Close("meadow");
        channels.Close("meadow");

        Assert.Equal([stream], ended);
        Assert.Equal([StreamEnd.Ended], publication.Closed);
        Assert.Equal(1, viewer.Closed);
        Assert.Null(channels.Find("meadow"));
        Assert.Empty(channels.Streams());
    }

    [Fact]
    public void Every_stream_ends_with_the_node()
    {
        var channels = new LiveChannels();
        var streams = Enumerable.Range(0, 5).Select(i =>
        {
            var (stream, _) = NewStream();
            channels.Open($"channel-{i}").Start(stream);
            return stream;
        }).ToArray();
        channels.Shutdown();
        channels.Shutdown();
        Assert.All(streams, stream => Assert.Equal(StreamEnd.Shutdown, stream.EndReason));
    }

    [Fact]
    public void Tracks_are_found_by_kind_number_and_layer()
    {
        var slab = new Slab(4096, 1);
        Track[] tracks = [.. new[]
        {
            new TrackId(MediaKind.Video, 0, "l"), new TrackId(MediaKind.Video, 0, "h"), new TrackId(MediaKind.Audio, 0, ""), new TrackId(MediaKind.Video, 1, ""),
        }.Select(id => new Track(id, slab, PacketLogLimits.Video))];
        var stream = new LiveStream("meadow", tracks, new Publication(), DateTimeOffset.UnixEpoch);

        Assert.Same(tracks[0], stream.Find(MediaKind.Video, 0));
        Assert.Same(tracks[1], stream.Find(MediaKind.Video, 0, "h"));
        Assert.Same(tracks[2], stream.Find(MediaKind.Audio, 0));
        Assert.Same(tracks[3], stream.Find(MediaKind.Video, 1));
        Assert.Null(stream.Find(MediaKind.Video, 0, "x"));
        Assert.Null(stream.Find(MediaKind.Audio, 1));
    }

    private static (LiveStream Stream, Publication Publication) NewStream()
    {
        var publication = new Publication();
        return (new LiveStream("meadow", [], publication, DateTimeOffset.UnixEpoch), publication);
    }

    private sealed class Circular(Action end) : IPublication
    {
        public string Protocol => "test";

        public string Vendor => "";

        public TimeSpan RoundTrip => TimeSpan.Zero;

        public void Close(StreamEnd reason) => end();
    }
}
