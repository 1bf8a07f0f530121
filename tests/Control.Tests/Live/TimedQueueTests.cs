using Sluice.Control.Live;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Tests.Live;

public sealed class TimedQueueTests
{
    private readonly TimedQueue<TimedNote> _notes = new();
    private Instant _now = Instant.FromMilliseconds(1000);

    [Fact]
    public void Every_reader_takes_every_note_once()
    {
        Assert.True(Post("a"));
        Assert.True(Post("b"));
        Assert.Equal(["a", "b"], Take(0));
        Assert.Equal(["b"], Take(1));
        Assert.Empty(Take(2));
    }

    [Fact]
    public void A_reader_that_is_far_behind_misses_the_oldest()
    {
        for (var i = 0; i < TimedQueue<TimedNote>.Capacity + 3; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            Assert.True(Post($"{i}"));
        }

        Assert.Equal(Enumerable.Range(3, TimedQueue<TimedNote>.Capacity).Select(i => $"{i}"), Take(0));
    }

    [Fact]
    public void Twenty_at_once_and_ten_a_second_are_taken()
    {
        Assert.Equal(20, Enumerable.Range(0, 100).Count(_ => Post("x")));
        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => Post("x")));
    }

    [Fact]
    public void A_note_that_is_too_large_does_not_fit()
    {
        Assert.True(new TimedNote(default, new string('n', TimedNote.MaxName)) { Text = new string('é', TimedNote.MaxContent / 2) }.Fits);
        Assert.False(new TimedNote(default, new string('n', TimedNote.MaxName + 1)).Fits);
        Assert.False(new TimedNote(default, "n") { Text = new string('é', TimedNote.MaxContent / 2 + 1) }.Fits);
        Assert.False(new TimedNote(default, "n") { Data = new byte[TimedNote.MaxContent + 1] }.Fits);
    }

    private bool Post(string name) => _notes.TryPost(new TimedNote(default, name), _now);

    private List<string> Take(long position)
    {
        var names = new List<string>();
        while (_notes.TryTake(ref position, out var note)) names.Add(note.Name);
        return names;
    }
}
