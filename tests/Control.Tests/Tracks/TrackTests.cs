using Sluice.Control.Tracks;
using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Tests.Tracks;

public sealed class TrackTests
{
    private static readonly TrackId Id = new(MediaKind.Video, 0, "h");
    private int _wakes;

    [Fact]
    public void Requests_for_a_key_picture_join_until_the_input_takes_them()
    {
        var track = NewTrack();
        Assert.False(track.TakeKeyframeRequest());
        for (var i = 0; i < 50; i++) track.RequestKeyframe();
        Assert.Equal(1, _wakes);
        Assert.Equal(1, track.Statistics.KeyframeRequests);
        Assert.True(track.TakeKeyframeRequest());
        Assert.False(track.TakeKeyframeRequest());
        track.RequestKeyframe();
        Assert.Equal(2, _wakes);
    }

    [Fact]
    public void Of_requests_on_many_threads_one_wakes_the_input()
    {
        for (var round = 0; round < 200; round++)
        {
            var track = NewTrack();
            _wakes = 0;
            Parallel.For(0, 8, _ => track.RequestKeyframe());
            Assert.Equal(1, _wakes);
            Assert.True(track.TakeKeyframeRequest());
        }
    }

    [Fact]
    public void A_source_that_makes_no_key_pictures_is_not_asked()
    {
        var track = new Track(Id, new Slab(4096, 1), PacketLogLimits.Video);
        track.RequestKeyframe();
        Assert.False(track.TakeKeyframeRequest());
        Assert.Equal(0, track.Statistics.KeyframeRequests);
    }

    [Fact]
    public void The_first_who_wants_a_face_is_told_of_and_the_last_who_goes()
    {
        var track = NewTrack();
        var changes = 0;
        track.WantChanged += _ => changes++;
        track.Want(TrackFace.Packets);
        track.Want(TrackFace.Packets);
        Assert.Equal(1, changes);
        track.Unwant(TrackFace.Packets);
        Assert.True(track.IsWanted(TrackFace.Packets));
        track.Unwant(TrackFace.Packets);
        Assert.Equal(2, changes);
        Assert.False(track.IsWantedAtAll);
    }

    [Fact]
    public void The_other_face_is_derived_only_while_somebody_wants_it()
    {
        var converter = new Converter();
        var track = new Track(Id, new Slab(4096, 1), PacketLogLimits.Video) { Native = TrackFace.Frames, Converters = converter };
        track.Derive(Instant.Zero);
        track.Want(TrackFace.Frames);
        track.Derive(Instant.Zero);
        Assert.Equal((0, 0, 0), (converter.Made, converter.Conversions, converter.Pauses));
        track.Want(TrackFace.Packets);
        track.Derive(Instant.Zero);
        track.Derive(Instant.Zero);
        track.Unwant(TrackFace.Packets);
        track.Derive(Instant.Zero);
        track.Derive(Instant.Zero);
        Assert.Equal((1, 2, 1), (converter.Made, converter.Conversions, converter.Pauses));
        track.Want(TrackFace.Packets);
        track.Derive(Instant.Zero);
        Assert.Equal((1, 3, 1), (converter.Made, converter.Conversions, converter.Pauses));
    }

    private sealed class Converter : ITrackConverters, ITrackConverter
    {
        public int Made { get; private set; }

        public int Conversions { get; private set; }

        public int Pauses { get; private set; }

        public ITrackConverter Make(Track track)
        {
            Made++;
            return this;
        }

        public void Convert(Instant now) => Conversions++;

        public void Pause() => Pauses++;
    }

    [Fact]
    public void The_same_format_has_one_index_and_the_table_ends()
    {
        var track = NewTrack();
        var indices = Enumerable.Range(0, 200).Select(i => track.IndexOf(Format(i))).ToArray();
        Assert.Equal(64, track.FormatCount);
        for (var i = 0; i < 64; i++)
        {
            Assert.Equal(i, indices[i]);
            Assert.Equal(Format(i), track.FormatAt((byte)i));
            Assert.Equal(i, track.IndexOf(Format(i)));
        }

        Assert.All(indices[64..], index => Assert.Equal(63, index));
    }

    [Theory]
    [InlineData(MediaKind.Video, 0, "", "video-0")]
    [InlineData(MediaKind.Video, 1, "l", "video-1-l")]
    [InlineData(MediaKind.Audio, 2, "", "audio-2")]
    public void An_id_reads_as_kind_number_and_layer(MediaKind kind, int number, string encoding, string text) =>
        Assert.Equal(text, new TrackId(kind, number, encoding).ToString());

    private static TrackFormat Format(int number) => new(Codec.H264, 90_000, 0, $"profile-level-id=42e0{number:x2}");

    private Track NewTrack() => new(Id, new Slab(4096, 1), PacketLogLimits.Video, () => Interlocked.Increment(ref _wakes));
}
